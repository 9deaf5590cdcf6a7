"""What a rule is given and what it gives back: the records of one run at one date, and findings, missing needs and
obligations. Frozen; a rule adds nothing else and reads nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ftsafety_spec.records.comparison import Cell, Comparison, Pairing
from ftsafety_spec.records.evidence import Evidence, EvidenceKind
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.stacks import stacks_of
from ftsafety_spec.records.verdict import Finding, Missing, Obligation
from ftsafety_spec.spec.common import SAFETY_OUTCOMES, Action
from ftsafety_spec.spec.policy import By, Outcomes, Policy, PolicyFacts
from ftsafety_spec.stats.margin import Below
from ftsafety_spec.stats.sequential import Spending, levels


@dataclass(frozen=True)
class Case:
    """One run, judged on one date. `policy` is the effective one; `evidence` holds only what counts on that date,
    `every` all of it, which says what has become void."""

    locked: LockedSpec
    policy: Policy
    facts: PolicyFacts
    plan: Plan
    comparison: Comparison
    evidence: Sequence[Evidence]
    as_of: date
    every: Sequence[Evidence] = ()

    @property
    def confidence(self) -> float:
        """One-sided confidence of a permissive claim: the policy's, or what this look may use of it where the run
        looked at its results before (error spent as O'Brien and Fleming would: little early, most at the end)."""
        return self._confidence("obrien_fleming")

    @property
    def shown_confidence(self) -> float:
        """One-sided confidence of a shown violation; its error is spent evenly: a bad model is stopped early."""
        return self._confidence("pocock")

    def _confidence(self, spending: Spending) -> float:
        alpha = 1.0 - self.policy.measure.confidence
        looks = self.comparison.looks
        return self.policy.measure.confidence if looks == (1.0,) else 1.0 - levels(looks, alpha, spending)[-1]

    def below(self, own: Below | None = None) -> Below:
        """How "below base" is read: a rule's own word, else the policy's."""
        return own or self.policy.measure.below

    def compared(self) -> list[str]:
        """Variants that stand against a base, in order."""
        return sorted(variant.id for variant in self.locked.variants.values() if variant.against is not None)

    def deciding(self) -> list[str]:
        """Variants that get an action: those to be deployed; where none is, every tuned one."""
        found = [v.id for v in self.locked.variants.values() if v.deploy and v.against is not None]
        tuned = [v.id for v in self.locked.variants.values() if v.role == "tuned" and v.against is not None]
        return sorted(found or tuned)

    def cells(self, variant: str, outcome: str, by: By = "all") -> list[Cell]:
        """Cells of one outcome, sorted by what they are of."""
        found = (c for c in self.comparison.cells if (c.variant, c.outcome, c.by) == (variant, outcome, by))
        return sorted(found, key=lambda cell: cell.of)

    def grouped(self, by: By) -> list[str]:
        """Compared variants that have groups of this kind at all: by `interaction` those that put adapters together,
        as far as each adapter alone is measured."""
        if by != "interaction":
            return self.compared()
        have = {cell.variant for cell in self.comparison.cells if cell.by == by}
        return [name for name in self.compared() if name in have or name in stacks_of(self.locked.variants.values())]

    def outcomes(self, variant: str, named: Outcomes) -> list[str]:
        """The outcomes that a rule means. `safety`: those that were measured; named ones: all, measured or not."""
        if named != "safety":
            return list(named)
        have = {cell.outcome for cell in self.comparison.cells if cell.variant == variant}
        return [outcome for outcome in SAFETY_OUTCOMES if outcome in have]

    def pairing(self, variant: str) -> Pairing | None:
        """How a variant's prompts met base's."""
        return next((row for row in self.comparison.pairing if row.variant == variant), None)

    def given(self, kind: EvidenceKind) -> Iterator[Evidence]:
        """Evidence of a kind about this run."""
        return (item for item in self.evidence if item.kind == kind)

    def subjects(self) -> frozenset[str]:
        """Digests that evidence about this run may name: the comparison, the spec."""
        return frozenset({self.comparison.compute_digest(), self.plan.spec})

    def measured(self) -> frozenset[str]:
        """Digests of what was measured: `subjects`, and the weights or provider jobs that are compared."""
        own = [self.plan.identities[name] for name in self.compared() if name in self.plan.identities]
        digests = {identity.digest() for identity in own}
        digests |= {identity.weights for identity in own if identity.weights is not None and not identity.adapters}
        digests |= {adapter.digest for identity in own for adapter in identity.adapters}
        return self.subjects() | digests


@dataclass(frozen=True)
class Judged:
    """What a rule found. `ends`: dates on which something that it relied on runs out."""

    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    ends: tuple[date, ...] = ()


#: an unclear finding that only raises a flag leaves the action as it is
UNCLEAR_ACTION: Mapping[str, Action] = {
    "flag": "deploy",
    "review": "review",
    "insufficient": "insufficient",
    "block": "block",
}


def finding_id(finding: Finding) -> str:
    """How a review names a finding: `rule:cell`, or `rule` alone."""
    return f"{finding.rule}:{finding.cell}" if finding.cell is not None else finding.rule
