"""Policies of the project, one of them as a form, and what its changes would have made of past runs. Writes nothing:
the changed policy is a file to download."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from ftsafety_spec.compose import Project, list_names, lock_policy
from ftsafety_spec.compose.policy_diff import diff, loosens
from ftsafety_spec.console.desk import Desk, desk_of, framed
from ftsafety_spec.console.editing import Edited, as_yaml, edited, parts_of
from ftsafety_spec.console.forms import Form, form_of
from ftsafety_spec.errors import InputError
from ftsafety_spec.pipeline.policy_replay import Replayed, replay_locked
from ftsafety_spec.records.base import Meta
from ftsafety_spec.records.locked import LockedPolicy
from ftsafety_spec.spec.effective import Change
from ftsafety_spec.spec.policy import Policy
from ftsafety_spec.spec.rule_words import figure

router = APIRouter()
MOST = 200
"""Flips that are listed."""


@router.get("/policies")
def policies_page(request: Request) -> HTMLResponse:
    """Policies that can be tried out, and how many runs each has judged."""
    desk = desk_of(request)
    judged: dict[str, int] = {}
    for head in desk.heads.all():
        judged[head.policy] = judged.get(head.policy, 0) + (head.decision is not None)
    found = list_names(Project(desk.root), "policies")
    return framed(request, "policies.html.j2", here="policies", policies=found, judged=judged)


@router.get("/policies/try")
def try_page(request: Request, name: str) -> HTMLResponse:
    """A policy as a form."""
    return _form(request, locked_of(desk_of(request), name), {}, None, None)


@router.post("/policies/try")
def replay_form(request: Request, form: Annotated[Form, Depends(form_of)]) -> Response:
    """Past runs under the changed policy, or the changed policy as a file."""
    desk = desk_of(request)
    locked = locked_of(desk, form.one("name"))
    given = {name: values[-1] for name, values in form.fields.items()}
    made = edited(locked.policy, given)
    if made.policy is None:
        return _form(request, locked, given, made, None, status=422)
    if form.one("do") == "download":
        return _file(locked, made)
    changed = LockedPolicy(name=f"{locked.name}-edited", policy=made.policy, extends=(locked.name,))
    return _form(request, locked, given, made, replay_locked(changed.sealed(Meta.now()), [desk.root / "runs"]))


def locked_of(desk: Desk, name: str) -> LockedPolicy:
    """A policy by name, composed again only where a file of the project's policies has changed. Raises SpecError."""
    folder = desk.root / "policies"
    files = tuple(sorted(path.relative_to(desk.root).as_posix() for path in folder.rglob("*.yaml")))
    return desk.kept.get(f"policy {name}", desk.root, files, lambda: lock_policy(name, Project(desk.root)))


def _file(locked: LockedPolicy, made: Edited) -> Response:
    if not made.changes:
        raise InputError("nothing was changed, so there is no file to make.", code="FTS-115")
    name = re.sub(r"[^A-Za-z0-9._-]", "-", locked.name)
    text = as_yaml(locked.name, locked.compute_digest(), made.changes)
    headers = {"content-disposition": f'attachment; filename="{name}-edited.yaml"'}
    return Response(text, media_type="application/yaml; charset=utf-8", headers=headers)


def _form(
    request: Request,
    locked: LockedPolicy,
    given: dict[str, str],
    made: Edited | None,
    replayed: Replayed | None,
    status: int = 200,
) -> HTMLResponse:
    changes = _changes(locked.policy, made.policy) if made is not None and made.policy is not None else []
    text = as_yaml(locked.name, locked.compute_digest(), made.changes) if made is not None and made.changes else ""
    return framed(
        request,
        "policy.html.j2",
        status,
        here="policies",
        policy=locked,
        parts=parts_of(locked.policy),
        given=given,
        mistakes=made.mistakes if made is not None else {},
        changes=changes,
        text=text,
        replayed=replayed,
        flips=_ordered(replayed),
        most=MOST,
    )


def _ordered(replayed: Replayed | None) -> list[dict[str, Any]]:
    """Flips, what permits more first, with the name of the run's folder."""
    flips = sorted(replayed.flips, key=lambda flip: (flip.direction == "stricter", flip.run)) if replayed else []
    return [{"flip": flip, "run": flip.run.rsplit("/", 1)[-1]} for flip in flips[:MOST]]


def _changes(old: Policy, new: Policy) -> list[dict[str, Any]]:
    return [_change(old, change) for change in diff(old, new)]


def _change(old: Policy, change: Change) -> dict[str, Any]:
    """A change in words; `locked`: why nobody may make it."""
    lock = next((old.locks[name] for name in (change.rule, f"{change.rule}.{change.field}") if name in old.locks), None)
    return {
        "what": f"{change.rule}: {change.field.replace('_', ' ').replace('.', ' ')}",
        "was": figure(change.field, change.old),
        "now": figure(change.field, change.new),
        "direction": change.direction,
        "looser": loosens(change),
        "locked": lock if loosens(change) else None,
    }
