"""A person looks at it whatever the figures say, where facts of the spec call for it (R-60: community adapters)."""

from __future__ import annotations

from ftsafety_spec.gate.case import Case, Judged
from ftsafety_spec.gate.people import obligation
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.spec.policy import Need, RequiresReview


def judge(name: str, rule: RequiresReview, case: Case) -> Judged:
    """A flag and an obligation where the rule's condition holds, else nothing."""
    if not case.facts.meet(rule.when):
        return Judged()
    why = _why(rule, case)
    finding = Finding(
        rule=name,
        kind=rule.kind,
        variant=None,
        result="flag",
        action="deploy",
        sentence=f"A person of the role {rule.by} must look at this: {why}.",
    )
    return Judged((finding,), obligations=(obligation("human_review", Need(by=rule.by), case, f"rule {name}: {why}"),))


def _why(rule: RequiresReview, case: Case) -> str:
    facts = []
    if rule.when.tier is not None:
        facts.append(f"the risk tier is {case.facts.tier}")
    if rule.when.adapter_source is not None:
        facts.append(f"an adapter's source is {case.facts.adapter_source}")
    if rule.when.context is not None:
        facts.append(f"the context is {case.facts.context}")
    return " and ".join(facts) or "the policy asks for it always"
