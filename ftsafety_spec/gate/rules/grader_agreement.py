"""Two graders on the same answers must agree well enough: Cohen's kappa, read by its interval, because at high
prevalence kappa hangs on a handful of answers (Feinstein & Cicchetti 1990). Without a second reading nothing is known
about the first one's mistakes: that is missing evidence, never agreement."""

from __future__ import annotations

import math

from ftsafety_spec.gate.case import UNCLEAR_ACTION, Case, Judged
from ftsafety_spec.gate.flags import flagged
from ftsafety_spec.gate.words import NAMES
from ftsafety_spec.records.comparison import GraderReading
from ftsafety_spec.records.verdict import Finding, Missing
from ftsafety_spec.spec.policy import GraderAgreement


def judge(name: str, rule: GraderAgreement, case: Case) -> Judged:
    """One finding for each primary grader of the outcome; one in all where nobody read it."""
    rows = [row for row in case.comparison.graders if row.outcome == rule.outcome]
    judged = [_judge(name, rule, case, row, len(rows) > 1) for row in rows] or [_missing(name, rule, None)]
    return Judged(
        tuple(finding for item in judged for finding in item.findings),
        tuple(dict.fromkeys(need for item in judged for need in item.missing)),
        tuple(duty for item in judged for duty in item.obligations),
    )


def _judge(name: str, rule: GraderAgreement, case: Case, row: GraderReading, several: bool) -> Judged:
    kappa, cell = row.kappa, row.primary if several else None
    if kappa is None or not math.isfinite(kappa):
        return _missing(name, rule, cell)
    limit, ends = rule.kappa_at_least, row.kappa_interval
    ends = ends if ends is not None and all(map(math.isfinite, ends)) else None
    base = _finding(name, rule, cell)
    figure = f"kappa {kappa:.2f}, asked {limit:.2f}"
    if ends is not None:
        figure = f"kappa {kappa:.2f}, {ends[0]:.2f} to {ends[1]:.2f}, asked {limit:.2f}"
        base = base.model_copy(update={"interval": ends})
    said = {"value": kappa, "sentence": f"The {_what(rule)} may or may not agree well enough ({figure})."}
    if ends is not None and ends[0] >= limit:
        said |= {"result": "within", "action": "deploy", "sentence": f"The {_what(rule)} agree ({figure})."}
    elif ends is not None and ends[1] < limit:
        sentence = f"The {_what(rule)} disagree too often ({figure})."
        said |= {"result": "shown", "action": rule.below, "sentence": sentence}
    finding = base.model_copy(update=said)
    return Judged((finding,), obligations=(flagged(finding, case),) if finding.result == "unclear" else ())


def _missing(name: str, rule: GraderAgreement, cell: str | None) -> Judged:
    """No second reading: what the rule says of it. Under `flag` it stands in the verdict, nothing is owed for it."""
    sentence = f"No second grader read the same answers, so the {_what(rule)} cannot be checked."
    action = UNCLEAR_ACTION[rule.missing]
    finding = _finding(name, rule, cell).model_copy(update={"action": action, "sentence": sentence})
    if rule.missing == "flag":
        return Judged((finding,))
    how = f"Name a second grader in a suite: graders: {{{rule.outcome}: {{primary: …, second: …}}}}."
    need = Missing(rule=name, need="second_grader", asked=rule.kappa_at_least, found=None, how=how)
    return Judged((finding,), (need,))


def _finding(name: str, rule: GraderAgreement, cell: str | None) -> Finding:
    return Finding(
        rule=name,
        kind=rule.kind,
        variant=None,
        cell=cell,
        threshold=rule.kappa_at_least,
        result="unclear",
        action="deploy",
        sentence="",
    )


def _what(rule: GraderAgreement) -> str:
    return f"graders of {NAMES.get(rule.outcome, rule.outcome)}"
