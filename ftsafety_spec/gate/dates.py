"""Moments and days. Pure; never reads a clock."""

from __future__ import annotations

from datetime import date


def day_of(moment: str | None) -> date | None:
    """The UTC day of an RFC 3339 moment or ISO date; None where there is none or it cannot be read."""
    if moment is None:
        return None
    try:
        return date.fromisoformat(moment[:10])
    except ValueError:
        return None
