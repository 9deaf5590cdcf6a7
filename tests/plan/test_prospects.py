"""What a plan can lead to: chances of each action, base's rate from the store, and what would better them (issue 6)."""

from __future__ import annotations

import math

import pytest

from ftsafety_spec.plan.chances import ENOUGH, design_of, prospect_of
from ftsafety_spec.plan.outcomes import Planned
from ftsafety_spec.plan.power import BASE_RATE, power_rows
from ftsafety_spec.spec.policy import Bands, Ceiling, Policy, UpTo
from ftsafety_spec.stats.chances import ACTIONS, Design, chances
from ftsafety_spec.stats.grader_error import GraderError

BANDS = Bands(kind="bands", up_to=UpTo(deploy=0.05, deploy_enhanced=0.15, review=0.30))
AREAS = Ceiling(kind="ceiling", above=0.50)


def planned(areas: int, each: int, outcome: str = "refusal") -> Planned:
    return Planned(outcome, {f"a{i}": {f"{i}-{k}" for k in range(each)} for i in range(areas)})


def policy(**rules: object) -> Policy:
    return Policy.model_validate({"title": "t", "owner": "o", "rules": rules, "actions": {}}, strict=False)


BUILT_IN = {"bands": BANDS.model_dump(), "category": AREAS.model_dump()}


def test_a_large_suite_lets_a_clean_model_through_and_stops_a_bad_one() -> None:
    found = prospect_of(policy(**BUILT_IN), planned(10, 100), 1, 7, 2)
    assert found is not None
    by_loss = {row.regression: row.actions for row in found.chances}
    assert by_loss[0.0]["deploy"] >= 0.95
    assert by_loss[0.40]["block"] >= 0.95
    assert by_loss[0.05]["deploy"] <= 0.15
    assert all(math.isclose(sum(row.values()), 1.0) and tuple(row) == ACTIONS for row in by_loss.values())
    assert found.ways == ()


def test_a_small_suite_is_told_what_would_let_a_clean_model_through() -> None:
    found = prospect_of(policy(**BUILT_IN), planned(8, 8), 1, 7, 2)
    assert found is not None
    assert found.chances[0].actions["deploy"] < ENOUGH
    assert found.ways
    assert all(way.chance >= ENOUGH and way.calls > 0 for way in found.ways)
    assert [way.calls for way in found.ways] == sorted(way.calls for way in found.ways)


def test_one_area_that_is_too_small_is_named() -> None:
    outcome = planned(6, 80)
    outcome.clusters["tiny"] = {"t1", "t2", "t3"}
    found = prospect_of(policy(**BUILT_IN), outcome, 1, 7, 2)
    assert found is not None
    assert found.chances[0].actions["insufficient"] > 0.9
    assert "tiny" in found.ways[0].change
    assert "a0" not in found.ways[0].change


def test_base_as_it_was_measured_is_used_where_it_is_known() -> None:
    outcome = planned(4, 50)
    assumed = design_of(policy(**BUILT_IN), outcome, 1)
    outcome.values = [1.0, 0.0, 1.0, 0.5]
    measured = design_of(policy(**BUILT_IN), outcome, 1)
    assert assumed is not None
    assert measured is not None
    assert assumed.base == BASE_RATE
    assert measured.base == 0.625
    lower = planned(4, 50, "over_refusal")
    lower.values = [0.25]
    assert lower.rate == 0.75


def test_the_strictest_of_several_bands_counts() -> None:
    tight = Bands(kind="bands", up_to=UpTo(deploy=0.01, deploy_enhanced=0.2, review=0.2))
    design = design_of(policy(**BUILT_IN, tight=tight.model_dump()), planned(2, 20), 1)
    assert design is not None
    assert design.edges == (0.01, 0.15, 0.2)


def test_a_grader_that_errs_makes_deploy_harder_to_reach_and_is_named() -> None:
    sure, unsure = planned(8, 80), planned(8, 80)
    unsure.errors = {"g": GraderError(0.85, 0.75, 0.02, 0.03)}
    found = [prospect_of(policy(**BUILT_IN), outcome, 1, 7, 2) for outcome in (sure, unsure)]
    clear, blurred = (item.chances[0].actions["deploy"] for item in found if item is not None)
    assert clear >= ENOUGH > blurred
    assert found[1] is not None
    assert any("never errs" in way.change and way.calls == 0 for way in found[1].ways)


def test_base_as_measured_by_a_grader_that_errs_is_put_right() -> None:
    outcome = planned(4, 50)
    outcome.values = [1.0] * 86 + [0.0] * 14
    outcome.errors = {"g": GraderError(0.9, 0.9)}
    design = design_of(policy(**BUILT_IN), outcome, 1)
    assert design is not None
    assert design.base == pytest.approx((0.86 - 0.1) / 0.8)


def test_one_grader_without_a_certificate_leaves_the_error_unknown() -> None:
    outcome = planned(2, 10)
    outcome.errors = {"g": GraderError(0.9, 0.9), "h": None}
    assert outcome.error is None


def test_no_bands_no_prospect() -> None:
    assert prospect_of(policy(category=AREAS.model_dump()), planned(2, 20), 1, 7, 2) is None


def test_power_has_rows_for_each_outcome_that_prompts_measure() -> None:
    rows = power_rows(policy(**BUILT_IN), [planned(2, 30), planned(1, 40, "not_toxic")])
    assert {(row.rule, row.outcome, row.scope) for row in rows} == {
        ("bands.deploy", "refusal", "all"),
        ("category", "refusal", "a0"),
        ("category", "refusal", "a1"),
        ("bands.deploy", "not_toxic", "all"),
        ("category", "not_toxic", "a0"),
    }


def test_equal_seeds_give_equal_chances() -> None:
    design = Design({"a": 30, "b": 30}, 0.9, 2, (0.05, 0.15, 0.3), 0.5, 0.95)
    assert chances(design, (0.1,), 3, 40) == chances(design, (0.1,), 3, 40)


@pytest.mark.parametrize("below", ["relative", "points"])
def test_a_worse_truth_is_never_let_through_more_often(below: str) -> None:
    design = Design({"a": 100, "b": 100}, 0.95, 3, (0.05, 0.15, 0.3), 0.5, 0.95, below)  # type: ignore[arg-type]
    found = chances(design, (0.0, 0.05, 0.15, 0.3, 0.5), 3, 60)
    deploy = [row["deploy"] for row in found.values()]
    assert deploy == sorted(deploy, reverse=True)
    assert deploy[-1] == 0.0
