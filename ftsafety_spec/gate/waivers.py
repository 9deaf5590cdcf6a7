"""Waivers: a spec's request counts only once a role that the policy names has approved it. Pure."""

from __future__ import annotations

from datetime import timedelta

from ftsafety_spec.gate.context import Case, day_of
from ftsafety_spec.records.verdict import Finding


def waived(case: Case) -> dict[str, str]:
    """Rule id to who approved its waiver, for waivers that hold on the day of the verdict."""
    approved = {}
    for rule, waiver in case.locked.spec.waivers.items():
        terms = case.policy.waivers.get(rule)
        if terms is None or waiver.expires < case.as_of:
            continue
        for item in case.valid("waiver_approval", terms.by):
            latest = day_of(item.at) + timedelta(days=terms.at_most_days)
            if item.body.get("rule") == rule and waiver.expires <= latest:
                approved[rule] = item.by.name
    return approved


def apply(findings: list[Finding], approved: dict[str, str]) -> list[Finding]:
    """Findings of waived rules stay visible and lose their action."""
    done = []
    for finding in findings:
        if finding.rule in approved and finding.result != "within":
            update = {"waived_by": approved[finding.rule], "action": "deploy"}
            finding = finding.model_copy(update=update)
        done.append(finding)
    return done
