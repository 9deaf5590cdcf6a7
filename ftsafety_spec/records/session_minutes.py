"""How many minutes of manual red teaming some evidence holds (R-34). Given pieces of `session` evidence and what is
asked for, says which count and for how long together. Pure; what cannot be read counts as nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.session import SessionBody, session_in
from ftsafety_spec.records.session_clock import joined, total
from ftsafety_spec.spec.policy import SessionNeed


def session_counts(item: Evidence, need: SessionNeed, domain: str | None) -> bool:
    """True where a session is of a kind that is asked for. `domain`: the name that the spec gives its domain; a session
    that was recorded about another one does not count for it. What a person only tells of counts as `imported`."""
    body = session_in(item.body)
    if body is None and "session" in item.body:
        return False
    if (body.source if body is not None else "imported") not in need.accept:
        return False
    if need.focus == "any":
        return True
    elsewhere = body is not None and domain is not None and body.domain != domain
    return item.body.get("focus") == "domain" and not elsewhere


def counted_minutes(items: Iterable[Evidence]) -> float:
    """Minutes of sessions together; those that one person recorded at one time count once, however often a session
    stands there."""
    recorded: dict[str, list[SessionBody]] = {}
    told = 0.0
    for item in items:
        body = session_in(item.body)
        if body is not None:
            recorded.setdefault(item.by.name, []).append(body)
        elif "session" not in item.body:
            told += _number(item.body.get("minutes"))
    return told + math.fsum(_together(bodies) for bodies in recorded.values())


def _together(bodies: list[SessionBody]) -> float:
    """Minutes of one person: no more than the time that their sessions cover."""
    minutes = math.fsum(body.minutes for body in bodies)
    covered = total(joined((float(start), float(end)) for body in bodies for start, end in body.active)) / 60
    return min(minutes, covered)


def _number(value: object) -> float:
    """A finite, positive number; anything else counts as nothing."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0
    return float(value) if good else 0.0  # type: ignore[arg-type]
