"""The figures that rules read from a cell: each end of the regression, in the safer direction, with the grader's error
in it where a certificate says what that is. The pessimistic end counts what is missing at its worst; a violation is
shown only by what was read. Where several graders read one outcome, the one that leaves more open counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ftsafety_spec.gate.case import Case
from ftsafety_spec.records.comparison import Cell, Moments
from ftsafety_spec.records.comparison import GraderError as Certified
from ftsafety_spec.stats.families import holm
from ftsafety_spec.stats.grader_error import GraderError, corrected
from ftsafety_spec.stats.margin import Below, estimate, optimistic, p_beyond, pessimistic
from ftsafety_spec.stats.moments import oriented
from ftsafety_spec.stats.size import settles_with

READ_AS = {"edge_compliance": "borderline_compliance"}
"""Outcome to the one that graders read for it."""


@dataclass(frozen=True)
class Figures:
    """A regression's estimate as read (missing at its worst), and its one-sided ends; None where undefined."""

    seen: float | None
    low: float | None
    high: float | None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends, where both are defined."""
        return None if self.low is None or self.high is None else (self.low, self.high)


def figures(cell: Cell, case: Case, below: Below) -> Figures:
    """Figures of a cell at the policy's confidence."""
    worst = oriented(cell.worst, cell.safer)
    errors = grader_errors(cell, case)
    return Figures(
        seen=estimate(worst, below),
        low=_end(safe(cell), errors, lambda m: optimistic(m, case.shown_confidence, below), min),
        high=_end(worst, errors, lambda m: pessimistic(m, case.confidence, below), max),
    )


def safe(cell: Cell) -> Moments:
    """Moments of the safe share, over what was read."""
    return oriented(cell.moments, cell.safer)


def grader_errors(cell: Cell, case: Case) -> list[GraderError]:
    """The errors of the graders that read this outcome, in terms of its safe share, as their certificates have them;
    none where no certificate is there, and none where an audit (a cascade's, or people's labels of a random sample)
    corrects them, whose stronger reader is taken for the truth. A cascade without an audit leaves the cheap grader's
    error in what it decided alone, somewhere between none of it and all: both stand there."""
    name = READ_AS.get(cell.outcome, cell.outcome)
    levels = [row for row in case.comparison.cascades if row.outcome == name]
    right = {row.levels[0].grader for row in levels if row.audit > 0}
    rows = [row for row in case.comparison.graders if row.outcome == name and row.primary not in right]
    errors = [_turned(row.error, cell) for row in rows if row.error is not None]
    return [_RIGHT, *errors] if levels and errors else errors


_RIGHT = GraderError(1.0, 1.0)


def _turned(error: Certified, cell: Cell) -> GraderError:
    high, low = error.sensitivity, error.specificity
    if cell.safer == "lower":
        high, low = low, high
    return GraderError(_number(high.value), _number(low.value), _number(high.se), _number(low.se))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _end(
    m: Moments,
    errors: Sequence[GraderError],
    bound: Callable[[Moments], float | None],
    wider: Callable[[list[float]], float],
) -> float | None:
    """A bound under each grader's error, the wider one; None where one of them says nothing."""
    if not errors:
        return bound(m)
    true = [corrected(m, error) for error in errors]
    found = [None if item is None else bound(item) for item in true]
    known = [value for value in found if value is not None]
    return wider(known) if len(known) == len(found) else None


def shown_beyond(cells: list[Cell], limit: float, case: Case, below: Below) -> list[bool]:
    """For each cell of a family: is it shown to lie further below base than `limit`, by Holm over all?"""
    adjusted = holm([_p_beyond(cell, limit, case, below) for cell in cells])
    return [value < 1.0 - case.shown_confidence for value in adjusted]


def _p_beyond(cell: Cell, limit: float, case: Case, below: Below) -> float:
    """The largest p-value under each grader's error; 1 where one of them says nothing."""
    m, errors = safe(cell), grader_errors(cell, case)
    true = [corrected(m, error) for error in errors] if errors else [m]
    return max(1.0 if item is None else p_beyond(item, limit, below) for item in true)


def settles(cell: Cell, limit: float, case: Case, below: Below) -> int | None:
    """About how many prompts would settle on which side of `limit` the cell lies."""
    return settles_with(oriented(cell.worst, cell.safer), limit, case.confidence, below)
