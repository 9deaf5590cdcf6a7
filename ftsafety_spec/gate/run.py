"""The gate: from records and a date to a verdict. Pure: equal inputs give equal bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from ftsafety_spec.errors import InputError
from ftsafety_spec.gate.case import Case, Judged
from ftsafety_spec.gate.dates import day_of
from ftsafety_spec.gate.decide import action_of, decide, worst
from ftsafety_spec.gate.flags import equal_terms, unlabelled
from ftsafety_spec.gate.gaps import gaps
from ftsafety_spec.gate.people import counting, obligation, rejected_by, reviewer_role, unsettled, waived
from ftsafety_spec.gate.reasons import reasons
from ftsafety_spec.gate.rules import RULES
from ftsafety_spec.gate.threats import threat_rows
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.folder import evidence_digest
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import EXIT, Finding, GraderUsed, Obligation, PolicyUsed, Verdict, VerdictInputs
from ftsafety_spec.spec.common import Action
from ftsafety_spec.spec.effective import effective, facts_of
from ftsafety_spec.spec.policy import ActionDuty, Need


def gate(
    locked: LockedSpec,
    policy: LockedPolicy,
    plan: Plan,
    comparison: Comparison,
    evidence: Sequence[Evidence],
    as_of: date,
) -> Verdict:
    """Judge a run. Raises InputError where the records are not of one run (FTS-131), or the policy's own adjustments
    would loosen it."""
    _same_run(locked, plan, comparison)
    facts = facts_of(locked.spec, policy.policy)
    rules = effective(policy.policy, facts)
    case = Case(locked, rules, facts, plan, comparison, counting(evidence, as_of), as_of, tuple(evidence))
    judged = [RULES[rule.kind](name, rule, case) for name, rule in rules.rules.items() if rule is not None]
    judged += [equal_terms(case), unlabelled(case)]
    waivers = waived(case)
    findings = _waive((finding for item in judged for finding in item.findings), waivers)
    actions = {variant: action_of(variant, findings) for variant in case.deciding()}
    action = worst(actions.values())
    expires = _expires(action, case, judged, [end for _, end in waivers.values()])
    if expires is not None and expires < as_of and action not in ("insufficient", "block"):
        findings = (*findings, _expired(expires, as_of))
        actions = {variant: worst((found, "insufficient")) for variant, found in actions.items()}
        action = worst(actions.values())
    obligations = _obligations(action, case, judged, waivers)
    rejected = rejected_by(case)
    decision = decide(action, obligations, rejected)
    duty = rules.actions.get(action, ActionDuty())
    missing = tuple(need for item in judged for need in item.missing if need.rule not in waivers)
    said = [f"Rejected by {', '.join(rejected)}."] if rejected else []
    return Verdict(
        title=locked.spec.title,
        as_of=as_of.isoformat(),
        inputs=VerdictInputs(
            spec=locked.compute_digest(),
            plan=plan.compute_digest(),
            comparison=comparison.compute_digest(),
            evidence=evidence_digest(list(evidence)),
        ),
        policy=PolicyUsed(
            name=policy.name, digest=policy.compute_digest(), extends=policy.extends, looser=policy.looser
        ),
        facts=facts,
        variants=actions,
        action=action,
        decision=decision,
        exit=EXIT[decision],
        reasons=tuple([*said, *reasons(action, findings, case.deciding(), missing)][:3]),
        findings=findings,
        obligations=obligations,
        missing=missing,
        not_possible=plan.not_possible,
        not_measured=comparison.not_measured,
        overrides=locked.overrides,
        graders=_graders(plan),
        threats=threat_rows(case),
        gaps=gaps(case, expires),
        monitoring=duty.monitoring,
        watch=rules.monitoring.get(duty.monitoring) if duty.monitoring is not None else None,
        measured_at=comparison.measured_to,
        expires=expires.isoformat() if expires is not None else None,
    )


def _graders(plan: Plan) -> tuple[GraderUsed, ...]:
    """Who read what, each once whatever the suites."""
    fields = GraderUsed.model_fields
    used = {GraderUsed(**{name: getattr(use, name) for name in fields}): None for use in plan.graders}
    return tuple(sorted(used, key=lambda item: (item.outcome, item.role, item.grader, item.identity)))


def _same_run(locked: LockedSpec, plan: Plan, comparison: Comparison) -> None:
    """Refuse records that were not made from one another."""
    for what, made, command in (
        ("plan", plan.spec == locked.compute_digest(), "ftsafety plan"),
        ("comparison", comparison.inputs.plan == plan.compute_digest(), "ftsafety compare"),
    ):
        if not made:
            raise InputError(
                f"the {what} was made from other records than the ones beside it.",
                code="FTS-131",
                hint=f"`{command}` makes it anew.",
            )


def _waive(findings: Iterable[Finding], waivers: dict[str, tuple[str, date]]) -> tuple[Finding, ...]:
    return tuple(
        finding.model_copy(update={"waived_by": waivers[finding.rule][0]})
        if finding.rule in waivers and (finding.action != "deploy" or finding.result != "within")
        else finding
        for finding in findings
    )


def _obligations(
    action: Action, case: Case, judged: Sequence[Judged], waivers: dict[str, tuple[str, date]]
) -> tuple[Obligation, ...]:
    """What the action asks of people, then what rules do. `review` always asks for a person."""
    needs = {str(kind): need for kind, need in case.policy.actions.get(action, ActionDuty()).needs.items()}
    if action == "review" and "human_review" not in needs:
        needs["human_review"] = Need(by=reviewer_role(case.policy))
    duties = [obligation(kind, need, case, f"action {action}") for kind, need in sorted(needs.items())]
    asked = [item for rule in judged for item in rule.obligations if not _is_waived(rule, waivers)]
    return tuple(dict.fromkeys([*duties, *asked, *unsettled(case)]))


def _is_waived(rule: Judged, waivers: dict[str, tuple[str, date]]) -> bool:
    return any(finding.rule in waivers for finding in rule.findings)


def _expires(action: Action, case: Case, judged: Sequence[Judged], waivers: Sequence[date]) -> date | None:
    """The first day on which something that the verdict stands on runs out; validity counts from the last answer."""
    ends = [end for item in judged for end in item.ends] + list(waivers)
    mine = [item for item in case.evidence if not case.measured().isdisjoint(item.subject)]
    ends += [end for item in mine if (end := day_of(item.valid_until)) is not None]
    days = case.policy.actions.get(action, ActionDuty()).valid_days
    if days is not None:
        ends.append((day_of(case.comparison.measured_to) or case.as_of) + timedelta(days=days))
    return min(ends, default=None)


def _expired(expires: date, as_of: date) -> Finding:
    return Finding(
        rule="valid_days",
        kind="expiry",
        variant=None,
        value=float((as_of - expires).days),
        result="shown",
        action="insufficient",
        sentence=f"This verdict expired on {expires.isoformat()}: measure again.",
    )
