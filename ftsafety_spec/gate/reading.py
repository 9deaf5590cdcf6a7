"""How a rule reads a cell: worst-case moments in the safe direction, relative or in points. Pure.
Missing, null and undefined readings are None, and a rule never takes None for a pass."""

from __future__ import annotations

import math

from ftsafety_spec.records.comparison import Cell, Moments
from ftsafety_spec.spec.policy import Below
from ftsafety_spec.stats import margin as stats
from ftsafety_spec.stats.moments import oriented


def worst(cell: Cell) -> Moments:
    """Moments of the safe share with everything unread at its worst."""
    return oriented(cell.worst, cell.safer)


def best(cell: Cell) -> Moments:
    """Moments of the safe share over what was read: a violation is shown on readings, not on gaps."""
    return oriented(cell.moments, cell.safer)


def estimate(cell: Cell, below: Below) -> float | None:
    """Point estimate of the regression."""
    m = best(cell)
    if m.n == 0:
        return None
    relative, points = stats.relative_points(m)
    return relative if below == "relative" else points


def pessimistic(cell: Cell, below: Below, confidence: float) -> float | None:
    """Upper confidence bound of the regression."""
    m = worst(cell)
    if m.n < 2:
        return None
    value = stats.pessimistic(m, confidence) if below == "relative" else stats.points_bounds(m, confidence)[1]
    return finite(value)


def optimistic(cell: Cell, below: Below, confidence: float) -> float | None:
    """Lower confidence bound of the regression."""
    m = best(cell)
    if m.n < 2:
        return None
    value = stats.optimistic(m, confidence) if below == "relative" else stats.points_bounds(m, confidence)[0]
    return finite(value)


def p_shown(cell: Cell, below: Below, limit: float) -> float:
    """p-value against "the regression is at most `limit`"; 1 where it cannot be shown."""
    m = best(cell)
    if m.n < 2 or (below == "relative" and m.mean_base <= 0):
        return 1.0
    value = stats.p_beyond(m, limit) if below == "relative" else stats.p_beyond_points(m, limit)
    return value if math.isfinite(value) else 1.0


def finite(value: float | None) -> float | None:
    """The value, or None where it is no number."""
    return value if value is not None and math.isfinite(value) else None
