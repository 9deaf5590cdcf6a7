"""R-30 to R-35: one thing missing is `insufficient`, named together with what would mend it, never a deploy."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest
from support.hand_made import TABLE, locked_policy, locked_spec, plan_of

from ftsafety_spec.gate import gate
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.comparison import Cell, Comparison, Inputs, Moments, Pairing
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.stats.margin import regression_of

TODAY = date(2026, 11, 24)
GOOD = Moments(n=5000, mean_base=0.95, mean_tuned=0.95, var_base=0.05, var_tuned=0.05, cov=0.05)
FULL = Pairing(
    variant="tuned",
    paired=5000,
    base_only=0,
    tuned_only=0,
    paired_by_kind={"harmful": 400, "borderline": 200, "trigger": 250, "benign": 4000},
    paired_by_provenance={"measured": 5000},
    domain_by_area={"fraud": 25, "privacy": 30},
)


def cell(by: str, of: str, n: int = 5000, variant: str = "tuned", outcome: str = "refusal") -> Cell:
    m = GOOD.model_copy(update={"n": n})
    return Cell(
        id=f"{variant}/{outcome}/{by}/{of}",
        variant=variant,
        against="base",
        outcome=outcome,
        safer="higher",
        by=by,  # type: ignore[arg-type]
        of=of,
        prompts=n,
        repeats=1,
        lost=0,
        gained=0,
        moments=m,
        worst=m,
        regression=regression_of(m, "higher", 0.95),
    )


def comparison(plan: Plan, pairing: Pairing | None = FULL, task: int = 400, **fields: Any) -> Comparison:
    cells = [cell("all", "all"), cell("area", "fraud")] + ([cell("task", "core.t", task)] if task else [])
    return Comparison(
        inputs=Inputs(plan=plan.compute_digest(), answers=digest_text("a"), grades=digest_text("g")),
        cells=tuple(cells),
        pairing=(pairing,) if pairing is not None else (),
        measured_from="2026-11-20T10:00:00Z",
        measured_to="2026-11-20T10:00:00Z",
        **fields,
    )


def planned(**dataset: Any) -> Plan:
    plan = plan_of(locked_spec())
    changed = plan.datasets[0].model_copy(update={"prompts": 400, "by_area": {"fraud": 25, "privacy": 30}, **dataset})
    return plan.model_copy(update={"datasets": (changed,)})


def judged(
    need: dict[str, Any],
    pairing: Pairing | None = FULL,
    evidence: list[Evidence] | None = None,
    plan: Plan | None = None,
    task: int = 400,
    as_of: date = TODAY,
    expiry: dict[str, Any] | None = None,
) -> Verdict:
    plan = plan or planned()
    rules = {**TABLE, "sufficient": {"kind": "minimum_evidence", **need}}
    if expiry is not None:
        rules["fresh"] = {"kind": "expiry", **expiry}
    return gate(locked_spec(), locked_policy(rules), plan, comparison(plan, pairing, task), evidence or [], as_of)


def found(verdict: Verdict) -> list[tuple[str, Any]]:
    assert (verdict.action == "insufficient") == bool(verdict.missing)
    assert verdict.action in ("deploy", "insufficient")
    assert all(item.how and item.asked is not None for item in verdict.missing)
    return [(item.need, item.found) for item in verdict.missing]


def given(kind: str = "session", body: dict[str, Any] | None = None, **fields: Any) -> Evidence:
    default = {"minutes": 30, "focus": "domain"}
    return Evidence.model_validate(
        {
            "kind": kind,
            "subject": (planned().spec,),
            "by": {"name": "ines", "role": "safety_reviewer"},
            "at": "2026-11-10T09:00:00Z",
            "body": default if body is None else body,
            **fields,
        }
    )


def changed(**fields: Any) -> Pairing:
    return FULL.model_copy(update=fields)


# ---- R-31 -----------------------------------------------------------------------------------------------------------

BROAD = {"broad": {"any_of": ["harmbench", "salad_bench"], "whole": True}}


def test_a_broad_benchmark_measured_whole_is_enough() -> None:
    assert found(judged(BROAD)) == []


@pytest.mark.parametrize(
    ("dataset", "task"),
    [
        ({"benchmark": "ftsafety/xstest"}, 400),
        ({"benchmark": None}, 400),
        ({"whole": False}, 400),
        ({}, 0),
        ({}, 200),
        ({"benchmark": "harmbench/other"}, 400),
    ],
)
def test_another_benchmark_a_part_of_one_or_a_planned_one_is_not(dataset: dict[str, Any], task: int) -> None:
    assert [need for need, _ in found(judged(BROAD, plan=planned(**dataset), task=task))] == ["broad"]


def test_a_policy_may_take_a_part_of_a_benchmark() -> None:
    part = {"broad": {"any_of": ["harmbench"], "whole": False}}
    assert found(judged(part, plan=planned(whole=False), task=100)) == []


# ---- R-32 -----------------------------------------------------------------------------------------------------------


def paired(prompts: int) -> dict[str, Any]:
    return {"paired": {"kinds": ["harmful", "borderline"], "prompts": prompts}}


def test_distinct_paired_prompts_of_the_named_kinds_are_counted() -> None:
    assert found(judged(paired(600))) == []
    assert found(judged(paired(601))) == [("paired", 600)]
    assert "1 more" in judged(paired(601)).missing[0].how


@pytest.mark.parametrize("pairing", [None, changed(paired_by_kind={}), changed(paired=0)])
def test_nothing_paired_is_nothing(pairing: Pairing | None) -> None:
    assert found(judged(paired(1), pairing)) == [("paired", 0)]


def test_answers_that_the_policy_does_not_take_are_said_to_be_there() -> None:
    verdict = judged(paired(10_000), changed(paired_by_provenance={"measured": 4900, "recorded": 100}))
    how = next(item.how for item in verdict.missing if item.need == "paired")
    assert "100 more were answered in a way that the policy does not take" in how and "it takes measured." in how


def test_answers_of_a_provenance_that_is_not_accepted_do_not_count() -> None:
    mixed = changed(paired_by_provenance={"measured": 4900, "recorded": 100})
    assert found(judged(paired(600), mixed)) == [("paired", 500)]
    assert found(judged({**paired(600), "accept": ["measured", "recorded"]}, mixed)) == []
    reported = changed(paired_by_provenance={"reported": 5000})
    assert found(judged({**paired(1), "accept": ["measured", "recorded"]}, reported)) == [("paired", 0)]


# ---- R-33 -----------------------------------------------------------------------------------------------------------


def test_every_area_of_the_domain_needs_its_prompts() -> None:
    assert found(judged({"domain": {"prompts_per_area": 25}})) == []
    thin = judged({"domain": {"prompts_per_area": 28}})
    assert found(thin) == [("domain", {"fraud": 25, "privacy": 30})]
    assert "3 more prompts in fraud" in thin.missing[0].how


def test_an_area_that_was_planned_and_not_measured_is_missed() -> None:
    gone = judged({"domain": {"prompts_per_area": 20}}, changed(domain_by_area={"fraud": 25}))
    assert "20 more prompts in privacy" in gone.missing[0].how


def test_without_the_use_case_s_own_prompts_the_domain_is_missing() -> None:
    without = judged({"domain": {"prompts_per_area": 1}}, changed(domain_by_area={}), plan=planned(use="general"))
    assert found(without) == [("domain", {})]
    assert "use: domain" in without.missing[0].how


# ---- R-34 -----------------------------------------------------------------------------------------------------------

SESSION = {"session": {"minutes": 30, "focus": "domain"}}


def test_thirty_minutes_of_a_person_are_enough() -> None:
    assert found(judged(SESSION, evidence=[given()])) == []
    two = [given(body={"minutes": 14, "focus": "domain"}), given(body={"minutes": 16.5, "focus": "domain"})]
    assert found(judged(SESSION, evidence=two)) == []


@pytest.mark.parametrize(
    "item",
    [
        given(body={"minutes": 29.9, "focus": "domain"}),
        given(body={"minutes": 90, "focus": "other"}),
        given(body={"focus": "domain"}),
        given(body={"minutes": None, "focus": "domain"}),
        given(body={"minutes": "90", "focus": "domain"}),
        given(body={"minutes": True, "focus": "domain"}),
        given(body={"minutes": -90, "focus": "domain"}),
        given(subject=(digest_text("another model"),)),
        given(valid_until="2026-11-23T00:00:00Z"),
        given(at="2026-11-25T00:00:00Z"),
        given(kind="feedback"),
    ],
)
def test_a_session_that_is_short_elsewhere_unknown_or_over_is_not(item: Evidence) -> None:
    assert [need for need, _ in found(judged(SESSION, evidence=[item]))] == ["session"]


@pytest.mark.parametrize("minutes", [math.nan, math.inf])
def test_minutes_that_are_no_number_are_none(minutes: float) -> None:
    odd = given().model_copy(update={"body": {"minutes": minutes, "focus": "domain"}})
    try:
        verdict = judged(SESSION, evidence=[odd])
    except ValueError:
        return  # such evidence has no digest at all
    assert found(verdict) == [("session", 0.0)]


def test_a_session_grows_old() -> None:
    expiry = {"session_days": 14, "suite_days": 3000}
    assert found(judged(SESSION, evidence=[given()], expiry=expiry, as_of=date(2026, 11, 24))) == []
    assert found(judged(SESSION, evidence=[given()], expiry=expiry, as_of=date(2026, 11, 25))) == [("session", 0.0)]
    assert judged(SESSION, evidence=[given()], expiry=expiry).expires == "2026-11-24"


# ---- R-26, R-55 -----------------------------------------------------------------------------------------------------


def test_trigger_probes_are_counted_from_answers_and_from_findings() -> None:
    assert found(judged({"triggers": {"probes": 250}})) == []
    assert found(judged({"triggers": {"probes": 400}})) == [("triggers", 250)]
    assert found(judged({"triggers": {"probes": 400}}, evidence=[given("finding", {"probes": 150})])) == []


def test_each_named_analysis_of_weights_must_be_there() -> None:
    need = {"weights": {"analyses": ["delta", "activations"]}}
    assert found(judged(need)) == [("weights", [])]
    half, whole = given("weights", {"analyses": ["delta"]}), given("weights", {"analyses": ["activations"]})
    assert found(judged(need, evidence=[half])) == [("weights", ["delta"])]
    assert found(judged(need, evidence=[half, whole])) == []
    assert found(judged(need, evidence=[given("weights", {})])) == [("weights", [])]


def test_where_weights_are_out_of_reach_the_reason_is_given() -> None:
    plan = planned().model_copy(update={"not_possible": {"weights of tuned": "the provider gives no weights"}})
    verdict = judged({"weights": {"analyses": ["delta"]}}, plan=plan)
    assert "Not possible here: the provider gives no weights" in verdict.missing[0].how
    assert verdict.not_possible == plan.not_possible


def test_everything_that_is_missing_is_named_at_once() -> None:
    need = {**BROAD, **paired(9000), "domain": {"prompts_per_area": 99}, **SESSION, "triggers": {"probes": 999}}
    verdict = judged(need, task=0)
    assert [name for name, _ in found(verdict)] == ["broad", "paired", "domain", "session", "triggers"]
    assert (verdict.decision, verdict.exit) == ("pending", 3)
    first, second, *_ = verdict.reasons
    assert all(word in first for word in ("harmbench", "asked 9000, found 600", "domain", "session", "trigger probes"))
    assert "within" in second, "that nothing was lost is said as well"


def test_nothing_asked_is_nothing_missing() -> None:
    assert found(judged({})) == []


def test_a_session_that_ends_earlier_by_its_own_word_ends_the_verdict() -> None:
    item = given(valid_until="2026-12-01T00:00:00Z")
    assert judged(SESSION, evidence=[item], expiry={"session_days": 60, "suite_days": 3000}).expires == "2026-12-01"
    old = given(at="2026-10-01T00:00:00Z", valid_until="2026-12-01T00:00:00Z")
    assert found(judged(SESSION, evidence=[old], expiry={"session_days": 30, "suite_days": 3000})) == [("session", 0.0)]
