"""The review queue of a run: one item at a time, blind, by keys or buttons; then flagged findings; then all of it is
made to count. Writes what `ftsafety review` writes, by the same functions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ftsafety_spec.console.desk import Desk, desk_of
from ftsafety_spec.console.forms import Form, form_of, person
from ftsafety_spec.console.framing import run_framed
from ftsafety_spec.console.heads import Head
from ftsafety_spec.console.paper import link
from ftsafety_spec.console.sitting import Sitting, asked_of, basis_of, sitting
from ftsafety_spec.errors import InputError, NotFoundError
from ftsafety_spec.gate.people import reviewer_role
from ftsafety_spec.pipeline.agreement import reviewers_agree
from ftsafety_spec.pipeline.judgements import Notes, read_reviewed, reviewers
from ftsafety_spec.pipeline.queue import Item
from ftsafety_spec.pipeline.reviews import not_named, queue_for, settle
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy

router = APIRouter()


@router.get("/runs/{run}/review")
def review_page(request: Request, run: str, by: str = "", last: str = "") -> HTMLResponse:
    """Who reviews, and how far everybody is; with a name, what is asked next."""
    desk = desk_of(request)
    head = desk.run(run)
    if not by.strip():
        return _start(request, desk, head)
    made = sitting(desk, head, person(by), request.query_params.getlist("so"), last)
    return _framed(request, desk, head, made)


@router.post("/runs/{run}/review")
def review_form(request: Request, run: str, form: Annotated[Form, Depends(form_of)]) -> Response:
    """Write down a word, a skip, an undo, or an approval; then on to what comes next."""
    desk = desk_of(request)
    head = desk.run(run)
    by = person(form.one("by"))
    if form.one("do") == "settle":
        return _settled(request, desk, head, by)
    so, last = _taken(desk, head, by, form)
    query = [("by", by), *(("so", word) for word in so), *([("last", last)] if last else [])]
    return RedirectResponse(link("runs", run, "review") + "?" + _encoded(query), status_code=303)


def _encoded(query: list[tuple[str, str]]) -> str:
    from urllib.parse import urlencode

    return urlencode(query)


def _taken(desk: Desk, head: Head, by: str, form: Form) -> tuple[list[str], str]:
    """What one form says, written down. Words said so far of an item that asks for another one; the id to undo."""
    folder, do, so = RunFolder(head.path), form.one("do"), form.all("so")
    if do == "undo":
        return _undone(folder, by, so, form.one("last"))
    if do in ("approve", "reject"):
        return [], _approved(desk, head, by, form.one("flag"), do)
    item = _item(desk, head, by, form.one("item"))
    if do == "skip":
        with Notes(folder, by) as notes:
            notes.skip(item.id)
        return [], item.id
    words = [*so, form.one("word")]
    if any(word not in item.words for word in words) or len(words) > asked_of(item):
        raise InputError(f"one of {', '.join(item.words)} is expected.", code="FTS-115")
    if len(words) < asked_of(item):
        return words, form.one("last")
    with Notes(folder, by) as notes:
        notes.judge(item, tuple(words))
    return [], item.id


def _undone(folder: RunFolder, by: str, so: list[str], last: str) -> tuple[list[str], str]:
    """Take back the word before this one: of this item, else the last item of the sitting, else the last one judged."""
    if so:
        return so[:-1], last
    judged = read_reviewed(folder, by).judged
    name = last or next(reversed(list(judged)), "")
    if name:
        with Notes(folder, by) as notes:
            notes.undo(name)
    return [], ""


def _approved(desk: Desk, head: Head, by: str, name: str, verdict: str) -> str:
    folder, basis = RunFolder(head.path), basis_of(desk, head)
    known = [flag.id for flag in queue_for(basis, folder, by).flags]
    if name not in known:
        raise NotFoundError("flagged finding", name, known)
    with Notes(folder, by) as notes:
        notes.word(name, "approve" if verdict == "approve" else "reject", basis.comparison.compute_digest())
    return name


def _item(desk: Desk, head: Head, by: str, name: str) -> Item:
    """An item of the queue, or one that was judged before the queue changed. Raises NotFoundError."""
    folder = RunFolder(head.path)
    items = {item.id: item for item in queue_for(basis_of(desk, head), folder, by).items}
    if name not in items:
        raise NotFoundError("item of the queue", name, list(items))
    return items[name]


def _start(request: Request, desk: Desk, head: Head) -> HTMLResponse:
    folder = RunFolder(head.path)
    policy = folder.read(LockedPolicy).policy
    role = reviewer_role(policy)
    queue = queue_for(basis_of(desk, head), folder)
    return run_framed(
        request,
        desk,
        head,
        "review",
        "review_start.html.j2",
        role=role,
        named=policy.roles.get(role, []),
        counts=queue.counts(),
        items=len(queue.items),
        flags=queue.flags,
        people=reviewers(folder),
        agreement=[row.line() for row in reviewers_agree(folder)],
    )


def _framed(request: Request, desk: Desk, head: Head, made: Sitting) -> HTMLResponse:
    warning = not_named(RunFolder(head.path), made.by) if made.flag is not None else None
    return run_framed(request, desk, head, "review", "review.html.j2", sitting=made, warning=warning)


def _settled(request: Request, desk: Desk, head: Head, by: str) -> HTMLResponse:
    """Labels into grades, the run compared anew, approvals into evidence."""
    folder = RunFolder(head.path)
    done = settle(folder, by)
    return run_framed(
        request, desk, head, "review", "review_settled.html.j2", by=by, done=done, warning=not_named(folder, by)
    )
