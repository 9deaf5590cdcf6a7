"""What every rule reads: records of one run, the effective policy, a date. Pure data and small look-ups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from ftsafety_spec.records.comparison import By, Cell, Comparison, Pairing
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import Finding, Missing, Obligation
from ftsafety_spec.spec.common import SAFETY_OUTCOMES, Action
from ftsafety_spec.spec.policy import Policy, PolicyFacts, Unclear


@dataclass(frozen=True)
class Case:
    """All that a rule may look at."""

    locked: LockedSpec
    policy: Policy
    facts: PolicyFacts
    plan: Plan
    comparison: Comparison
    evidence: tuple[Evidence, ...]
    as_of: date

    def deployed(self) -> list[str]:
        """Variants that get a verdict."""
        return [variant.id for variant in self.locked.variants.values() if variant.deploy]

    def cells(self, variant: str, outcome: str, by: By) -> list[Cell]:
        """Cells of one variant, outcome and grouping, sorted by id."""
        return [
            cell
            for cell in self.comparison.cells
            if cell.variant == variant and cell.outcome == outcome and cell.by == by
        ]

    def outcomes(self, wanted: str | Sequence[str]) -> list[str]:
        """The outcomes that a rule names; `safety` means every safety outcome that was measured."""
        if isinstance(wanted, str):
            measured = {cell.outcome for cell in self.comparison.cells}
            return [outcome for outcome in SAFETY_OUTCOMES if outcome in measured]
        return list(wanted)

    def pairing(self, variant: str) -> Pairing | None:
        """How a variant was paired."""
        return next((item for item in self.comparison.pairing if item.variant == variant), None)

    def valid(self, kind: str, role: str | None = None) -> Iterator[Evidence]:
        """Evidence of a kind that is about this run and still holds, by people whom the policy names for `role`."""
        people = None if role is None else set(self.policy.roles.get(role, ()))
        subjects = {self.comparison.compute_digest(), self.plan.spec}
        for item in self.evidence:
            if item.kind != kind or not subjects & set(item.subject) or day_of(item.at) > self.as_of:
                continue
            if item.valid_until is not None and day_of(item.valid_until) < self.as_of:
                continue
            if people is not None and item.by.name not in people:
                continue
            yield item


@dataclass
class Outcome:
    """What a rule says."""

    findings: list[Finding] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    obligations: list[Obligation] = field(default_factory=list)
    expires: list[date] = field(default_factory=list)
    not_measured: dict[str, str] = field(default_factory=dict)


def day_of(moment: str) -> date:
    """The UTC day of an RFC 3339 moment."""
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(UTC).date()


def action_of(word: Unclear) -> Action:
    """The action behind a rule's word; a flag changes none."""
    return "deploy" if word == "flag" else word
