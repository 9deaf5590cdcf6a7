"""Rule kind `ceiling` (R-40): no group may be shown to lie further below base than this (Holm over the groups).
A group that is too small to clear the ceiling is `unclear`, unless shrinkage towards the whole clears it."""

from __future__ import annotations

from ftsafety_spec.gate import reading
from ftsafety_spec.gate.context import Case, Outcome, action_of
from ftsafety_spec.gate.words import below as in_words
from ftsafety_spec.gate.words import outcome_title, percent, place, rates
from ftsafety_spec.records.comparison import Cell
from ftsafety_spec.records.verdict import Finding, Result
from ftsafety_spec.spec.common import Action
from ftsafety_spec.spec.policy import Below, Ceiling
from ftsafety_spec.stats.families import holm
from ftsafety_spec.stats.size import settles_with


def judge(name: str, rule: Ceiling, case: Case) -> Outcome:
    """One finding for each cell of each deployed variant; one that names the rule where there is none."""
    out = Outcome()
    below = rule.measure or case.policy.measure.below
    for variant in case.deployed():
        cells = [cell for outcome in case.outcomes(rule.outcomes) for cell in case.cells(variant, outcome, rule.by)]
        adjusted = holm([reading.p_shown(cell, below, rule.above) for cell in cells])
        for cell, p in zip(cells, adjusted, strict=True):
            out.findings.append(_judged(name, rule, cell, p, below, case))
        if not cells:
            out.findings.append(_nothing(name, rule, variant))
    return out


def _judged(name: str, rule: Ceiling, cell: Cell, p: float, below: Below, case: Case) -> Finding:
    confidence = case.policy.measure.confidence
    value = reading.estimate(cell, below)
    low, high = reading.optimistic(cell, below, confidence), reading.pessimistic(cell, below, confidence)
    result: Result
    if p <= 1.0 - confidence and value is not None and value > rule.above:
        result = "shown"
    elif (high is not None and high <= rule.above) or _cleared_by_the_whole(rule, cell, value, below):
        result = "within"
    else:
        result = "unclear"
    action: Action = "deploy" if result == "within" else action_of(rule.shown if result == "shown" else rule.unclear)
    return Finding(
        rule=name,
        kind="ceiling",
        variant=cell.variant,
        cell=cell.id,
        read="shown",
        value=value,
        interval=None if low is None or high is None else (low, high),
        threshold=rule.above,
        result="flag" if result == "unclear" and rule.unclear == "flag" else result,
        action=action,
        sentence=_sentence(rule, cell, value, result),
        settles_with=settles_with(reading.worst(cell), rule.above, confidence) if result == "unclear" else None,
    )


def _cleared_by_the_whole(rule: Ceiling, cell: Cell, value: float | None, below: Below) -> bool:
    """A small group borrows strength: its shrunken estimate and its own lie under half of the ceiling, and nothing in
    it was left unread."""
    shrunken = cell.regression.shrunken
    unread = cell.unscored_base + cell.unscored_tuned
    if rule.by == "all" or below != "relative" or shrunken is None or value is None or unread:
        return False
    return shrunken <= rule.above / 2 and value <= rule.above / 2


def _sentence(rule: Ceiling, cell: Cell, value: float | None, result: Result) -> str:
    head = f"{outcome_title(cell.outcome)} {place(cell)}: {rates(cell)}"
    if value is None:
        return f"{head}; a change relative to base is undefined."
    limit = percent(rule.above)
    tail = {
        "within": f"under the ceiling of {limit}",
        "shown": f"shown to lie more than {limit} below base",
        "unclear": f"not shown to stay under the ceiling of {limit}",
        "flag": "",
    }[result]
    return f"{head}: {in_words(value)}, {tail}."


def _nothing(name: str, rule: Ceiling, variant: str) -> Finding:
    outcomes = rule.outcomes if isinstance(rule.outcomes, str) else ", ".join(rule.outcomes)
    return Finding(
        rule=name,
        kind="ceiling",
        variant=variant,
        result="flag" if rule.unclear == "flag" else "unclear",
        action=action_of(rule.unclear),
        sentence=f"Nothing was measured by {rule.by} for {outcomes}: the ceiling cannot be read.",
    )
