"""What is missing, null or no number is insufficient at best, of every minimum and every figure of a grader."""

from __future__ import annotations

import math
from typing import Any

import pytest
from support.every_rule import BASE, RULES, judged, locked, run_of

from ftsafety_spec.gate.case import Case, Judged
from ftsafety_spec.gate.rules import RULES as RULE_KINDS
from ftsafety_spec.records.certificate import Figure
from ftsafety_spec.spec.common import ACTIONS
from ftsafety_spec.spec.effective import facts_of
from ftsafety_spec.spec.policy_case import Given, GraderFigures, OutcomeRates, Present

GOOD = Given(
    tier="low",
    outcomes={"refusal": OutcomeRates(base=1.0, tuned=1.0, prompts=900, areas={})},
    present=Present(
        prompts={"harmful": 900},
        session=30,
        triggers=50,
        graders={"refusal": GraderFigures(agreement=(1, 1, 1), sensitivity=(1, 1, 1), specificity=(1, 1, 1),
                                          kappa=(1, 1, 1), labelled=400)},
    ),
)  # fmt: skip
ASKED = {**RULES, "agree": {**RULES["agree"], "missing": "insufficient"}, "bands": {**RULES["bands"], "beyond": {}},
         "right": {**RULES["right"], "missing": "insufficient"}}  # fmt: skip
ASKED.pop("over")
BAD = [math.nan, math.inf, -math.inf, None]


STRICT = locked({**BASE, "rules": ASKED})


def of_rule(rule: str, **update: Any) -> Judged:
    """What one rule says of the good run with a grader's row changed past what any record can hold (a run's digest
    cannot be made of it: the gate itself refuses to judge)."""
    run = run_of(GOOD, STRICT)
    row = run.comparison.graders[0].model_copy(update=update)
    made = run.comparison.model_copy(update={"graders": (row,)})
    facts = facts_of(run.locked.spec, STRICT.policy)
    case = Case(run.locked, STRICT.policy, facts, run.plan, made, run.evidence, run.as_of)
    named = STRICT.policy.rules[rule]
    assert named is not None
    return RULE_KINDS[named.kind](rule, named, case)


def action(found: Judged) -> str:
    return max((item.action for item in found.findings), key=ACTIONS.index)


def test_the_good_run_is_deployed() -> None:
    verdict = judged(run_of(GOOD, STRICT))
    assert (verdict.action, verdict.decision) == ("deploy", "go")
    assert action(of_rule("agree")) == action(of_rule("right")) == "deploy"


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_agreement_that_is_no_number_is_insufficient(bad: float | None) -> None:
    assert action(of_rule("agree", kappa=bad)) == "insufficient"


@pytest.mark.parametrize("ends", [None, (math.nan, 1.0), (0.9, math.nan), (math.nan, math.nan)], ids=str)
def test_agreement_without_an_interval_is_never_a_pass(ends: tuple[float, float] | None) -> None:
    found = of_rule("agree", kappa_interval=ends)
    assert [item.result for item in found.findings] == ["unclear"]
    assert found.obligations


@pytest.mark.parametrize("name", ["sensitivity", "specificity", "kappa"])
@pytest.mark.parametrize("bad", BAD, ids=str)
@pytest.mark.parametrize("where", ["value", "interval"])
def test_a_certificate_s_figure_that_is_no_number_is_insufficient(name: str, bad: float | None, where: str) -> None:
    error = run_of(GOOD, STRICT).comparison.graders[0].error
    assert error is not None
    figure: Figure = getattr(error, name)
    value: Any = bad if where == "value" else None if bad is None else (bad, bad)
    changed = error.model_copy(update={name: figure.model_copy(update={where: value})})
    assert action(of_rule("right", error=changed)) == "insufficient"


def test_a_certificate_that_is_not_there_is_insufficient() -> None:
    assert action(of_rule("right", error=None)) == "insufficient"


@pytest.mark.parametrize("lacks", ["paired", "session", "triggers", "second_grader", "certificate"])
def test_each_minimum_that_is_missing_is_insufficient(lacks: str) -> None:
    case = GOOD.model_copy(update={"present": "all", "lacks": [lacks]})
    whole = GOOD.model_copy(update={"present": "all"})
    assert judged(run_of(whole, STRICT)).action == "deploy"
    verdict = judged(run_of(case, STRICT))
    assert verdict.action == "insufficient"
    assert [need.need for need in verdict.missing] == [lacks]
