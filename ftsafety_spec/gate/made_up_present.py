"""`present: all` of a policy's case: given the policy that holds, gives the evidence that its minima ask for, exactly,
and graders that every rule is content with, less what the case lacks."""

from __future__ import annotations

from ftsafety_spec.spec.evidence_rules import Findings, WeightFindings
from ftsafety_spec.spec.policy import GraderAgreement, GraderQuality, MinimumEvidence, Policy, Rule
from ftsafety_spec.spec.policy_case import Given, GraderFigures, Lack, Present

PERFECT = (1.0, 1.0, 1.0)


def enough(policy: Policy, given: Given) -> Present:
    """All that `policy` asks for. Where it asks for no prompts, as many count as the widest outcome has."""
    rules = [rule for rule in policy.rules.values() if rule is not None]
    minima = [rule for rule in rules if isinstance(rule, MinimumEvidence)]
    lacks = set(given.lacks)
    return Present(
        benchmarks=[] if "broad" in lacks else [n for rule in minima if rule.broad for n in rule.broad.any_of[:1]],
        prompts=_prompts(minima, given, lacks),
        domain={} if "domain" in lacks else _domain(minima, given),
        session=_most([rule.session.minutes for rule in minima if rule.session], "session", lacks),
        triggers=int(_most([rule.triggers.probes for rule in minima if rule.triggers], "triggers", lacks)),
        weights=[] if "weights" in lacks else _weights(rules),
        searched=[] if "red_team" in lacks else sorted({f for r in rules if isinstance(r, Findings) for f in r.focus}),
        repeats=int(max(1, _most([rule.repeats.at_least for rule in minima if rule.repeats], "repeats", lacks))),
        budget="budget" not in lacks,
        graders=_graders(rules, lacks),
    )


def _most(asked: list[float] | list[int], need: Lack, lacks: set[Lack]) -> float:
    return 0 if need in lacks else max(asked, default=0)


def _weights(rules: list[Rule]) -> list[str]:
    """Analyses that minima and rules name; where a rule reads any, there is one."""
    named = {a for r in rules if isinstance(r, MinimumEvidence) and r.weights for a in r.weights.analyses}
    reading = [rule for rule in rules if isinstance(rule, WeightFindings)]
    named |= {a for rule in reading for a in rule.analyses or []}
    return sorted(named) or (["delta"] if reading else [])


def _prompts(minima: list[MinimumEvidence], given: Given, lacks: set[Lack]) -> dict[str, int]:
    widest = max((rates.prompts for rates in given.outcomes.values()), default=0)
    asked: dict[str, int] = {"harmful": widest}
    for rule in minima:
        if rule.paired is not None:
            kind = rule.paired.kinds[0]
            asked[kind] = max(asked.get(kind, 0), rule.paired.prompts)
    return dict.fromkeys(asked, 1) if "paired" in lacks else asked


def _domain(minima: list[MinimumEvidence], given: Given) -> dict[str, int]:
    least = max((rule.domain.prompts_per_area for rule in minima if rule.domain), default=0)
    areas = {area for rates in given.outcomes.values() for area in rates.areas} or {"other"}
    return dict.fromkeys(sorted(areas), least) if least else {}


def _graders(rules: list[Rule], lacks: set[Lack]) -> dict[str, GraderFigures]:
    asked = {rule.outcome for rule in rules if isinstance(rule, GraderAgreement | GraderQuality)}
    labelled = max((rule.labelled_at_least for rule in rules if isinstance(rule, GraderQuality)), default=1)
    figures = GraderFigures(
        agreement=None if "second_grader" in lacks else PERFECT,
        sensitivity=PERFECT,
        specificity=PERFECT,
        kappa=PERFECT,
        labelled=0 if "certificate" in lacks else labelled,
    )
    return dict.fromkeys(sorted(asked), figures)
