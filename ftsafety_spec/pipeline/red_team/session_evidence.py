"""A session into evidence: given a session that is over, appends one `session` record, and one `finding` record where
something was tagged; signed where there is a key. What was closed before is not closed again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ftsafety_spec.errors import InputError
from ftsafety_spec.pipeline.red_team.desk import spent
from ftsafety_spec.pipeline.red_team.session_findings import report_of
from ftsafety_spec.pipeline.red_team.session_journal import SessionNotes, events_path, one_session
from ftsafety_spec.pipeline.stages import add_evidence
from ftsafety_spec.records.base import sha256_file
from ftsafety_spec.records.evidence import By, Evidence
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.session import Ended, SessionBody, session_in, this_moment
from ftsafety_spec.records.session_clock import Clock, Span, read_clock, total, without
from ftsafety_spec.records.session_minutes import counted_minutes, session_counts
from ftsafety_spec.records.session_turns import Session
from ftsafety_spec.spec.policy import MinimumEvidence, SessionNeed

if TYPE_CHECKING:
    from ftsafety_spec.attest.library import CryptoSigner

ANOTHER = "another session"
"""Why minutes do not count that another session of the same person has."""


@dataclass(frozen=True)
class ClosedSession:
    """What a session became. `signed`: by which key; null where it is not signed. `asked`, `given`: minutes that the
    policy asks for and those of all counted sessions."""

    body: SessionBody
    evidence: Evidence
    findings: Evidence | None
    signed: str | None
    asked: float | None
    given: float


def close_session(folder: RunFolder, name: str, signer: CryptoSigner | None = None) -> ClosedSession:
    """Close a session and append its evidence. One that nobody ended is ended now, at the last thing that was done in
    it. Raises InputError FTS-115 where it is evidence already or holds no message, FTS-132 where it is open
    elsewhere."""
    if name in closed_names(folder):
        raise InputError(f"session {name} is evidence already.", code="FTS-115")
    session = one_session(folder, name)
    if not session.turns:
        raise InputError(f"session {name} holds no message: there is nothing to be evidence.", code="FTS-115")
    if session.ended is None:
        with SessionNotes(folder, name) as notes:
            notes.append(Ended(closed=True, at=this_moment()))
        session = one_session(folder, name)
    body = body_of(folder, session)
    made = [_evidence(folder, session, "session", body.model_dump(mode="json"))]
    if body.findings:
        made.append(_evidence(folder, session, "finding", report_of(session).body()))
    if signer is not None:
        from ftsafety_spec.attest.evidence import sign_evidence

        made = [sign_evidence(item, signer) for item in made]
    for item in made:
        add_evidence(folder, item)
    asked = minutes_asked(folder)
    return ClosedSession(
        body, made[0], made[1] if len(made) > 1 else None, made[0].by.key, asked, minutes_given(folder)
    )


def body_of(folder: RunFolder, session: Session) -> SessionBody:
    """The body of a session's evidence, as things stand."""
    clock = read_clock(session.events)
    active = without(clock.active, _counted(folder, session))
    usd, _ = spent(session)
    sides = [side for turn in session.turns.values() for side in (turn.sides or {}).values()]
    tuned = [(turn.sides or {}).get(session.begun.tuned) for turn in session.turns.values()]
    prompts = sum(side is not None and side.text is not None for side in tuned)
    active = active if prompts else ()  # nobody probes a model that never answers
    return SessionBody(
        minutes=Clock(active).minutes,
        focus=session.begun.focus,
        prompts=prompts,
        source=session.begun.source,
        session=session.id,
        domain=session.begun.domain,
        base=session.begun.base,
        tuned=session.begun.tuned,
        begun=session.begun.at,
        ended=body_end(session),
        active=_whole(active),
        not_counted=_left_out(clock, active),
        by_category={category: count for category, count in session.by_category().items() if count},
        messages=tuple(dict.fromkeys(turn.text for turn in session.turns.values())),
        tags=session.tags(),
        notes=sum(len(turn.notes) for turn in session.turns.values()),
        findings=tuple(item.id for item in report_of(session).findings),
        tokens_in=sum(side.tokens_in or 0 for side in sides),
        tokens_out=sum(side.tokens_out or 0 for side in sides),
        usd=None if usd is None else f"{usd:.8f}",
        journal=sha256_file(events_path(folder, session.id)),
    )


def closed_names(folder: RunFolder) -> set[str]:
    """Sessions that are evidence."""
    return {body.session for _, body in session_bodies(folder)}


def session_bodies(folder: RunFolder) -> Iterator[tuple[Evidence, SessionBody]]:
    """The typed sessions among a run's evidence."""
    for item in folder.evidence():
        body = session_in(item.body) if item.kind == "session" else None
        if body is not None:
            yield item, body


def minutes_asked(folder: RunFolder) -> float | None:
    """The longest session that a rule of the policy asks for; None where none asks."""
    need = session_need(folder)
    return None if need is None else need.minutes


def session_need(folder: RunFolder) -> SessionNeed | None:
    """What the policy asks of manual sessions; of several rules, the one that asks for most."""
    rules = folder.read(LockedPolicy).policy.rules.values()
    needs = [rule.session for rule in rules if isinstance(rule, MinimumEvidence) and rule.session is not None]
    return max(needs, key=lambda need: need.minutes, default=None)


def minutes_given(folder: RunFolder) -> float:
    """Minutes that are evidence and of the kind that the policy asks for, those of one person at one time once. How old
    they are is the gate's to say."""
    need, spec = session_need(folder), folder.read(LockedSpec).spec
    domain = spec.domain.name if spec.domain is not None else None
    items = [item for item in folder.evidence() if item.kind == "session"]
    return round(counted_minutes(item for item in items if need is None or session_counts(item, need, domain)), 2)


def _counted(folder: RunFolder, session: Session) -> list[Span]:
    """When the same person was active in sessions that are evidence."""
    return [
        (float(start), float(end))
        for item, body in session_bodies(folder)
        if item.by.name == session.begun.by and body.session != session.id
        for start, end in body.active
    ]


def _whole(spans: tuple[Span, ...]) -> tuple[tuple[int, int], ...]:
    return tuple((int(start), -int(-end // 1)) for start, end in spans)


def _left_out(clock: Clock, active: tuple[Span, ...]) -> dict[str, float]:
    found = {reason: round(seconds / 60, 2) for reason, seconds in clock.left_out.items() if seconds >= 1}
    elsewhere = clock.seconds - total(active)
    return found | ({ANOTHER: round(elsewhere / 60, 2)} if elsewhere >= 1 else {})


def body_end(session: Session) -> str:
    """When the last thing was done in a session."""
    return next(event.at for event in reversed(session.events) if not (isinstance(event, Ended) and event.closed))


def _evidence(folder: RunFolder, session: Session, kind: str, body: dict[str, object]) -> Evidence:
    plan = folder.read(Plan)
    tuned = plan.identities.get(session.begun.tuned)
    return Evidence.model_validate(
        {
            "kind": kind,
            "subject": (session.begun.spec, *(() if tuned is None else (tuned.digest(),))),
            "by": By(name=session.begun.by, role=session.begun.role),
            "at": body_end(session),  # not when it was closed: minutes age from when somebody sat there
            "body": body,
        }
    )
