"""How an interval came to be as wide as it is: sampling alone, then what is missing at its worst, then several looks,
then the graders' certified error. Given a cell and its terms, gives stages; bounds are those of `stats`, as the gate
takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ftsafety_spec.records.comparison import Cell, Moments
from ftsafety_spec.report.explain_data import Stage
from ftsafety_spec.report.explain_terms import Terms, both, turn
from ftsafety_spec.spec.policy import Bands, Ceiling, Concern, Rule
from ftsafety_spec.stats.grader_error import GraderError
from ftsafety_spec.stats.margin import Below, optimistic
from ftsafety_spec.stats.parts import At, Ends, Part, ends, p_under, parts

Interval = tuple[float, float]
TITLES = {
    "sampling": "sampling alone",
    "missing": "missing at their worst",
    "looks": "several looks",
    "grader_error": "grader error",
}


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
        """Of the pessimistic end: a ceiling's error is spent evenly over several looks."""
        return self.terms.shown_confidence if isinstance(self.rule, Ceiling) else self.terms.confidence

    def moments(self) -> tuple[Moments, Moments]:
        """What was read, and the same with what is missing at its worst, both in the rule's direction."""
        return both(self.cell, turn(self.rule, self.cell))

    @property
    def at(self) -> At:
        """The confidence of both ends at this look."""
        return At(self.low_at, self.high_at)

    @property
    def errors(self) -> list[GraderError]:
        """The graders' certified errors, in the rule's direction."""
        return self.terms.errors(self.cell, turn(self.rule, self.cell))

    def ends(self) -> Ends:
        """The interval without the graders' error."""
        return ends(*self.moments(), self.at, self.below)

    def shown_end(self) -> float | None:
        """The optimistic end at the level of a shown violation."""
        return optimistic(self.moments()[0], self.terms.shown_confidence, self.below)

    def with_error(self) -> Ends | None:
        """The whole interval with the graders' error in it: of several graders the widest. None where no error is
        certified or it cannot be carried."""
        return ends(*self.moments(), self.at, self.below, self.errors) if self.errors else None

    def parts(self) -> list[tuple[Part, Ends]]:
        """The interval as each part is added to it."""
        once = At(self.terms.single, self.terms.single)
        return list(parts(*self.moments(), once, self.at, self.below, self.errors))

    def p_beyond(self, limit: float, *, carried: bool) -> float:
        """p-value of "not further below base than `limit`", of what was read; `carried`: the largest under each
        grader's error."""
        return p_under(self.moments()[0], limit, self.below, self.errors if carried else ())

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
    found: list[Stage] = []
    before = Ends(None, None, None)
    for name, now in reader.parts():
        stage = _stage(name, before, now)
        if carried is not None:
            stage = replace(stage, counted=name != "grader_error" or carried)
        found.append(replace(stage, note=_note(name, reader, now)))
        before = now
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


def _note(name: str, reader: Reader, now: Ends) -> str | None:
    cell = reader.cell
    if name == "missing":
        return f"{cell.unscored_base} of base, {cell.unscored_tuned} of tuned"
    if name == "looks":
        looks = ", ".join(f"{100 * share:g} %" for share in reader.terms.view.comparison.looks)
        return "looked at once" if looks == "100 %" else f"looked at after {looks} of the planned prompts"
    if name == "grader_error":
        said = f"certificate {reader.terms.certificates(cell)}"
        return said if now.high is not None else f"{said}: the grader tells too little to say anything"
    return None
