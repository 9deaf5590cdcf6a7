"""Rule kind `grader_agreement`: two graders on the same answers must agree at least so well (Cohen's kappa)."""

from __future__ import annotations

import math

from ftsafety_spec.gate.context import Case, Outcome
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.spec.policy import GraderAgreement


def judge(name: str, rule: GraderAgreement, case: Case) -> Outcome:
    """One finding: within, shown (below the limit), or unclear where no second grader read the answers."""
    found = next((item for item in case.comparison.graders if item.outcome == rule.outcome), None)
    kappa = found.kappa if found is not None else None
    if kappa is None or not math.isfinite(kappa):
        text = f"No second grader read {rule.outcome}: agreement is unknown."
        finding = Finding(
            rule=name, kind="grader_agreement", variant=None, result="unclear", action=rule.below, sentence=text
        )
    else:
        good = kappa >= rule.kappa_at_least
        text = f"The graders of {rule.outcome} agree with kappa {kappa:.2f}; {rule.kappa_at_least:.2f} is asked."
        finding = Finding(
            rule=name,
            kind="grader_agreement",
            variant=None,
            value=kappa,
            threshold=rule.kappa_at_least,
            result="within" if good else "shown",
            action="deploy" if good else rule.below,
            sentence=text,
        )
    return Outcome(findings=[finding])
