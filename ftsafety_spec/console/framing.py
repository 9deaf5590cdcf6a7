"""What the pages of one run share: its name and state on top, the way to its other pages, and where single samples are.
Given a run and a template, gives the page."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from ftsafety_spec.console.desk import Desk, framed
from ftsafety_spec.console.heads import Head
from ftsafety_spec.console.listing import state_of
from ftsafety_spec.records.folder import RunFolder

RECORDS = ("spec.lock.json", "policy.lock.json", "plan.json", "comparison.json", "verdict.json")
"""Files that a judged run's pages are made of."""


def run_framed(request: Request, desk: Desk, head: Head, here: str, template: str, **values: Any) -> HTMLResponse:
    """A page about one run, with its name, state and the way to its other pages."""
    state = state_of(head, desk.today())
    return framed(request, template, here="run", tab=here, head=head, state=state, **values)


def logs_of(desk: Desk, head: Head) -> dict[str, Any]:
    """Inspect's own logs of a run, and the command that opens them."""
    folder = RunFolder(head.path).logs
    names = sorted(path.relative_to(desk.root).as_posix() for path in folder.rglob("*.eval")) if folder.is_dir() else []
    return {"names": names, "command": f"inspect view --log-dir {folder.relative_to(desk.root).as_posix()}"}
