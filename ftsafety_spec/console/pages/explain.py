"""How a verdict or a figure of a run came about: `ftsafety explain` as a page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ftsafety_spec.console.desk import desk_of
from ftsafety_spec.console.framing import RECORDS, run_framed
from ftsafety_spec.pipeline.explaining import explain_run
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy
from ftsafety_spec.report.explain_blocks import explanation_blocks

router = APIRouter()


@router.get("/runs/{run}/explain")
def explain_page(request: Request, run: str, name: str = "") -> HTMLResponse:
    """The whole verdict, or what `name` means in this run."""
    desk = desk_of(request)
    head = desk.run(run)
    wanted = name.strip() or None
    made = desk.kept.get(
        f"explain {wanted}", head.path, RECORDS, lambda: explanation_blocks(explain_run(head.path, wanted))
    )
    names = desk.kept.get("names", head.path, RECORDS, lambda: _names(RunFolder(head.path)))
    return run_framed(request, desk, head, "explain", "explain.html.j2", blocks=made, name=name, names=names)


def _names(folder: RunFolder) -> list[str]:
    """What can be asked for: rules, outcomes, areas."""
    comparison = folder.read(Comparison)
    outcomes = dict.fromkeys(cell.outcome for cell in comparison.cells)
    areas = dict.fromkeys(cell.of for cell in comparison.cells if cell.by == "area")
    return [*folder.read(LockedPolicy).policy.rules, *outcomes, *areas]
