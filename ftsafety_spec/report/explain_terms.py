"""By what a run's figures are read: the effective policy, the confidence of each end, and what is known of the graders'
error. Given a view; the same functions as the gate's, so that the figures are the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ftsafety_spec.records.comparison import Cell, GraderReading, Moments
from ftsafety_spec.report.explain_view import ExplainView
from ftsafety_spec.report.graders import DERIVED
from ftsafety_spec.spec.common import SAFETY_OUTCOMES, Safer
from ftsafety_spec.spec.effective import effective, facts_of
from ftsafety_spec.spec.policy import Bands, Ceiling, Concern, Floor, Policy, Rule
from ftsafety_spec.stats.grader_error import GraderError
from ftsafety_spec.stats.margin import Below
from ftsafety_spec.stats.moments import oriented
from ftsafety_spec.stats.parts import errors_of, uncorrected
from ftsafety_spec.stats.sequential import Spending, levels


@dataclass(frozen=True)
class Terms:
    """A view, with what its policy makes of it."""

    view: ExplainView

    @cached_property
    def policy(self) -> Policy:
        """The policy with the adjustments that this spec's facts call for."""
        own = self.view.policy.policy
        return effective(own, facts_of(self.view.locked.spec, own))

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """The rules that hold."""
        return {name: rule for name, rule in self.policy.rules.items() if rule is not None}

    @cached_property
    def comparison_digest(self) -> str:
        """Digest of the comparison."""
        return self.view.comparison.compute_digest()

    @property
    def single(self) -> float:
        """One-sided confidence where a run is looked at once."""
        return self.policy.measure.confidence

    @cached_property
    def confidence(self) -> float:
        """One-sided confidence of a permissive claim at this look."""
        return self._at_look("obrien_fleming")

    @cached_property
    def shown_confidence(self) -> float:
        """One-sided confidence of a shown violation at this look."""
        return self._at_look("pocock")

    def _at_look(self, spending: Spending) -> float:
        looks = self.view.comparison.looks
        return self.single if looks == (1.0,) else 1.0 - levels(looks, 1.0 - self.single, spending)[-1]

    def family(self, cell: Cell) -> list[Cell]:
        """The cells that stand beside this one in Holm's correction, sorted by what they are of."""
        key = (cell.variant, cell.outcome, cell.by)
        found = (item for item in self.view.comparison.cells if (item.variant, item.outcome, item.by) == key)
        return sorted(found, key=lambda item: item.of)

    def below(self, rule: Rule | None) -> Below:
        """How a rule reads "below base"."""
        if isinstance(rule, Concern) and rule.rises_by is not None:
            return rule.measure or "points"
        own = rule.measure if isinstance(rule, Ceiling | Concern) else None
        return own or self.policy.measure.below

    def reads(self, rule: Rule, cell: Cell) -> bool:
        """True where a rule reads this cell."""
        if isinstance(rule, Bands | Ceiling):
            named = SAFETY_OUTCOMES if rule.outcomes == "safety" else rule.outcomes
            return cell.by == rule.by and cell.outcome in named
        if isinstance(rule, Concern):
            return (cell.outcome, cell.by) == (rule.outcome, rule.by)
        return isinstance(rule, Floor) and (cell.outcome, cell.by) == (rule.outcome, "all")

    def rule_for(self, cell: Cell) -> Rule | None:
        """The rule whose terms a cell's figure is shown in: the first that can change the action, else a concern."""
        found = [rule for rule in self.rules.values() if self.reads(rule, cell) and not isinstance(rule, Floor)]
        return min(found, key=lambda rule: (Bands, Ceiling, Concern).index(type(rule)), default=None)

    def graders(self, outcome: str) -> list[GraderReading]:
        """Who read what an outcome is made of."""
        names = DERIVED.get(outcome, (outcome,))
        return [row for row in self.view.comparison.graders if row.outcome in names]

    def errors(self, cell: Cell, turned: Safer) -> list[GraderError]:
        """Certified errors of the graders that read a cell's outcome, as the gate carries them."""
        return errors_of(self.view.comparison, cell, turned)

    def certificates(self, cell: Cell) -> str:
        """The certificates that those errors are from, in short."""
        found = {row.error.certificate for row in uncorrected(self.view.comparison, cell) if row.error is not None}
        return ", ".join(sorted(digest.removeprefix("sha256:")[:12] for digest in found))


def turn(rule: Rule | None, cell: Cell) -> Safer:
    """In which direction a rule wants the value: the safer one, or for a concern the one that it names."""
    if isinstance(rule, Concern):
        return "higher" if rule.falls_by is not None else "lower"
    return cell.safer


def both(cell: Cell, turned: Safer) -> tuple[Moments, Moments]:
    """What was read, and the same with what is missing at its worst."""
    return oriented(cell.moments, turned), oriented(cell.worst, turned)
