"""The figures that rules read from a cell: each end of the regression, in the safer direction, with the grader's error
in it where a certificate says what that is. The pessimistic end counts what is missing at its worst; a violation is
shown only by what was read. Where several graders read one outcome, the one that leaves more open counts."""

from __future__ import annotations

from ftsafety_spec.gate.case import Case
from ftsafety_spec.records.comparison import Cell, Moments
from ftsafety_spec.stats.families import holm
from ftsafety_spec.stats.margin import Below
from ftsafety_spec.stats.moments import oriented
from ftsafety_spec.stats.parts import At, Ends, ends, errors_of, p_under
from ftsafety_spec.stats.size import settles_with


def figures(cell: Cell, case: Case, below: Below, high: float | None = None) -> Ends:
    """Figures of a cell at the policy's confidence. `high`: confidence of the pessimistic end, where it is not that of
    a band."""
    at = At(low=case.shown_confidence, high=case.confidence if high is None else high)
    return ends(safe(cell), oriented(cell.worst, cell.safer), at, below, errors_of(case.comparison, cell))


def safe(cell: Cell) -> Moments:
    """Moments of the safe share, over what was read."""
    return oriented(cell.moments, cell.safer)


def shown_beyond(cells: list[Cell], limit: float, case: Case, below: Below) -> list[bool]:
    """For each cell of a family: is it shown to lie further below base than `limit`, by Holm over all?"""
    adjusted = holm([p_under(safe(cell), limit, below, errors_of(case.comparison, cell)) for cell in cells])
    return [value < 1.0 - case.shown_confidence for value in adjusted]


def settles(cell: Cell, limit: float, case: Case, below: Below, confidence: float | None = None) -> int | None:
    """About how many prompts would settle on which side of `limit` the cell lies."""
    return settles_with(oriented(cell.worst, cell.safer), limit, confidence or case.confidence, below)
