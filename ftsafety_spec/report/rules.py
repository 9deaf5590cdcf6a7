"""Which thresholds hold for a run: given a view, gives the effective bands and ceilings, risk adjustments included.
Only for drawing and naming them; the gate has judged already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ftsafety_spec.errors import InputError
from ftsafety_spec.report.view import ReportView
from ftsafety_spec.spec.common import SAFETY_OUTCOMES
from ftsafety_spec.spec.effective import effective
from ftsafety_spec.spec.policy import Bands, Below, By, Ceiling, Outcomes, Policy, UpTo


@dataclass(frozen=True)
class Held:
    """The thresholds of an effective policy."""

    policy: Policy

    @property
    def measure(self) -> Below:
        """How the policy reads "below base"."""
        return self.policy.measure.below

    @property
    def confidence(self) -> float:
        """The level of its intervals."""
        return self.policy.measure.confidence

    def bands_for(self, outcome: str) -> Bands | None:
        """The first bands rule that reads this outcome."""
        rules = (rule for rule in self.policy.rules.values() if isinstance(rule, Bands))
        return next((rule for rule in rules if covers(rule.outcomes, outcome)), None)

    def up_to(self, outcome: str) -> UpTo | None:
        """The band edges for an outcome."""
        rule = self.bands_for(outcome)
        return rule.up_to if rule else None

    def band_groups(self, outcomes: Iterable[str]) -> list[UpTo | None]:
        """The distinct band edges among outcomes, in order."""
        found: list[UpTo | None] = []
        for outcome in outcomes:
            if (edges := self.up_to(outcome)) not in found:
                found.append(edges)
        return found

    def ceiling(self, outcome: str, by: By) -> tuple[float | None, Below]:
        """The lowest ceiling on an outcome's groups, and how it is measured."""
        rules = [
            rule
            for rule in self.policy.rules.values()
            if isinstance(rule, Ceiling) and rule.by == by and covers(rule.outcomes, outcome)
        ]
        if not rules:
            return None, self.measure
        rule = min(rules, key=lambda rule: rule.above)
        return rule.above, rule.measure or self.measure


def covers(outcomes: Outcomes, outcome: str) -> bool:
    """True where a rule's `outcomes` names this one."""
    return outcome in (SAFETY_OUTCOMES if outcomes == "safety" else outcomes)


def held_of(view: ReportView) -> Held:
    """The policy with the adjustments that this spec's facts call for."""
    policy = view.policy.policy
    try:
        return Held(effective(policy, view.verdict.facts))
    except InputError:  # the gate would have refused it; a report of an old run is still drawn
        return Held(policy)
