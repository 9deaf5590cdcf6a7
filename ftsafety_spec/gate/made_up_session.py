"""The manual session of a policy case: given minutes and a date, gives the body of its evidence, as if a person had
held it at the desk that day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from ftsafety_spec.records.session import SessionBody, moment_of


def session_body(minutes: float, day: date, base: str, tuned: str) -> dict[str, Any]:
    """A session on the domain that began with the day."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    end = start + minutes * 60
    body = SessionBody(
        minutes=minutes,
        focus="domain",
        prompts=1,
        source="desk",
        session="case",
        base=base,
        tuned=tuned,
        begun=moment_of(start),
        ended=moment_of(end),
        active=((int(start), -int(-end // 1)),),
    )
    return body.model_dump(mode="json")
