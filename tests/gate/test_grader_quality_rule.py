"""A grader that is shown to be worse than the policy's minimum makes the evidence insufficient (issue 6, point 3)."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ftsafety_spec.graders
from ftsafety_spec.compare.graders import error_of
from ftsafety_spec.compose.lock import lock_policy
from ftsafety_spec.compose.project import Project
from ftsafety_spec.gate.case import Case
from ftsafety_spec.gate.decide import decide
from ftsafety_spec.gate.rules.grader_quality import judge
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.certificate import Certificate, Figure
from ftsafety_spec.records.comparison import GraderError, GraderReading
from ftsafety_spec.spec.common import ACTIONS
from ftsafety_spec.spec.policy import GraderQuality

Interval = tuple[float, float]
GOOD: Interval = (0.90, 0.96)
WIDE: Interval = (0.70, 0.96)
BAD: Interval = (0.40, 0.60)


def rule(**fields: Any) -> GraderQuality:
    asked = {"sensitivity_at_least": 0.8, "specificity_at_least": 0.8, "labelled_at_least": 100}
    return GraderQuality.model_validate({"kind": "grader_quality", **asked, **fields})


def figure(ends: Interval | None) -> Figure:
    value = None if ends is None else sum(ends) / 2
    return Figure.model_construct(value=value, se=0.01, interval=ends, n=500, prompts=500)  # records refuse NaN


def error(
    sensitivity: Interval | None,
    specificity: Interval | None = GOOD,
    kappa: Interval | None = GOOD,
    labelled: int = 400,
) -> GraderError:
    return GraderError.model_construct(
        certificate=digest_text("c"),
        sensitivity=figure(sensitivity),
        specificity=figure(specificity),
        kappa=figure(kappa),
        labelled=labelled,
    )


def row(of: GraderError | None, primary: str = "g", outcome: str = "refusal") -> GraderReading:
    return GraderReading(outcome=outcome, primary=primary, graded=10, unscored=0, error=of)


def case(*rows: GraderReading, cascades: tuple[Any, ...] = (), uses: tuple[Any, ...] = ()) -> Case:
    comparison = SimpleNamespace(graders=rows, cascades=cascades, compute_digest=lambda: "comparison")
    policy = SimpleNamespace(roles={}, rules={}, actions={}, waivers={})
    plan = SimpleNamespace(graders=uses, spec="spec")
    parts: list[Any] = [SimpleNamespace(), policy, None, plan, comparison]
    return Case(*parts, evidence=(), as_of=date(2026, 11, 24))


def said(made: GraderQuality, *rows: GraderReading, **more: Any) -> tuple[str, str, int, int]:
    """Result, action, flags that people owe, missing needs."""
    judged = judge("q", made, case(*rows, **more))
    worst = max(judged.findings, key=lambda item: ACTIONS.index(item.action))
    return worst.result, worst.action, len(judged.obligations), len(judged.missing)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (error(GOOD), ("within", "deploy", 0, 0)),
        (error((0.8, 0.8)), ("within", "deploy", 0, 0)),
        (error(WIDE), ("unclear", "deploy", 1, 0)),
        (error(GOOD, WIDE), ("unclear", "deploy", 1, 0)),
        (error(BAD), ("shown", "insufficient", 0, 0)),
        (error(GOOD, BAD), ("shown", "insufficient", 0, 0)),
        (error(BAD, WIDE), ("shown", "insufficient", 0, 0)),
        (error((0.7, 0.79999)), ("shown", "insufficient", 0, 0)),
        (None, ("unclear", "insufficient", 0, 1)),
        (error(None), ("unclear", "insufficient", 0, 1)),
        (error((math.nan, 0.9)), ("unclear", "insufficient", 0, 1)),
        (error(GOOD, (0.9, math.inf)), ("unclear", "insufficient", 0, 1)),
        (error(GOOD, labelled=99), ("unclear", "insufficient", 0, 1)),
    ],
)
def test_each_figure_is_read_by_its_interval(found: GraderError | None, expected: Any) -> None:
    assert said(rule(), row(found)) == expected


@pytest.mark.parametrize("found", [None, error(None), error((math.nan, math.nan)), error(GOOD, labelled=1)])
def test_what_is_not_known_is_never_a_pass(found: GraderError | None) -> None:
    judged = judge("q", rule(missing="flag"), case(row(found)))
    assert [(item.result, item.action) for item in judged.findings] == [("flag", "deploy")]
    assert decide("deploy", judged.obligations) == "pending"


def test_kappa_is_asked_only_where_the_rule_asks_it() -> None:
    assert said(rule(), row(error(GOOD, kappa=BAD)))[0] == "within"
    assert said(rule(kappa_at_least=0.7), row(error(GOOD, kappa=BAD)))[:2] == ("shown", "insufficient")
    assert said(rule(kappa_at_least=0.7), row(error(GOOD, kappa=None)))[:2] == ("unclear", "insufficient")


def test_a_grader_shown_to_be_bad_on_too_few_labels_gets_the_more_severe_of_both() -> None:
    few = row(error(BAD, labelled=5))
    assert said(rule(missing="flag"), few)[:2] == ("shown", "insufficient")
    assert said(rule(below="review"), few)[:2] == ("unclear", "insufficient")


def test_of_several_graders_each_has_a_finding_and_the_worst_decides() -> None:
    judged = judge("q", rule(), case(row(error(GOOD), "good"), row(error(BAD), "bad")))
    assert [(item.cell, item.result) for item in judged.findings] == [("good", "within"), ("bad", "shown")]


def test_an_outcome_that_nobody_read_is_said_and_other_outcomes_are_not_looked_at() -> None:
    other = row(error(BAD), outcome="not_toxic")
    assert said(rule(), other) == ("unclear", "insufficient", 0, 0)
    assert said(rule(missing="flag"), other) == ("flag", "deploy", 0, 0)
    assert said(rule(outcome="edge_compliance"), row(error(BAD), outcome="borderline_compliance"))[0] == "shown"


def levels(second: str, audit: float) -> Any:
    pair = (SimpleNamespace(grader="g"), SimpleNamespace(grader=second))
    return SimpleNamespace(outcome="refusal", audit=audit, implied=False, levels=pair)


def test_people_who_read_this_very_run_stand_for_the_certificate() -> None:
    assert said(rule(), row(None, "people"))[0] == "within"
    assert said(rule(), row(None), cascades=(levels("people", 0.1),))[0] == "within"
    assert said(rule(), row(None), cascades=(levels("people", 0.0),))[:2] == ("unclear", "insufficient")
    assert said(rule(), row(None), cascades=(levels("judge", 0.1),))[:2] == ("unclear", "insufficient")


def test_a_stronger_grader_without_a_certificate_is_as_unknown_as_the_one_below_it() -> None:
    use = SimpleNamespace(outcome="refusal", grader="judge", cascade=object(), certificate=None)
    assert said(rule(), row(error(GOOD)), uses=(use,))[:2] == ("unclear", "insufficient")
    use.certificate = digest_text("certified")
    assert said(rule(), row(error(GOOD)), uses=(use,))[0] == "within"


def test_what_the_sentence_says_can_be_checked() -> None:
    found = judge("q", rule(), case(row(error(BAD)))).findings[0]
    assert (found.interval, found.threshold) == (BAD, 0.8) and found.value == pytest.approx(0.5)
    assert "sensitivity 50.0 %, 40.0 % to 60.0 %, asked 80.0 %" in found.sentence


RATE = st.floats(0, 1)
ENDS = st.tuples(RATE, RATE).map(lambda pair: (min(pair), max(pair)))


def lower(ends: Interval, fall: float) -> Interval:
    return max(0.0, ends[0] - fall), max(0.0, ends[1] - fall)


@settings(max_examples=300, deadline=None)
@given(
    st.tuples(ENDS, ENDS, ENDS),
    st.tuples(RATE, RATE, RATE),
    st.integers(0, 300),
    st.integers(0, 300),
    st.fixed_dictionaries(
        {
            "sensitivity_at_least": RATE,
            "specificity_at_least": RATE,
            "kappa_at_least": st.none() | RATE,
            "below": st.sampled_from(["review", "insufficient", "block"]),
            "missing": st.sampled_from(["flag", "insufficient"]),
        }
    ),
)
def test_worse_figures_never_give_a_milder_action_or_owe_less(
    ends: tuple[Interval, Interval, Interval],
    falls: tuple[float, float, float],
    labels: int,
    fewer: int,
    fields: dict[str, Any],
) -> None:
    worse = tuple(map(lower, ends, falls))
    ranks = []
    for (a, b, k), labelled in ((ends, labels), (worse, max(0, labels - fewer))):
        judged = judge("q", rule(**fields), case(row(error(a, b, k, labelled))))
        action = judged.findings[0].action
        decision = ("go", "pending", "no_go").index(decide(action, judged.obligations))
        ranks.append((ACTIONS.index(action), decision if action in ("deploy", "insufficient", "block") else 1))
    assert ranks[1][0] >= ranks[0][0]
    assert ranks[1][1] >= ranks[0][1]


@settings(max_examples=100, deadline=None)
@given(ENDS, st.sampled_from(["sensitivity", "specificity"]))
def test_a_figure_that_is_lost_never_gives_a_pass(ends: Interval, lost: str) -> None:
    found = error(ends, ends).model_copy(update={lost: Figure()})
    for missing in ("flag", "insufficient"):
        judged = judge("q", rule(missing=missing), case(row(found)))
        assert judged.findings[0].result != "within"
        assert decide(judged.findings[0].action, judged.obligations) != "go"


@pytest.mark.parametrize("name", ["refusal", "refusal_classifier"])
def test_the_built_in_graders_of_refusal_clear_the_built_in_minimum(name: str) -> None:
    folder = Path(ftsafety_spec.graders.__file__).parent / "certificates"
    certificate = Certificate.from_json(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
    policy = lock_policy("ftsafety/default", Project(Path(__file__).parent)).policy
    built_in = policy.rules["grader-error"]
    assert isinstance(built_in, GraderQuality)
    assert said(built_in, row(error_of(certificate, "refusal"))) == ("within", "deploy", 0, 0)
