"""Two graders on the same answers must agree well enough (Cohen's kappa). Without a second reading nothing is known
about the first one's mistakes: that is missing evidence, never agreement."""

from __future__ import annotations

import math

from ftsafety_spec.gate.case import Case, Judged
from ftsafety_spec.gate.words import NAMES
from ftsafety_spec.records.verdict import Finding, Missing, Result
from ftsafety_spec.spec.common import Action
from ftsafety_spec.spec.policy import GraderAgreement


def judge(name: str, rule: GraderAgreement, case: Case) -> Judged:
    """One finding for the outcome."""
    reading = next((row for row in case.comparison.graders if row.outcome == rule.outcome), None)
    kappa = reading.kappa if reading is not None else None
    what = f"graders of {NAMES.get(rule.outcome, rule.outcome)}"
    base = Finding(
        rule=name,
        kind=rule.kind,
        variant=None,
        value=kappa,
        threshold=rule.kappa_at_least,
        result="unclear",
        action="insufficient",
        sentence=f"No second grader read the same answers, so the {what} cannot be checked.",
    )
    if kappa is None or not math.isfinite(kappa):
        how = f"Name a second grader in a suite: graders: {{{rule.outcome}: {{primary: …, second: …}}}}."
        need = Missing(rule=name, need="second_grader", asked=rule.kappa_at_least, found=None, how=how)
        return Judged((base,), (need,))
    good = kappa >= rule.kappa_at_least
    verb = "agree" if good else "disagree too often"
    sentence = f"The {what} {verb} (kappa {kappa:.2f}, asked {rule.kappa_at_least:.2f})."
    result: Result = "within" if good else "shown"
    action: Action = "deploy" if good else rule.below
    return Judged((base.model_copy(update={"result": result, "action": action, "sentence": sentence}),))
