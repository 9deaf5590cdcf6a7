"""Both ends of a regression, and what made them as wide as they are: sampling, then what is missing at its worst, then
several looks, then the graders' certified error. Given moments in the safer direction and what is known of the graders,
gives ends; the gate, the report and explanations all take theirs from here. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ftsafety_spec.records.comparison import Cell, Comparison, GraderReading, Moments
from ftsafety_spec.records.comparison import GraderError as Certified
from ftsafety_spec.spec.common import Safer
from ftsafety_spec.stats.grader_error import GraderError, corrected
from ftsafety_spec.stats.margin import Below, estimate, optimistic, p_beyond, pessimistic

READ_AS = {"edge_compliance": "borderline_compliance"}
"""Outcome to the one that graders read for it."""

Part = Literal["sampling", "missing", "looks", "grader_error"]
_RIGHT = GraderError(1.0, 1.0)


@dataclass(frozen=True)
class Ends:
    """Both ends of a regression, and its estimate with what is missing at its worst; None where undefined."""

    low: float | None
    high: float | None
    seen: float | None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends, where both are defined."""
        return None if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True)
class At:
    """One-sided confidence of each end."""

    low: float
    high: float


def ends(read: Moments, worst: Moments, at: At, below: Below, errors: Sequence[GraderError] = ()) -> Ends:
    """Ends of a regression: the optimistic one of what was read, the pessimistic one with what is missing at its worst.
    Under several graders' `errors` the wider end counts; None where one of them says nothing."""
    lows = [None if m is None else optimistic(m, at.low, below) for m in trued(read, errors)]
    highs = [None if m is None else pessimistic(m, at.high, below) for m in trued(worst, errors)]
    known_lows, known_highs = _known(lows), _known(highs)
    return Ends(
        low=min(known_lows) if known_lows else None,
        high=max(known_highs) if known_highs else None,
        seen=estimate(worst, below),
    )


def parts(
    read: Moments, worst: Moments, once: At, now: At, below: Below, errors: Sequence[GraderError] = ()
) -> Iterator[tuple[Part, Ends]]:
    """The ends as each part is added to those before it. `once`: the confidence where a run is looked at once, `now`:
    at this look. The grader's error comes only where there is one."""
    yield "sampling", ends(read, read, once, below)
    yield "missing", ends(read, worst, once, below)
    yield "looks", ends(read, worst, now, below)
    if errors:
        yield "grader_error", ends(read, worst, now, below, errors)


def p_under(read: Moments, limit: float, below: Below, errors: Sequence[GraderError] = ()) -> float:
    """p-value of "not further below base than `limit`": the largest under each grader's error; 1 where one of them says
    nothing."""
    return max(1.0 if m is None else p_beyond(m, limit, below) for m in trued(read, errors))


def trued(m: Moments, errors: Sequence[GraderError]) -> list[Moments | None]:
    """Moments of the true shares under each grader's error; as they are without any."""
    return [corrected(m, error) for error in errors] if errors else [m]


def errors_of(comparison: Comparison, cell: Cell, safer: Safer | None = None) -> list[GraderError]:
    """The errors of the graders that read a cell's outcome, in terms of its share that is `safer` (left out: the
    cell's), as their certificates have them. None of a grader that an audit of this very run corrects. A cascade
    without an audit leaves the cheap grader's error in what it decided alone, somewhere between none of it and all:
    both stand there."""
    rows = [row for row in uncorrected(comparison, cell) if row.error is not None]
    errors = [_turned(row.error, safer or cell.safer) for row in rows if row.error is not None]
    name = READ_AS.get(cell.outcome, cell.outcome)
    passed_on = any(row.outcome == name and not row.implied for row in comparison.cascades)
    return [_RIGHT, *errors] if passed_on and errors else errors


def uncorrected(comparison: Comparison, cell: Cell) -> list[GraderReading]:
    """Graders that read a cell's outcome, without those that an audit (a cascade's; overall also people's labels of a
    random sample) corrects: there the stronger reader is taken for the truth."""
    name = READ_AS.get(cell.outcome, cell.outcome)
    audits = [row for row in comparison.cascades if row.outcome == name and row.audit > 0]
    right = {row.levels[0].grader for row in audits if cell.by == "all" or not row.implied}
    return [row for row in comparison.graders if row.outcome == name and row.primary not in right]


def _turned(error: Certified, safer: Safer) -> GraderError:
    high, low = error.sensitivity, error.specificity
    if safer == "lower":
        high, low = low, high
    return GraderError(*(math.nan if value is None else value for value in (high.value, low.value, high.se, low.se)))


def _known(values: Sequence[float | None]) -> list[float]:
    """The values where all are there, else none."""
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else []
