"""A grader must be right often enough, as its certificate measured it against people: each figure read by its interval.
Shown to be worse than the minimum: the rule's action. An interval that holds the minimum: a flag. No certificate, a
figure that is no number, or too few labelled answers: what the rule says of a missing one, and never a pass."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ftsafety_spec.gate.case import UNCLEAR_ACTION, Case, Judged
from ftsafety_spec.gate.decide import worst
from ftsafety_spec.gate.flags import flagged
from ftsafety_spec.gate.words import NAMES, percent
from ftsafety_spec.records.cascade import PEOPLE
from ftsafety_spec.records.certificate import Figure
from ftsafety_spec.records.comparison import GraderError, GraderReading
from ftsafety_spec.records.verdict import Finding, Missing, Result
from ftsafety_spec.spec.common import Action
from ftsafety_spec.spec.policy import GraderQuality
from ftsafety_spec.stats.parts import READ_AS

Interval = tuple[float, float]


@dataclass(frozen=True)
class Asked:
    """One figure of a certificate, and the least that a policy asks of it."""

    name: str
    figure: Figure
    least: float

    @property
    def ends(self) -> Interval | None:
        """Its interval; None where value or interval is not there or no number."""
        value, ends = self.figure.value, self.figure.interval
        if value is None or ends is None or not all(map(math.isfinite, (value, *ends))):
            return None
        return ends

    @property
    def margin(self) -> float:
        """How far its lower end lies above the least."""
        return self.ends[0] - self.least if self.ends is not None else -math.inf

    @property
    def result(self) -> Result:
        """`within`: the lower end reaches the least; `shown`: the upper end does not; `flag`: nothing is known."""
        if self.ends is None:
            return "flag"
        low, high = self.ends
        return "within" if low >= self.least else "shown" if high < self.least else "unclear"


def judge(name: str, rule: GraderQuality, case: Case) -> Judged:
    """One finding for each primary grader of the outcome; one in all where nobody read it."""
    outcome = READ_AS.get(rule.outcome, rule.outcome)
    rows = [row for row in case.comparison.graders if row.outcome == outcome]
    if not rows:
        return _unread(name, rule)
    judged = [_judge(name, rule, case, row, row.primary if len(rows) > 1 else None) for row in rows]
    return Judged(
        tuple(finding for item in judged for finding in item.findings),
        tuple(dict.fromkeys(need for item in judged for need in item.missing)),
        tuple(duty for item in judged for duty in item.obligations),
    )


def _judge(name: str, rule: GraderQuality, case: Case, row: GraderReading, cell: str | None) -> Judged:
    if row.primary == PEOPLE or _audited(case, row):
        sentence = f"People read {_what(rule)} in this run, all of it or a random share: no certificate is needed."
        return Judged((_finding(name, rule, cell, "within", "deploy", sentence),))
    lacks = _lacks(rule, row, case)
    asked = tuple(_asked(rule, row.error)) if row.error is not None else ()
    shown = [item for item in asked if item.result == "shown"]
    if lacks is not None and (not shown or worst((rule.below, UNCLEAR_ACTION[rule.missing])) != rule.below):
        return _unknown(name, rule, case, row, cell, lacks)
    return _known(name, rule, case, row, cell, asked)


def _known(
    name: str, rule: GraderQuality, case: Case, row: GraderReading, cell: str | None, asked: tuple[Asked, ...]
) -> Judged:
    """By the figure that is worst against its minimum."""
    order = ("shown", "unclear", "flag", "within")
    first = min(asked, key=lambda item: (order.index(item.result), item.margin))
    ways: dict[Result, tuple[str, Action]] = {
        "shown": ("errs too often", rule.below),
        "unclear": ("may or may not be right often enough", "deploy"),
        "within": ("is right often enough", "deploy"),
    }
    said, action = ways[first.result]
    sentence = f"The grader {row.primary} {said} on {_what(rule)} ({'; '.join(map(_figure, asked))})."
    finding = _finding(name, rule, cell, first.result, action, sentence).model_copy(
        update={"value": first.figure.value, "interval": first.ends, "threshold": first.least}
    )
    return Judged((finding,), obligations=(flagged(finding, case),) if first.result == "unclear" else ())


def _audited(case: Case, row: GraderReading) -> bool:
    """True where people read a random share of what the grader decided in this run: the figures then rest on them."""
    levels = (item for item in case.comparison.cascades if item.outcome == row.outcome)
    mine = [item for item in levels if item.levels[0].grader == row.primary]
    return bool(mine) and all(item.audit > 0 and item.levels[1].grader == PEOPLE for item in mine)


def _asked(rule: GraderQuality, error: GraderError) -> Iterator[Asked]:
    yield Asked("sensitivity", error.sensitivity, rule.sensitivity_at_least)
    yield Asked("specificity", error.specificity, rule.specificity_at_least)
    if rule.kappa_at_least is not None:
        yield Asked("kappa", error.kappa, rule.kappa_at_least)


def _lacks(rule: GraderQuality, row: GraderReading, case: Case) -> str | None:
    """Why a grader's certificate cannot be relied on; None where it can."""
    if row.error is None:
        return "has no certificate, so its error is unknown"
    above = [use for use in case.plan.graders if use.cascade is not None and use.grader != PEOPLE]
    bare = [u.grader for u in above if READ_AS.get(u.outcome, u.outcome) == row.outcome and u.certificate is None]
    if bare:
        return f"passes answers on to {bare[0]}, which has no certificate"
    unknown = [item.name for item in _asked(rule, row.error) if item.result == "flag"]
    if unknown:
        return f"has a certificate that does not say its {' and '.join(unknown)}"
    if row.error.labelled < rule.labelled_at_least:
        return f"was held against {row.error.labelled} labelled answers only, asked {rule.labelled_at_least}"
    return None


def _unknown(name: str, rule: GraderQuality, case: Case, row: GraderReading, cell: str | None, lacks: str) -> Judged:
    """Nothing that can be relied on is known of the grader: a flag that people clear, or missing evidence."""
    result: Result = "flag" if rule.missing == "flag" else "unclear"
    sentence = f"The grader {row.primary}, which read {_what(rule)}, {lacks}."
    finding = _finding(name, rule, cell, result, UNCLEAR_ACTION[rule.missing], sentence)
    if rule.missing == "flag":
        return Judged((finding,), obligations=(flagged(finding, case),))
    how = f"Label answers and run `ftsafety graders certify {row.primary}`, or name a certified grader in the suite."
    found = None if row.error is None else row.error.labelled
    need = Missing(rule=name, need="certificate", asked=rule.labelled_at_least, found=found, how=how)
    return Judged((finding,), (need,))


def _unread(name: str, rule: GraderQuality) -> Judged:
    """Nobody read the outcome: no grader can be asked, and no figure rests on one."""
    sentence = f"No grader read {_what(rule)}, so none can be checked."
    result: Result = "flag" if rule.missing == "flag" else "unclear"
    return Judged((_finding(name, rule, None, result, UNCLEAR_ACTION[rule.missing], sentence),))


def _finding(
    name: str, rule: GraderQuality, cell: str | None, result: Result, action: Action, sentence: str
) -> Finding:
    return Finding(rule=name, kind=rule.kind, variant=None, cell=cell, result=result, action=action, sentence=sentence)


def _figure(asked: Asked) -> str:
    least = _number(asked, asked.least)
    if asked.ends is None:
        return f"{asked.name} unknown, asked {least}"
    low, high = (_number(asked, end) for end in asked.ends)
    return f"{asked.name} {_number(asked, asked.figure.value)}, {low} to {high}, asked {least}"


def _number(asked: Asked, value: float | None) -> str:
    return f"{value:.2f}" if asked.name == "kappa" and value is not None else percent(value)


def _what(rule: GraderQuality) -> str:
    return NAMES.get(rule.outcome, rule.outcome.replace("_", " "))
