"""What a report covers of a spec, row by row (R-52): covered, partly, not, and never more than it has."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reports import digest, plain, rate, rates_only, report, results, wanted

from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.plan import EvidenceNeed
from ftsafety_spec.records.provider_report import Covered, Looked, SpotCheck
from ftsafety_spec.verify.reported.coverage import coverage, uncovered
from ftsafety_spec.verify.reported.decide import decide
from ftsafety_spec.verify.reported.graders import graders
from ftsafety_spec.verify.reported.index import Results
from ftsafety_spec.verify.reported.wanted import script_of


def table(found: Results) -> dict[str, str]:
    return {row.need: row.state for row in coverage(found)}


def first(count: int) -> list[dict[str, Any]]:
    """Rows of the first prompts."""
    kept = {digest(n) for n in range(count)}
    return [row for row in plain()["prompts"] if row["prompt"] in kept]


def test_a_whole_report_covers_every_row() -> None:
    found = table(results())
    assert set(found.values()) == {"covered"}
    assert {"task s.t", "base, on the same prompts", "domain area fraud", "domain area cyber", "outcome refusal",
            "prompts in latin script", "repeats"} == set(found)  # fmt: skip
    assert uncovered(results()) == []


def test_half_a_report_covers_half_and_names_the_rest() -> None:
    half = results(report(prompts=first(50)))
    assert table(half)["task s.t"] == "partly"
    assert {prompt.digest for prompt in uncovered(half)} == {digest(n) for n in range(50, 100)}


def test_another_suite_of_the_same_name_covers_nothing() -> None:
    """Prompts are matched by what they are, not by what a report calls them."""
    rows = [{**row, "prompt": digest_text(f"other {n}")} for n, row in enumerate(plain()["prompts"])]
    found = results(report(prompts=rows, suites=[{"id": "s.t", "prompts": 200}]))
    assert table(found)["task s.t"] == "not" and len(uncovered(found)) == 100


def test_rates_cover_a_task_by_digest_or_by_name_and_it_is_said() -> None:
    by_digest = report(prompts=[], rates=[rate()], suites=[{"id": "s.t", "prompts": 100, "digest": digest_text("set")}])
    rows = {row.need: row for row in coverage(results(by_digest))}
    assert (rows["task s.t"].state, rows["task s.t"].note) == ("covered", "rates only")
    rows = {row.need: row for row in coverage(results(rates_only(rate())))}
    assert rows["task s.t"].note == "rates only, of a suite of this name"


def test_rates_of_a_suite_with_another_digest_cover_nothing() -> None:
    other = report(prompts=[], rates=[rate()], suites=[{"id": "s.t", "prompts": 100, "digest": digest_text("x")}])
    assert table(results(other))["task s.t"] == "not"


def test_a_report_without_base_leaves_base_to_the_user() -> None:
    rows = [row for row in plain()["prompts"] if row["model"] == "tuned"]
    found = table(results(report(prompts=rows)))
    assert (found["base, on the same prompts"], found["task s.t"]) == ("not", "covered")


def test_another_base_counts_as_none() -> None:
    rows = {row.need: row for row in coverage(Results(report(), wanted(), frozenset(("tuned",))))}
    assert rows["base, on the same prompts"].state == "not"
    assert "another model" in str(rows["base, on the same prompts"].note)


def test_fewer_repeats_than_the_spec_asks_for_are_partly() -> None:
    assert table(results(wants=wanted(repeats=3)))["repeats"] == "partly"


def test_an_area_below_the_policys_minimum_is_partly() -> None:
    assert table(results(wants=wanted(per_area=60)))["domain area fraud"] == "partly"


@pytest.mark.parametrize(
    ("need", "asked", "state"),
    [("paired", 100, "covered"), ("paired", 101, "partly"), ("broad", ["own"], "covered"), ("broad", ["xstest"], "not"),
     ("session", 30, "not"), ("triggers", 200, "not"), ("weights", ["delta"], "not")],
)  # fmt: skip
def test_minima_are_rows_and_some_no_report_can_stand_for(need: str, asked: Any, state: str) -> None:
    row = EvidenceNeed(need=f"sufficient.{need}", asked=asked, planned=0, met=False)
    assert table(results(wants=wanted(needs=(row,))))[f"minimum sufficient.{need}"] == state


def test_unread_results_cover_nothing() -> None:
    rows = [{**row, "value": None} for row in plain()["prompts"]]
    assert table(results(report(prompts=rows)))["task s.t"] == "not"


def test_graders_of_another_identity_are_said() -> None:
    theirs = digest_text("theirs")
    named = report(graders=[{"outcome": "refusal", "grader": "g", "identity": theirs}])
    task = wanted().tasks[0]
    own = wanted(tasks=(type(task)(**{**task.__dict__, "outcomes": {"refusal": frozenset({theirs})}}),))
    assert graders(results(named, own)).state == "holds"
    assert graders(results(named)).state == "unclear"
    assert graders(results()).state == "unclear"


@pytest.mark.parametrize(
    ("text", "script"), [("Placeholder", "latin"), ("Заглушка", "cyrillic"), ("占位符", "cjk"), ("123", "none")]
)
def test_a_prompts_script_is_what_most_of_its_letters_are(text: str, script: str) -> None:
    assert script_of(text) == script


HOLDS = Looked(check="model", state="holds", sentence="x")
FAILS = Looked(check="consistency", state="fails", sentence="x")
CHECK = SpotCheck(asked=100, agreed=100, power=0.95)
ROW = Covered(need="task", state="covered", weight=1.0)


def test_what_fails_refuses_whatever_else_holds() -> None:
    made = decide([HOLDS, FAILS], [ROW], CHECK)
    assert made.result == "refused" and [row.weight for row in made.covered] == [0.0]


@pytest.mark.parametrize(
    ("looked", "rows", "spot", "result"),
    [
        ([HOLDS], [ROW], CHECK, "accepted"),
        ([HOLDS], [ROW], None, "partly"),
        ([HOLDS], [ROW], SpotCheck(asked=10, agreed=10, power=0.5), "partly"),
        ([HOLDS], [ROW], SpotCheck(asked=10, agreed=10), "partly"),
        ([HOLDS.model_copy(update={"state": "unclear"})], [ROW], CHECK, "partly"),
        ([HOLDS], [Covered(need="task", state="partly", weight=0.5)], CHECK, "partly"),
    ],
)
def test_only_a_whole_report_that_was_spot_checked_with_power_is_accepted(
    looked: Any, rows: Any, spot: Any, result: str
) -> None:
    made = decide(looked, rows, spot)
    assert made.result == result and bool(made.lacks) == (result != "accepted")


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, 99)), st.sets(st.integers(0, 99)))
def test_more_results_never_cover_less(some: set[int], more: set[int]) -> None:
    order = ["not", "partly", "covered"]

    def rows(kept: set[int]) -> list[dict[str, Any]]:
        names = {digest(n) for n in kept}
        return [row for row in plain()["prompts"] if row["prompt"] in names]

    one, both = rows(some | {0}), rows(some | more | {0})
    before = coverage(results(report(prompts=one)))
    after = {row.need: row for row in coverage(results(report(prompts=both)))}
    assert all(order.index(after[row.need].state) >= order.index(row.state) for row in before)
    assert all(after[row.need].weight >= row.weight for row in before)
