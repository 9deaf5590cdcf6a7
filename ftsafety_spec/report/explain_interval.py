"""How an interval came to be as wide as it is: sampling alone, then what is missing at its worst, then several looks,
then the graders' certified error. Given a cell and its terms, gives stages; bounds are those of `stats`, as the gate
takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ftsafety_spec.records.comparison import Cell, GraderError, Moments
from ftsafety_spec.report.explain_data import Stage
from ftsafety_spec.report.explain_terms import Terms, both, named, trued, turn
from ftsafety_spec.spec.policy import Bands, Ceiling, Concern, Rule
from ftsafety_spec.stats.margin import Below, estimate, optimistic, p_beyond, pessimistic

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

    def shown_end(self) -> float | None:
        """The optimistic end at the level of a shown violation."""
        return optimistic(self.moments()[0], self.terms.shown_confidence, self.below)

    def with_error(self) -> Ends | None:
        """The whole interval with the graders' error in it: of several graders the widest. None where no error is
        certified or it cannot be carried."""
        errors = self.terms.errors(self.cell)
        return _widest([self._trued(error) for error in errors], self.ends().seen) if errors else None

    def _trued(self, error: GraderError | None) -> Ends:
        read, worst = (trued(m, error, turn(self.rule, self.cell)) for m in self.moments())
        low = None if read is None else optimistic(read, self.low_at, self.below)
        return Ends(low, None if worst is None else pessimistic(worst, self.high_at, self.below), None)

    def p_beyond(self, limit: float, *, carried: bool) -> float:
        """p-value of "not further below base than `limit`", of what was read; `carried`: the largest under each
        grader's error."""
        read, errors = self.moments()[0], self.terms.errors(self.cell) if carried else []
        true = [trued(read, error, turn(self.rule, self.cell)) for error in errors] or [read]
        return max(1.0 if m is None else p_beyond(m, limit, self.below) for m in true)

    def _ends(self, read: Moments, worst: Moments, *, looks: bool) -> Ends:
        low_at, high_at = (self.low_at, self.high_at) if looks else (self.terms.single, self.terms.single)
        return Ends(
            optimistic(read, low_at, self.below), pessimistic(worst, high_at, self.below), estimate(worst, self.below)
        )

    @property
    def carries(self) -> bool:
        """True where the gate puts the graders' error into what a rule of this kind reads."""
        return isinstance(self.rule, Bands | Ceiling)

    def candidates(self) -> list[tuple[bool, Ends]]:
        """What a verdict can hold, each with whether the graders' error is in it, what the gate does now first."""
        plain, carried = (False, self.ends()), self.with_error()
        if carried is None:
            return [plain]
        return [(True, carried), plain] if self.carries else [plain, (True, carried)]


def stages(reader: Reader, carried: bool | None) -> tuple[Stage, ...]:
    """Each part after the other. `carried`: whether the verdict holds the graders' error; None where nothing judged
    the cell."""
    steps = [
        ("sampling", reader.ends(missing=False, looks=False)),
        ("missing", reader.ends(looks=False)),
        ("looks", reader.ends()),
    ]
    error = reader.with_error()
    if error is not None:
        steps.append(("grader_error", error))
    found: list[Stage] = []
    before = Ends(None, None, None)
    for name, ends in steps:
        stage = _stage(name, before, ends)
        if carried is not None:
            stage = replace(stage, counted=name != "grader_error" or carried)
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
        said = f"certificate {named(reader.terms.errors(cell))}"
        return said if ends.high is not None else f"{said}: the grader tells too little to say anything"
    return None


def _widest(found: list[Ends], seen: float | None) -> Ends:
    lows = [ends.low for ends in found if ends.low is not None]
    highs = [ends.high for ends in found if ends.high is not None]
    low = min(lows) if len(lows) == len(found) else None
    return Ends(low, max(highs) if len(highs) == len(found) else None, seen)
