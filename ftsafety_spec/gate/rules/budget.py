"""R-30: the spec says what a run may take, within what the policy allows, and whether the budget ended the run before
all was asked. What was asked is judged by the other rules."""

from __future__ import annotations

from collections.abc import Iterator

from ftsafety_spec.gate.case import UNCLEAR_ACTION, Case, Judged
from ftsafety_spec.gate.flags import flagged
from ftsafety_spec.gate.rules.readings import plain_finding
from ftsafety_spec.records.looks import BUDGET_USED_UP
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.spec.evidence_rules import SpendingLimit


def judge(name: str, rule: SpendingLimit, case: Case) -> Judged:
    """One finding for a budget that is not declared or too high, one for a run that it cut; else one `within`."""
    found = [*_declared(name, rule, case), *_cut(name, rule, case)]
    if not found:
        found = [plain_finding(name, rule.kind, "within", "deploy", f"The run kept to its budget: {_words(case)}.")]
    return Judged(tuple(found), obligations=tuple(flagged(item, case) for item in found if item.result == "flag"))


def _declared(name: str, rule: SpendingLimit, case: Case) -> Iterator[Finding]:
    why = _lacking(rule, case)
    if why:
        yield plain_finding(name, rule.kind, "unclear", UNCLEAR_ACTION[rule.missing], f"{why}.")


def _lacking(rule: SpendingLimit, case: Case) -> str:
    own = case.locked.spec.budget
    if own.hours is None and own.usd is None:
        return "The spec declares no budget, so nothing bounds what a run of it takes"
    rows = ((own.hours, rule.hours_at_most, "hours"), (own.usd, rule.usd_at_most, "USD"))
    over = [
        f"{have:g} {unit} (at most {most:g})"
        for have, most, unit in rows
        if most is not None and have is not None and have > most
    ]
    open_ = [f"at most {most:g} {unit}" for have, most, unit in rows if most is not None and have is None]
    said = [f"the spec's budget is {' and '.join(over)}"] if over else []
    said += [f"the spec's budget does not say {' and '.join(open_)}"] if open_ else []
    text = "; ".join(said)
    return text[:1].upper() + text[1:]


def _cut(name: str, rule: SpendingLimit, case: Case) -> Iterator[Finding]:
    left = case.comparison.not_run.get(BUDGET_USED_UP, 0)
    if left:
        sentence = (
            f"The budget ended the run with {left} of its answers not asked for ({_words(case)}); it is judged on the "
            "others. Raise `budget` and run again: nothing is asked twice."
        )
        result, action = ("flag", "deploy") if rule.cut == "flag" else ("unclear", "insufficient")
        yield plain_finding(name, rule.kind, result, action, sentence, cell="cut")  # type: ignore[arg-type]


def _words(case: Case) -> str:
    own, estimate = case.locked.spec.budget, case.plan.estimate
    said = [f"{own.hours:g} hours"] if own.hours is not None else []
    said += [f"{own.usd:g} USD"] if own.usd is not None else []
    more = f"; the plan expected {' and '.join(estimate.over_budget)}" if estimate.over_budget else ""
    return (" and ".join(said) or "none declared") + more
