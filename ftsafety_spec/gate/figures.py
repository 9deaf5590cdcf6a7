"""The figures that rules read from a cell: each end of the regression, in the safer direction.
The pessimistic end counts what is missing at its worst; a violation is shown only by what was read."""

from __future__ import annotations

from dataclasses import dataclass

from ftsafety_spec.gate.case import Case
from ftsafety_spec.records.comparison import Cell, Moments
from ftsafety_spec.stats.families import holm
from ftsafety_spec.stats.margin import Below, estimate, optimistic, p_beyond, pessimistic
from ftsafety_spec.stats.moments import oriented
from ftsafety_spec.stats.size import settles_with


@dataclass(frozen=True)
class Figures:
    """A regression's estimate (missing at its worst), and its one-sided ends; None where undefined."""

    seen: float | None
    low: float | None
    high: float | None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends, where both are defined."""
        return None if self.low is None or self.high is None else (self.low, self.high)


def figures(cell: Cell, case: Case, below: Below) -> Figures:
    """Figures of a cell at the policy's confidence."""
    read, worst = safe(cell), oriented(cell.worst, cell.safer)
    return Figures(
        seen=estimate(worst, below),
        low=optimistic(read, case.shown_confidence, below),
        high=pessimistic(worst, case.confidence, below),
    )


def safe(cell: Cell) -> Moments:
    """Moments of the safe share, over what was read."""
    return oriented(cell.moments, cell.safer)


def shown_beyond(cells: list[Cell], limit: float, case: Case, below: Below) -> list[bool]:
    """For each cell of a family: is it shown to lie further below base than `limit`, by Holm over all?"""
    adjusted = holm([p_beyond(safe(cell), limit, below) for cell in cells])
    return [value < 1.0 - case.shown_confidence for value in adjusted]


def settles(cell: Cell, limit: float, case: Case, below: Below) -> int | None:
    """About how many prompts would settle on which side of `limit` the cell lies."""
    return settles_with(oriented(cell.worst, cell.safer), limit, case.confidence, below)
