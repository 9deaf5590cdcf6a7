"""The gate: from records and a date to a verdict. Equal inputs, equal bytes; no clock, no file, no network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from ftsafety_spec.gate import waivers
from ftsafety_spec.gate.context import Case, Outcome
from ftsafety_spec.gate.decide import action_of_variant, decide, worst
from ftsafety_spec.gate.gaps import gaps
from ftsafety_spec.gate.obligations import duties, rejected
from ftsafety_spec.gate.reasons import reasons
from ftsafety_spec.gate.rules import JUDGES
from ftsafety_spec.gate.threats import threats
from ftsafety_spec.records.base import digest_of
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import EXIT, PolicyUsed, Verdict, VerdictInputs
from ftsafety_spec.spec.common import Action
from ftsafety_spec.spec.effective import effective, facts_of
from ftsafety_spec.spec.policy import ActionDuty


def gate(
    locked: LockedSpec,
    policy: LockedPolicy,
    plan: Plan,
    comparison: Comparison,
    evidence: Sequence[Evidence],
    as_of: date,
) -> Verdict:
    """Judge a comparison under a policy on a day."""
    facts = facts_of(locked.spec, policy.policy)
    rules = effective(policy.policy, facts)
    case = Case(locked, rules, facts, plan, comparison, tuple(sorted(evidence, key=_order)), as_of)
    outcome = _judge_all(case)
    findings = waivers.apply(outcome.findings, waivers.waived(case))
    actions: dict[str, Action] = {variant: action_of_variant(variant, findings) for variant in case.deployed()}
    action = worst(actions.values())
    obligations = [*duties(action, case), *outcome.obligations]
    no = rejected(case)
    decision = decide(action, obligations, bool(no))
    duty = rules.actions.get(action, ActionDuty())
    expires = _expires(outcome, duty, comparison, as_of)
    return Verdict(
        title=locked.spec.title,
        as_of=as_of.isoformat(),
        inputs=VerdictInputs(
            spec=locked.compute_digest(),
            plan=plan.compute_digest(),
            comparison=comparison.compute_digest(),
            evidence=digest_of(sorted(item.compute_digest() for item in evidence)),
        ),
        policy=PolicyUsed(
            name=policy.name, digest=policy.compute_digest(), extends=policy.extends, looser=policy.looser
        ),
        facts=facts,
        variants=actions,
        action=action,
        decision=decision,
        exit=EXIT[decision],
        reasons=reasons(action, findings, outcome.missing, obligations, no),
        findings=tuple(findings),
        obligations=tuple(obligations),
        missing=tuple(outcome.missing),
        not_possible=plan.not_possible,
        not_measured={**comparison.not_measured, **outcome.not_measured},
        overrides=locked.overrides,
        threats=threats(case),
        gaps=gaps(case, expires),
        monitoring=duty.monitoring,
        measured_at=comparison.measured_to,
        expires=expires,
    )


def _order(item: Evidence) -> tuple[str, str]:
    return item.at, item.compute_digest()


def _judge_all(case: Case) -> Outcome:
    """Every rule's outcome, in the policy's order."""
    total = Outcome()
    for name, rule in case.policy.rules.items():
        if rule is None:
            continue
        one = JUDGES[rule.kind](name, rule, case)
        total.findings += one.findings
        total.missing += [item for item in one.missing if item not in total.missing]
        total.obligations += [item for item in one.obligations if item not in total.obligations]
        total.expires += one.expires
        total.not_measured |= one.not_measured
    return total


def _expires(outcome: Outcome, duty: ActionDuty, comparison: Comparison, as_of: date) -> str | None:
    """The first day on which something that this verdict rests on gets too old."""
    ends = list(outcome.expires)
    if duty.valid_days is not None:
        start = date.fromisoformat(comparison.measured_to[:10]) if comparison.measured_to else as_of
        ends.append(start + timedelta(days=duty.valid_days))
    return min(ends).isoformat() if ends else None
