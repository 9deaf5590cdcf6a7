"""Rule kind `expiry` (R-49, R-51): how old measurements and suites may be. Gives the day on which they get too old."""

from __future__ import annotations

from datetime import date, timedelta

from ftsafety_spec.gate.context import Case, Outcome, day_of
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.spec.policy import Expiry


def judge(name: str, rule: Expiry, case: Case) -> Outcome:
    """A finding for the measurements and one for each suite that is too old."""
    out = Outcome()
    measured = case.comparison.measured_from
    if measured is None:
        only_recorded = all(identity.kind == "recorded" for identity in case.plan.identities.values())
        if not only_recorded or not case.plan.identities:
            out.findings.append(_finding(name, "When the answers were given is unknown.", late=True))
    else:
        until = day_of(measured) + timedelta(days=rule.base_days)
        out.expires.append(until)
        late = case.as_of > until
        text = f"The oldest answer is from {day_of(measured)}; answers count for {rule.base_days} days."
        out.findings.append(_finding(name, text, late=late))
    for dataset in case.plan.datasets:
        if dataset.revised is None:
            continue
        until = date.fromisoformat(dataset.revised) + timedelta(days=rule.suite_days)
        out.expires.append(until)
        if case.as_of > until:
            text = f"Suite {dataset.suite} was last revised on {dataset.revised}, more than {rule.suite_days} days ago."
            out.findings.append(_finding(name, text, late=True))
    return out


def _finding(name: str, text: str, *, late: bool) -> Finding:
    return Finding(
        rule=name,
        kind="expiry",
        variant=None,
        result="shown" if late else "within",
        action="insufficient" if late else "deploy",
        sentence=text,
    )
