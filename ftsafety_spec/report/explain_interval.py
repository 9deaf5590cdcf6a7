"""How an interval came to be as wide as it is: sampling alone, then what is missing at its worst, then several looks,
then the graders' certified error. Given a cell and its terms, gives stages; bounds are those of `stats`, as the gate
takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ftsafety_spec.records.comparison import Cell, GraderError, Moments
from ftsafety_spec.report.explain_data import Stage
from ftsafety_spec.report.explain_terms import Terms, both, named, trued, turn
from ftsafety_spec.spec.policy import Concern, Rule
from ftsafety_spec.stats.margin import Below, estimate, optimistic, pessimistic

Interval = tuple[float, float]
TITLES = {
    "sampling": "sampling alone",
    "missing": "missing at their worst",
    "looks": "several looks",
    "grader_error": "grader error",
}


@dataclass(frozen=True)
class Ends:
    """Both ends of a regression, and its estimate with what is missing at its worst; None where undefined."""

    low: float | None
    high: float | None
    seen: float | None

    @property
    def interval(self) -> Interval | None:
        """Both ends, where both are defined."""
        return None if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True)
class Reader:
    """A cell as one rule reads it. `low_at`, `high_at`: one-sided confidence of each end."""

    cell: Cell
    terms: Terms
    rule: Rule | None
    measure: Below | None = None

    @property
    def below(self) -> Below:
        """Relative to base or in points: `measure`, else as the rule has it."""
        return self.measure or self.terms.below(self.rule)

    @property
    def low_at(self) -> float:
        """A concern reads both ends alike; any other rule's optimistic end is a shown one."""
        return self.terms.confidence if isinstance(self.rule, Concern) else self.terms.shown_confidence

    @property
    def high_at(self) -> float:
        """Of the pessimistic end."""
        return self.terms.confidence

    def moments(self) -> tuple[Moments, Moments]:
        """What was read, and the same with what is missing at its worst, both in the rule's direction."""
        return both(self.cell, turn(self.rule, self.cell))

    def ends(self, *, missing: bool = True, looks: bool = True) -> Ends:
        """The interval with these parts in it, and without the graders' error."""
        read, worst = self.moments()
        return self._ends(read, worst if missing else read, looks=looks)

    def with_error(self) -> Ends | None:
        """The whole interval with the graders' error in it: of several graders the widest. None where no error is
        certified or it cannot be carried."""
        found = [self._trued(error) for error in self.terms.errors(self.cell.outcome)]
        return _widest(found) if found else None

    def _trued(self, error: GraderError) -> Ends:
        read, worst = (trued(m, error, turn(self.rule, self.cell)) for m in self.moments())
        return Ends(None, None, None) if read is None or worst is None else self._ends(read, worst, looks=True)

    def _ends(self, read: Moments, worst: Moments, *, looks: bool) -> Ends:
        low_at, high_at = (self.low_at, self.high_at) if looks else (self.terms.single, self.terms.single)
        return Ends(
            optimistic(read, low_at, self.below), pessimistic(worst, high_at, self.below), estimate(worst, self.below)
        )

    def in_verdict(self, found: Interval | None) -> Ends:
        """The ends that a verdict's interval is made of: with the graders' error where that is what it says."""
        plain, carried = self.ends(), self.with_error()
        if carried is None or carried.interval != found or plain.interval == found:
            return plain
        return carried


def stages(reader: Reader, counted: Ends | None) -> tuple[Stage, ...]:
    """Each part after the other. `counted`: the ends that the verdict holds; None where nothing judged the cell."""
    steps = [
        ("sampling", reader.ends(missing=False, looks=False)),
        ("missing", reader.ends(looks=False)),
        ("looks", reader.ends()),
    ]
    carried = reader.with_error()
    if carried is not None:
        steps.append(("grader_error", carried))
    found: list[Stage] = []
    before = Ends(None, None, None)
    for name, ends in steps:
        stage = _stage(name, before, ends)
        if counted is not None:
            stage = replace(stage, counted=name != "grader_error" or ends == counted)
        found.append(replace(stage, note=_note(name, reader, ends)))
        before = ends
    return tuple(found)


def _stage(name: str, before: Ends, now: Ends) -> Stage:
    first = name == "sampling"
    return Stage(
        id=name,
        title=TITLES[name],
        low=now.low,
        high=now.high,
        added_low=None if first or before.low is None or now.low is None else before.low - now.low,
        added_high=None if first or before.high is None or now.high is None else now.high - before.high,
        estimate=now.seen,
        counted=None,
        note=None,
    )


def _note(name: str, reader: Reader, ends: Ends) -> str | None:
    cell = reader.cell
    if name == "missing":
        return f"{cell.unscored_base} of base, {cell.unscored_tuned} of tuned"
    if name == "looks":
        looks = ", ".join(f"{100 * share:g} %" for share in reader.terms.view.comparison.looks)
        return "looked at once" if looks == "100 %" else f"looked at after {looks} of the planned prompts"
    if name == "grader_error":
        said = f"certificate {named(reader.terms.errors(cell.outcome))}"
        return said if ends.high is not None else f"{said}: the grader tells too little to say anything"
    return None


def _widest(found: list[Ends]) -> Ends:
    lows, highs, seen = ([getattr(ends, name) for ends in found] for name in ("low", "high", "seen"))
    return Ends(
        None if None in lows else min(lows),
        None if None in highs else max(highs),
        None if None in seen else max(seen),
    )
