"""R-14 to R-18: a change that people should look at. Never changes the action; an unreviewed flag is an obligation.
What was not measured is said to be so, and raises none."""

from __future__ import annotations

from ftsafety_spec.gate.case import Case, Judged
from ftsafety_spec.gate.flags import flagged, unmeasured
from ftsafety_spec.gate.words import amount, change
from ftsafety_spec.records.comparison import Cell, Moments
from ftsafety_spec.records.verdict import Finding, Obligation, Result
from ftsafety_spec.spec.policy import Concern
from ftsafety_spec.stats.families import holm
from ftsafety_spec.stats.margin import Below, estimate, optimistic, p_beyond, pessimistic
from ftsafety_spec.stats.moments import oriented


def judge(name: str, rule: Concern, case: Case) -> Judged:
    """One finding for each group of each compared variant; an obligation for each flag."""
    findings: list[Finding] = []
    obligations: list[Obligation] = []
    for variant in case.grouped(rule.by):
        cells = case.cells(variant, rule.outcome, rule.by)
        if not cells:
            findings.append(unmeasured(name, rule.kind, variant, rule.outcome, "deploy"))
        for cell, shown in zip(cells, _shown(rule, cells, case), strict=True):
            finding = _finding(name, rule, cell, shown, case)
            findings.append(finding)
            if finding.result == "flag":
                obligations.append(flagged(finding, case))
    return Judged(tuple(findings), obligations=tuple(obligations))


def _limit(rule: Concern) -> float:
    return rule.falls_by if rule.falls_by is not None else rule.rises_by or 0.0


def _below(rule: Concern, case: Case) -> Below:
    """A rise is read in points unless the rule says otherwise: a rate near 0 has no stable ratio."""
    return case.below(rule.measure) if rule.falls_by is not None else rule.measure or "points"


def _turned(rule: Concern, moments: Moments) -> Moments:
    """Moments of the value that must not fall."""
    return oriented(moments, "higher" if rule.falls_by is not None else "lower")


def _shown(rule: Concern, cells: list[Cell], case: Case) -> list[bool]:
    limit, below = _limit(rule), _below(rule, case)
    adjusted = holm([p_beyond(_turned(rule, cell.moments), limit, below) for cell in cells])
    return [value < 1.0 - case.shown_confidence for value in adjusted]


def _finding(name: str, rule: Concern, cell: Cell, shown: bool, case: Case) -> Finding:
    limit, below = _limit(rule), _below(rule, case)
    read, worst = _turned(rule, cell.moments), _turned(rule, cell.worst)
    low, high = optimistic(read, case.confidence, below), pessimistic(worst, case.confidence, below)
    value = low if rule.read == "shown" else estimate(worst, below)
    if rule.read == "shrunken" and below == "relative" and cell.unscored_base + cell.unscored_tuned == 0:
        value = cell.regression.shrunken
    flag = shown if rule.read == "shown" else value is not None and value > limit
    word = "falls" if rule.falls_by is not None else f"{rule.outcome.replace('_', ' ')} rises"
    clause, limit_words = change(cell, case.below(rule.measure), case.confidence), amount(limit, below)
    result: Result
    if value is None:
        result, tail = "unclear", "undefined here"
    elif flag:
        result, tail = "flag", f"{word} by more than {limit_words}: for a person to look at"
    else:
        result, tail = "within", f"not shown to change by more than {limit_words}"
    return Finding(
        rule=name,
        kind=rule.kind,
        variant=cell.variant,
        cell=cell.id,
        read=rule.read,
        value=value,
        interval=None if low is None or high is None else (low, high),
        threshold=limit,
        result=result,
        action="deploy",
        sentence=f"{clause}; {tail}.",
    )
