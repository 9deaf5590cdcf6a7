"""The manual red-team desk: choose a run, sit down, send messages to base and tuned together, tag, note, branch, end.
Writes what `ftsafety redteam RUN --terminal` writes, by the same functions."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ftsafety_spec.console.desk import Desk, desk_of, framed
from ftsafety_spec.console.forms import Form, form_of, person
from ftsafety_spec.console.framing import run_framed
from ftsafety_spec.console.heads import Head
from ftsafety_spec.console.paper import link, page
from ftsafety_spec.console.talk import beginnings, conversation
from ftsafety_spec.errors import FtsafetyError, InputError
from ftsafety_spec.pipeline.red_team.desk import SessionDesk, Sitter, checklist_of, pair_of, spent
from ftsafety_spec.pipeline.red_team.session_evidence import (
    body_of,
    closed_names,
    minutes_asked,
    minutes_given,
    session_bodies,
)
from ftsafety_spec.pipeline.red_team.session_journal import (
    one_session,
    session_names,
    session_texts,
    sessions_of,
)
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.red_team import SEVERITIES
from ftsafety_spec.records.session import OFF_DOMAIN, TAGS, SessionBody
from ftsafety_spec.records.session_turns import Session

router = APIRouter()


@router.get("/redteam")
def chooser_page(request: Request) -> HTMLResponse:
    """Which run is probed."""
    desk = desk_of(request)
    rows = [_chosen(head) for head in desk.heads.all()]
    return framed(request, "redteam_runs.html.j2", here="redteam", rows=rows)


@router.get("/runs/{run}/redteam")
def start_page(request: Request, run: str) -> HTMLResponse:
    """Who sits down, what the policy asks for, and the sessions so far."""
    desk = desk_of(request)
    head = desk.run(run)
    folder = RunFolder(head.path)
    locked, plan = folder.read(LockedSpec), folder.read(Plan)
    against = [name for name, variant in locked.variants.items() if variant.against is not None]
    return run_framed(
        request,
        desk,
        head,
        "redteam",
        "redteam_start.html.j2",
        variants=against,
        chosen=pair_of(locked)[1] if against else None,
        domain=locked.spec.domain,
        checklist=checklist_of(locked, plan),
        asked=minutes_asked(folder),
        given=minutes_given(folder),
        sessions=[_row(folder, session) for session in sessions_of(folder)],
    )


@router.post("/runs/{run}/redteam")
def start_form(request: Request, run: str, form: Annotated[Form, Depends(form_of)]) -> Response:
    """Sit down, or end a session that was left open."""
    desk = desk_of(request)
    head = desk.run(run)
    folder = RunFolder(head.path)
    if form.one("do") == "end":
        return _ended(request, desk, head, form.one("session"))
    if form.one("do") == "go-on":
        return _to(head, desk.sessions.take_up(folder, form.one("session")).session.id)
    sitter = Sitter(person(form.one("by")), "desk", form.one("variant") or None)
    if form.one("focus") == "any":
        sitter = replace(sitter, focus="any")
    return RedirectResponse(_address(head, desk.sessions.begin(folder, sitter).session.id), status_code=303)


@router.get("/runs/{run}/redteam/{session}")
def desk_page(request: Request, run: str, session: str, part: str = "") -> HTMLResponse:
    """The desk, or a part of it for the page that is open: `talk`, `clock`."""
    desk = desk_of(request)
    head = desk.run(run)
    folder = RunFolder(head.path)
    at = desk.sessions.found(folder, session)
    values = _open(desk, folder, at) if at is not None else _read(folder, session)
    given = {"head": head, "csrf": desk.access.csrf, **values}
    if part in ("talk", "clock"):
        return HTMLResponse(page(f"redteam_{part}.html.j2", **given))
    return run_framed(request, desk, head, "redteam", "redteam.html.j2", **values)


@router.post("/runs/{run}/redteam/{session}")
def desk_form(request: Request, run: str, session: str, form: Annotated[Form, Depends(form_of)]) -> Response:
    """One thing that the person does."""
    desk = desk_of(request)
    head = desk.run(run)
    do = form.one("do")
    if do == "end":
        return _ended(request, desk, head, session)
    _done(desk.sessions.take_up(RunFolder(head.path), session), do, form)
    return _to(head, session)


def _done(at: SessionDesk, do: str, form: Form) -> None:
    if do == "say":
        at.say(form.one("text"), form.one("category") or None)
    elif do == "pause":
        at.pause()
    elif do == "move":
        at.move(_turn(form) if form.one("turn") else None)
    elif do == "note":
        at.note(_turn(form), form.one("text"))
    elif do == "categorise":
        at.categorise(_turn(form), form.one("category") or None)
    elif form.one("tag"):
        at.tag(_turn(form), form.one("variant"), form.one("tag"), form.one("severity") or "medium")
    elif form.one("untag"):
        at.tag(_turn(form), form.one("variant"), form.one("untag"), on=False)
    else:
        raise InputError("that is nothing that can be done here.", code="FTS-115")


def _turn(form: Form) -> int:
    text = form.one("turn")
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise InputError("a turn has a number.", code="FTS-115")
    return int(text)


def _open(desk: Desk, folder: RunFolder, at: SessionDesk) -> dict[str, Any]:
    clock = at.clock()
    return {
        **_shown(folder, at.session, at.texts),
        "seconds": int(clock.seconds),
        "left_out": {why: int(seconds) for why, seconds in clock.left_out.items() if seconds >= 1},
        "live": True,
        "opening": not desk.sessions.opened(folder),
        "fault": at.fault.problems[0].message if at.fault is not None else None,
    }


def _read(folder: RunFolder, name: str) -> dict[str, Any]:
    """A session that is not open here."""
    session = one_session(folder, name)
    body = _body(folder, session)
    return {
        **_shown(folder, session, session_texts(folder, name)),
        "seconds": int(body.minutes * 60),
        "left_out": {why: int(minutes * 60) for why, minutes in body.not_counted.items()},
        "live": False,
        "opening": False,
        "fault": None,
    }


def _shown(folder: RunFolder, session: Session, texts: Any) -> dict[str, Any]:
    usd, tokens = spent(session)
    last = session.turns[session.current] if session.current is not None else None
    return {
        "session": session,
        "talk": conversation(session, texts),
        "beginnings": beginnings(session, texts),
        "waiting": session.waiting is not None,
        "counts": session.by_category(),
        "elsewhere": OFF_DOMAIN,
        "category": last.category if last is not None else None,
        "usd": usd,
        "tokens": tokens,
        "words": TAGS,
        "severities": SEVERITIES,
        "asked": minutes_asked(folder),
        "given": minutes_given(folder),
        "to": link("runs", folder.root.name, "redteam", session.id),
        "evidence": session.id in closed_names(folder),
    }


def _row(folder: RunFolder, session: Session) -> dict[str, Any]:
    bodies = {body.session: (item, body) for item, body in session_bodies(folder)}
    item, _ = bodies.get(session.id, (None, None))
    state = "evidence" if item is not None else "ended" if session.ended is not None else "open"
    signed = item is not None and item.signature is not None
    return {"session": session, "body": _body(folder, session), "state": state, "signed": signed}


def _body(folder: RunFolder, session: Session) -> SessionBody:
    found = next((body for _, body in session_bodies(folder) if body.session == session.id), None)
    return found or body_of(folder, session)


def _chosen(head: Head) -> dict[str, Any]:
    """A run for the chooser; one that cannot be read is told by its own page."""
    folder = RunFolder(head.path)
    try:
        asked, given = minutes_asked(folder), minutes_given(folder)
    except FtsafetyError:
        asked, given = None, 0.0
    there = set(session_names(folder))
    return {"head": head, "asked": asked, "given": given, "sessions": len(there)}


def _ended(request: Request, desk: Desk, head: Head, name: str) -> HTMLResponse:
    folder = RunFolder(head.path)
    done = desk.sessions.end(folder, name)
    return run_framed(request, desk, head, "redteam", "redteam_ended.html.j2", done=done, to=_address(head, name))


def _address(head: Head, name: str) -> str:
    return link("runs", head.run, "redteam", name)


def _to(head: Head, name: str) -> RedirectResponse:
    return RedirectResponse(_address(head, name) + "#last", status_code=303)
