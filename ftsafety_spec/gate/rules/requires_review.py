"""Rule kind `requires_review`: a person of a role looks at it, whatever the figures say."""

from __future__ import annotations

from ftsafety_spec.gate.context import Case, Outcome
from ftsafety_spec.records.verdict import Finding, Obligation
from ftsafety_spec.spec.policy import RequiresReview


def judge(name: str, rule: RequiresReview, case: Case) -> Outcome:
    """An obligation where the condition holds on the spec's facts."""
    if not case.facts.meet(rule.when):
        return Outcome()
    done = any(item.body.get("verdict") == "approve" for item in case.valid("review", rule.by))
    text = f"A person of role {rule.by} must review this model, whatever the figures say."
    finding = Finding(rule=name, kind="requires_review", variant=None, result="flag", action="deploy", sentence=text)
    obligation = Obligation(
        kind="human_review", by=rule.by, people=1, state="met" if done else "open", detail=f"{name}: {text}"
    )
    return Outcome(findings=[finding], obligations=[obligation])
