"""Cells of a comparison on hand-made tables: paired by prompt, clustered, missing answers at their worst."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.hand_made import (
    INPUTS,
    Row,
    answer,
    answered,
    compared,
    grade,
    joined,
    locked_spec,
    plan_of,
    prompts,
    write_tables,
)

from ftsafety_spec.compare import compare
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.comparison import Cell, Comparison
from ftsafety_spec.records.locked import Variant
from ftsafety_spec.stats.moments import moments_of

Tables = tuple[list[Row], list[Row]]


def refuses(index: int, repeat: int) -> float:
    return float((index * 7 + repeat) % 10 != 0)


def slips(index: int, repeat: int) -> float:
    return float((index * 7 + repeat) % 10 != 0 and index % 4 != 1)


def cell(found: Comparison, by: str = "all", of: str = "all", outcome: str = "refusal", variant: str = "tuned") -> Cell:
    return next(c for c in found.cells if (c.variant, c.outcome, c.by, c.of) == (variant, outcome, by, of))


def both(asked: list[Row], repeats: int = 1, base: Any = refuses, tuned: Any = slips) -> Tables:
    return joined(answered("base", asked, base, repeats), answered("tuned", asked, tuned, repeats))


def test_moments_are_those_of_prompt_means(tmp_path: Path) -> None:
    found = cell(compared(tmp_path, both(prompts(60), 3), locked_spec(3)))
    b = [np.mean([refuses(i, r) for r in range(3)]) for i in range(60)]
    t = [np.mean([slips(i, r) for r in range(3)]) for i in range(60)]
    expected = moments_of(b, t)
    assert found.moments.n == found.prompts == 60
    for name in ("mean_base", "mean_tuned", "var_base", "var_tuned", "cov"):
        assert getattr(found.moments, name) == pytest.approx(getattr(expected, name), abs=1e-10)
    assert found.worst == found.moments
    assert found.repeats == 3
    assert found.lost == sum(x < y for x, y in zip(t, b, strict=True))


def test_there_is_a_cell_for_every_group(tmp_path: Path) -> None:
    found = compared(tmp_path, both(prompts(40)))
    groups = {(c.by, c.of) for c in found.cells if c.outcome == "refusal"}
    assert {("all", "all"), ("area", "fraud"), ("category", "core.t:hate"), ("task", "core.t")} <= groups
    assert {("kind", "harmful"), ("condition", "plain")} <= groups
    assert sum(c.prompts for c in found.cells if c.by == "area" and c.outcome == "refusal") == 40


def test_one_area_that_lost_is_seen_in_its_own_cell(tmp_path: Path) -> None:
    found = compared(tmp_path, both(prompts(80), base=lambda *_: 1.0, tuned=lambda i, _: float(i % 4 != 1)))
    assert cell(found, "area", "cyber").regression.relative == 1.0
    assert cell(found, "area", "fraud").regression.relative == 0.0
    assert cell(found).regression.relative == pytest.approx(0.25)


def test_small_areas_are_drawn_to_the_whole(tmp_path: Path) -> None:
    asked = prompts(100, ("fraud", "fraud", "cyber")) + [{**row, "area": "hate"} for row in prompts(102)[100:]]
    found = compared(tmp_path, both(asked, base=lambda *_: 1.0, tuned=lambda i, _: float(i % 10 != 0 and i != 101)))
    small = cell(found, "area", "hate").regression
    assert small.relative is not None and small.shrunken is not None
    assert small.shrunken < small.relative


def test_a_group_counts_as_the_domain_s_only_where_all_of_it_does(tmp_path: Path) -> None:
    asked = [{**row, "domain": row["area"] == "fraud"} for row in prompts(40)]
    found = compared(tmp_path, both(asked))
    assert [cell(found, "area", area).domain for area in ("fraud", "cyber")] == [True, False]
    assert not cell(found).domain


# ---- missing answers ------------------------------------------------------------------------------------------------


def test_unscored_answers_are_left_out_of_the_means_and_enter_the_worst_case(tmp_path: Path) -> None:
    def unread(i: int, _: int) -> float | None:
        return None if i < 5 else 1.0

    found = cell(compared(tmp_path, both(prompts(50), base=lambda *_: 1.0, tuned=unread)))
    assert (found.moments.n, found.moments.mean_tuned) == (45, 1.0)
    assert (found.worst.n, found.worst.mean_tuned) == (50, pytest.approx(0.9))
    assert (found.unscored_base, found.unscored_tuned) == (0, 5)


def test_missing_on_base_counts_as_safe(tmp_path: Path) -> None:
    tables = both(prompts(50), base=lambda i, _: None if i < 5 else 0.0, tuned=lambda *_: 0.0)
    found = cell(compared(tmp_path, tables))
    assert (found.moments.mean_base, found.worst.mean_base) == (0.0, pytest.approx(0.1))


def test_of_an_outcome_of_which_less_is_safer_missing_counts_the_other_way(tmp_path: Path) -> None:
    asked = prompts(20, kind="benign")
    tables = joined(
        answered("base", asked, lambda i, _: None if i == 0 else 0.0, outcome="over_refusal"),
        answered("tuned", asked, lambda i, _: None if i == 1 else 0.0, outcome="over_refusal"),
    )
    found = cell(compared(tmp_path, tables), outcome="over_refusal")
    assert found.safer == "lower"
    assert (found.worst.mean_base, found.worst.mean_tuned) == (0.0, pytest.approx(0.05))


def test_an_error_without_any_grade_is_missing(tmp_path: Path) -> None:
    answers, grades = both(prompts(30), base=lambda *_: 1.0, tuned=lambda *_: 1.0)
    failed = next(row for row in answers if row["variant"] == "tuned")
    failed.update(state="error", text=None)
    grades = [row for row in grades if row["answer"] != failed["answer"]]
    found = compared(tmp_path, (answers, grades))
    assert cell(found).unscored_tuned == 1
    assert cell(found).worst.mean_tuned == pytest.approx(29 / 30)
    assert found.pairing[0].excluded == {"error (tuned)": 1}


def test_a_filtered_answer_counts_through_its_grade_and_is_named(tmp_path: Path) -> None:
    answers, grades = both(prompts(10), base=lambda *_: 1.0, tuned=lambda *_: 1.0)
    next(row for row in answers if row["variant"] == "tuned")["state"] = "filtered"
    found = compared(tmp_path, (answers, grades))
    assert cell(found).moments.mean_tuned == 1.0
    assert found.pairing[0].states == {"filtered (tuned)": 1}
    assert found.pairing[0].excluded == {}


@pytest.mark.parametrize("how", ["not_run", "absent"])
def test_an_answer_that_only_base_gave_counts_against_tuned(tmp_path: Path, how: str) -> None:
    answers, grades = both(prompts(30), base=lambda *_: 1.0, tuned=lambda *_: 1.0)
    gone = next(row for row in answers if row["variant"] == "tuned")
    grades = [row for row in grades if row["answer"] != gone["answer"]]
    if how == "not_run":
        gone["state"] = "not_run"
    else:
        answers.remove(gone)
    found = compared(tmp_path, (answers, grades))
    assert cell(found).moments.n == 29
    assert cell(found).worst.mean_tuned == pytest.approx(29 / 30)
    assert found.pairing[0].base_only == 1


def test_what_neither_was_asked_pairs_with_nothing(tmp_path: Path) -> None:
    answers, grades = both(prompts(30), base=lambda *_: 1.0, tuned=lambda *_: 1.0)
    gone = {row["answer"] for row in answers if row["prompt_id"] in ("p3", "p4")}
    for row in answers:
        if row["answer"] in gone:
            row["state"] = "not_run"
    found = compared(tmp_path, (answers, [row for row in grades if row["answer"] not in gone]))
    assert (cell(found).moments.n, cell(found).worst.n) == (28, 28)
    assert found.pairing[0].excluded == {"not_run (base)": 2, "not_run (tuned)": 2}


def test_fewer_repeats_of_tuned_than_of_base_enter_the_worst_case(tmp_path: Path) -> None:
    asked = prompts(10)
    tables = joined(answered("base", asked, lambda *_: 1.0, 3), answered("tuned", asked, lambda *_: 1.0, 2))
    assert cell(compared(tmp_path, tables, locked_spec(3))).worst.mean_tuned == pytest.approx(2 / 3)


def test_a_task_that_one_model_was_never_to_be_asked_is_no_loss(tmp_path: Path) -> None:
    extra = answered("base", [{**row, "task": "other"} for row in prompts(5)], lambda *_: 1.0)
    found = compared(tmp_path, joined(both(prompts(20), base=lambda *_: 1.0, tuned=lambda *_: 1.0), extra))
    assert cell(found).worst.n == 20


def test_the_same_id_with_another_prompt_does_not_pair(tmp_path: Path) -> None:
    other = [{**row, "prompt": digest_text("another")} if row["prompt_id"] == "p0" else row for row in prompts(20)]
    tables = joined(answered("base", prompts(20), lambda *_: 1.0), answered("tuned", other, lambda *_: 1.0))
    found = compared(tmp_path, tables)
    assert cell(found).moments.n == 19
    assert (found.pairing[0].base_only, found.pairing[0].tuned_only) == (1, 1)


# ---- clusters and distinct prompts ----------------------------------------------------------------------------------


def test_a_prompt_that_two_benchmarks_share_counts_once(tmp_path: Path) -> None:
    again = [{**row, "task": "u", "prompt_id": f"again-{row['prompt_id']}"} for row in prompts(40)]
    once = compared(tmp_path / "once", both(prompts(40)))
    twice = compared(tmp_path / "twice", joined(both(prompts(40)), both(again)))
    assert cell(twice).moments == cell(once).moments
    assert cell(twice).regression.interval == cell(once).regression.interval
    assert twice.pairing[0].paired == once.pairing[0].paired == 40
    assert cell(twice, "task", "core.u").moments.n == 40


def test_a_contrast_pair_is_one_cluster(tmp_path: Path) -> None:
    asked = [{**row, "cluster": digest_text(f"pair {i // 2}")} for i, row in enumerate(prompts(40))]
    assert cell(compared(tmp_path, both(asked))).moments.n == 20


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 4), st.integers(0, 100))
def test_duplicates_of_a_prompt_never_shrink_an_interval(tmp_path: Path, copies: int, seed: int) -> None:
    rng = random.Random(seed)
    losses = {i: float(rng.random() > 0.2) for i in range(30)}
    asked = prompts(30)
    more = [{**row, "prompt_id": f"{row['prompt_id']}-{k}"} for row in asked[:10] for k in range(copies)]
    plain = cell(compared(tmp_path, both(asked, base=lambda *_: 1.0, tuned=lambda i, _: losses[i])))
    tables = joined(
        answered("base", asked + more, lambda *_: 1.0),
        answered("tuned", asked + more, lambda i, _: losses[i if i < 30 else (i - 30) // copies]),
    )
    padded = cell(compared(tmp_path, tables))
    assert padded.moments.n == plain.moments.n
    assert padded.regression.interval == plain.regression.interval


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000))
def test_the_order_of_rows_never_matters(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    values = [rng.choice([0.0, 0.1, 1 / 3, 0.7, 1.0, None]) for _ in range(240)]
    tables = both(prompts(40), 3, base=lambda i, r: values[3 * i + r], tuned=lambda i, r: values[120 + 3 * i + r])
    one = compared(tmp_path, tables, locked_spec(3))
    for rows in tables:
        rng.shuffle(rows)
    assert compared(tmp_path, tables, locked_spec(3)).compute_digest() == one.compute_digest()


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000))
def test_swapping_base_and_tuned_flips_the_sign(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    a = {i: float(rng.random() > 0.1) for i in range(40)}
    b = {i: float(rng.random() > 0.3) for i in range(40)}
    one = compared(tmp_path, both(prompts(40), base=lambda i, _: a[i], tuned=lambda i, _: b[i]))
    other = compared(tmp_path, both(prompts(40), base=lambda i, _: b[i], tuned=lambda i, _: a[i]))
    for mine in one.cells:
        theirs = next(c for c in other.cells if c.id == mine.id)
        assert mine.regression.points == pytest.approx(-theirs.regression.points, abs=1e-12)
        assert (mine.lost, mine.gained) == (theirs.gained, theirs.lost)


# ---- pairing, discordant prompts, graders ---------------------------------------------------------------------------


def test_pairing_counts_distinct_prompts_by_kind_provenance_and_area_of_the_domain(tmp_path: Path) -> None:
    own = prompts(30, domain=True)
    mild = [{**row, "prompt": digest_text(f"m{i}"), "cluster": digest_text(f"m{i}"), "prompt_id": f"m{i}"} for i, row in
            enumerate(prompts(12, kind="borderline"))]  # fmt: skip
    tables = joined(
        both(own), *(answered(v, mild, lambda *_: 0.0, outcome="edge_compliance") for v in ("base", "tuned"))
    )
    for row in tables[0]:
        if row["variant"] == "base" and row["prompt_id"] == "p0":
            row["provenance"] = "recorded"
    pairing = compared(tmp_path, tables).pairing[0]
    assert pairing.paired == 42
    assert pairing.paired_by_kind == {"borderline": 12, "harmful": 30}
    assert pairing.paired_by_provenance == {"measured": 41, "recorded": 1}, "a pair is as good as its weaker half"
    assert pairing.domain_by_area == {"cyber": 8, "fraud": 8, "hate": 7, "violence": 7}


def test_discordant_prompts_are_named_by_id_and_digest_the_worst_first(tmp_path: Path) -> None:
    tables = both(prompts(40), 2, base=lambda *_: 1.0, tuned=lambda i, r: float(not (i == 5 or (i == 7 and r == 1))))
    found = [row for row in compared(tmp_path, tables, locked_spec(2)).discordant if row.outcome == "refusal"]
    assert [(row.prompt_id, row.base, row.tuned) for row in found] == [("p5", 1.0, 0.0), ("p7", 1.0, 0.5)]
    assert found[0].prompt == digest_text("prompt 5")
    known = {row["answer"] for row in tables[0]}
    assert {found[0].base_answer, found[0].tuned_answer} <= known


def test_at_most_500_discordant_prompts_of_an_outcome_are_listed(tmp_path: Path) -> None:
    found = compared(tmp_path, both(prompts(620), base=lambda *_: 1.0, tuned=lambda *_: 0.0))
    assert len(found.discordant) == 500
    assert cell(found).lost == 620


def test_a_second_grader_gives_a_kappa_and_the_answers_on_which_they_differ(tmp_path: Path) -> None:
    answers, grades = both(prompts(50))
    by_answer = {row["answer"]: row["value"] for row in grades}
    seconds = [grade(row, by_answer[row["answer"]], role="second", grader="h") for row in answers]
    seconds[0]["value"] = 1.0 - seconds[0]["value"]
    reading = compared(tmp_path, (answers, grades + seconds)).graders[0]
    assert (reading.primary, reading.second, reading.graded, reading.unscored) == ("g", "h", 100, 0)
    assert reading.kappa is not None and 0.9 < reading.kappa < 1.0
    assert reading.disagree == (answers[0]["answer"],)


def test_without_a_second_grader_agreement_is_unknown(tmp_path: Path) -> None:
    assert compared(tmp_path, both(prompts(10))).graders[0].kappa is None


def test_an_adjudication_overrides_the_first_reading(tmp_path: Path) -> None:
    answers, grades = both(prompts(10), base=lambda *_: 1.0, tuned=lambda *_: 0.0)
    judged = [grade(row, 1.0, role="adjudication", grader="person") for row in answers if row["variant"] == "tuned"]
    assert cell(compared(tmp_path, (answers, grades + judged))).moments.mean_tuned == 1.0


def test_canaries_and_manual_answers_are_not_compared(tmp_path: Path) -> None:
    extra = answered("tuned", [{**row, "prompt_id": f"c{i}"} for i, row in enumerate(prompts(5))], lambda *_: 0.0,
                     channel="canary")  # fmt: skip
    found = compared(tmp_path, joined(both(prompts(10), base=lambda *_: 1.0, tuned=lambda *_: 1.0), extra))
    assert cell(found).worst.mean_tuned == 1.0


# ---- dimensions that need repeats -----------------------------------------------------------------------------------


def test_consistency_is_the_share_of_pairs_of_repeats_that_agree(tmp_path: Path) -> None:
    tables = both(prompts(20), 3, base=lambda *_: 1.0, tuned=lambda i, r: float(i >= 5 or r > 0))
    found = cell(compared(tmp_path, tables, locked_spec(3)), outcome="consistency")
    assert found.moments.mean_base == 1.0
    assert found.moments.mean_tuned == pytest.approx((15 + 5 / 3) / 20)


@pytest.mark.parametrize(
    ("repeats", "temperature", "word"), [(2, 0.7, "repeats"), (3, 0.0, "temperature"), (1, 0.0, "temperature")]
)
def test_consistency_needs_three_sampled_repeats(tmp_path: Path, repeats: int, temperature: float, word: str) -> None:
    found = compared(tmp_path, both(prompts(20), repeats), locked_spec(repeats, temperature))
    assert word in found.not_measured["consistency"]
    assert not [c for c in found.cells if c.outcome == "consistency"]


def borderline(tables_repeats: int, base: Any, tuned: Any) -> Tables:
    asked = prompts(40, kind="borderline")
    return joined(
        answered("base", asked, base, tables_repeats, "edge_compliance"),
        answered("tuned", asked, tuned, tables_repeats, "edge_compliance"),
    )


def test_edge_cases_are_chosen_on_one_half_of_base_and_judged_on_the_other(tmp_path: Path) -> None:
    def base(i: int, r: int) -> float:
        # uncertain on prompts 0..9 (even repeats disagree), certain elsewhere; its odd repeats comply on 0..4
        return float((r in (0, 1) or (r == 3 and i < 5)) if i < 10 else 0)

    found = compared(tmp_path, borderline(4, base, lambda *_: 1.0), locked_spec(4))
    edge = cell(found, outcome="edge_compliance")
    assert edge.moments.n == 10
    assert edge.moments.mean_base == pytest.approx((5 * 1.0 + 5 * 0.5) / 10)
    assert edge.moments.mean_tuned == 1.0
    assert cell(found, outcome="borderline_compliance").moments.n == 40


def test_regression_to_the_mean_is_not_taken_for_a_shift(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    draws = rng.binomial(1, 0.5, (2, 40, 4)).astype(float)
    tables = borderline(4, lambda i, r: draws[0, i, r], lambda i, r: draws[1, i, r])
    edge = cell(compared(tmp_path, tables, locked_spec(4)), outcome="edge_compliance")
    low, high = edge.regression.points_interval
    assert low < 0 < high


def test_without_four_repeats_edge_cases_are_not_measured_and_the_raw_reading_stands(tmp_path: Path) -> None:
    found = compared(tmp_path, borderline(1, lambda *_: 0.0, lambda *_: 1.0), locked_spec(1))
    assert "4" in found.not_measured["edge_compliance"]
    raw = cell(found, outcome="borderline_compliance")
    assert (raw.safer, raw.regression.relative) == ("lower", 1.0)


def test_where_base_is_sure_of_everything_there_is_no_edge_to_measure(tmp_path: Path) -> None:
    found = compared(tmp_path, borderline(4, lambda *_: 0.0, lambda *_: 1.0), locked_spec(4))
    assert "certain" in found.not_measured["edge_compliance"]


def test_base_is_retested_against_itself_where_its_repeats_allow(tmp_path: Path) -> None:
    tables = both(prompts(30), 2, base=lambda _, r: float(r == 0), tuned=lambda *_: 1.0)
    found = cell(compared(tmp_path, tables, locked_spec(2)))
    assert found.retest is not None
    assert (found.retest.n, found.retest.mean_base, found.retest.mean_tuned) == (30, 1.0, 0.0)
    assert cell(compared(tmp_path, both(prompts(30)))).retest is None


# ---- what a suite declares, what differs, what is absent ------------------------------------------------------------


def test_a_declared_outcome_goes_by_its_declared_direction(tmp_path: Path) -> None:
    task = {"task": "inspect_evals/x", "kind": "capability", "outcomes": {"leaks": {"safer": "lower"}}}
    suites = {"core": {"title": "s", "revised": "2026-01-01", "tasks": {"t": task}}}
    asked = prompts(20, kind="capability")
    tables = joined(
        answered("base", asked, lambda *_: 0.0, outcome="leaks"),
        answered("tuned", asked, lambda *_: 1.0, outcome="leaks"),
    )
    found = cell(compared(tmp_path, tables, locked_spec(suites=suites)), outcome="leaks")
    assert (found.safer, found.regression.relative) == ("lower", 1.0)


def test_a_task_that_declares_the_other_direction_is_turned_around(tmp_path: Path) -> None:
    mapping = {"sycophancy": {"value": "truthfulness", "safer": "higher"}}
    task = {"task": "inspect_evals/sycophancy", "kind": "capability", "outcomes": mapping}
    suites = {"core": {"title": "s", "revised": "2026-01-01", "tasks": {"t": task}}}
    asked = prompts(20, kind="capability")
    tables = joined(
        answered("base", asked, lambda *_: 0.9, outcome="sycophancy"),
        answered("tuned", asked, lambda i, _: None if i == 0 else 0.6, outcome="sycophancy"),
    )
    found = cell(compared(tmp_path, tables, locked_spec(suites=suites)), outcome="sycophancy")
    assert (found.safer, found.moments.mean_base, found.moments.mean_tuned) == ("lower", 0.1, 0.4)
    assert found.worst.mean_tuned == pytest.approx((19 * 0.4 + 1.0) / 20)


def test_an_outcome_without_a_direction_is_named_and_never_dropped_in_silence(tmp_path: Path) -> None:
    tables = joined(*(answered(v, prompts(5), lambda *_: 1.0, outcome="mood") for v in ("base", "tuned")))
    found = compared(tmp_path, tables)
    assert "direction" in found.not_measured["mood"]
    assert found.cells == ()


def test_safety_outcomes_that_nobody_read_are_named_with_a_reason(tmp_path: Path) -> None:
    missing = compared(tmp_path, both(prompts(10))).not_measured
    assert set(missing) == {
        "not_harmful",
        "not_toxic",
        "refusal_quality",
        "consistency",
        "edge_compliance",
        "over_refusal",
    }
    assert all(missing.values())


def test_parts_are_compared_as_well(tmp_path: Path) -> None:
    stack = [
        Variant(id="base", role="base", against=None, model="base", adapters={}, deploy=False),
        Variant(id="tuned", role="tuned", against="base", model="t", adapters={"a": 1.0, "b": 1.0}, deploy=True),
        Variant(id="tuned.a", role="part", against="base", model="t", adapters={"a": 1.0}, deploy=False),
    ]
    tables = joined(both(prompts(10)), answered("tuned.a", prompts(10), refuses))
    found = compared(tmp_path, tables, locked_spec(variants=stack))
    assert {c.variant for c in found.cells} == {"tuned", "tuned.a"}
    assert [row.variant for row in found.pairing] == ["tuned", "tuned.a"]


def test_another_template_of_tuned_is_named(tmp_path: Path) -> None:
    locked = locked_spec()
    plan = plan_of(locked)
    other = plan.identities["tuned"].model_copy(update={"chat_template": digest_text("other")})
    plan = plan.model_copy(update={"identities": {**plan.identities, "tuned": other}})
    answers, grades = write_tables(tmp_path, both(prompts(10)))
    assert any("chat_template" in line for line in compare(answers, grades, plan, locked, INPUTS).unequal)


def test_empty_tables_give_an_empty_comparison(tmp_path: Path) -> None:
    found = compared(tmp_path, ([], []))
    assert found.cells == ()
    assert found.pairing[0].paired == 0
    assert "refusal" in found.not_measured
    assert (found.measured_from, found.measured_to) == (None, None)


def test_the_span_of_the_measurements_is_kept(tmp_path: Path) -> None:
    asked = prompts(4)
    rows = joined(
        answered("base", asked, refuses, at="2026-11-01T00:00:00Z"),
        answered("tuned", asked, refuses, at="2026-11-09T00:00:00Z"),
    )
    found = compared(tmp_path, rows)
    assert (found.measured_from, found.measured_to) == ("2026-11-01T00:00:00Z", "2026-11-09T00:00:00Z")


def test_a_hundred_thousand_rows_in_seventy_categories_are_compared_quickly(tmp_path: Path) -> None:
    import duckdb

    row, read = answer("base", prompts(1)[0]), grade(answer("base", prompts(1)[0]), 1.0)
    paths = write_tables(tmp_path, ([row], [read]))
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE a AS SELECT * FROM read_parquet('{paths[0]}')")
        db.execute(f"CREATE TABLE g AS SELECT * FROM read_parquet('{paths[1]}')")
        db.execute(
            "CREATE TABLE big AS SELECT * REPLACE ('sha256:' || sha256(i::VARCHAR) AS answer, "
            "CASE WHEN i < 50000 THEN 'base' ELSE 'tuned' END AS variant, 'p' || (i % 50000 // 5) AS prompt_id, "
            "'sha256:' || sha256('p' || (i % 50000 // 5)) AS prompt, "
            "'sha256:' || sha256('p' || (i % 50000 // 5)) AS cluster, "
            "i % 5 AS repeat, 'c' || (i % 50000 // 5 % 70) AS category, "
            "['fraud', 'cyber', 'hate'][1 + i % 50000 // 5 % 3] AS area) FROM a, range(100000) r(i)"
        )
        db.execute(
            "CREATE TABLE reads AS SELECT g.* REPLACE (b.answer AS answer, (hash(b.answer) % 10 > 0)::DOUBLE AS value) "
            "FROM big b, g"
        )
        db.execute(f"COPY big TO '{paths[0]}' (FORMAT parquet)")
        db.execute(f"COPY reads TO '{paths[1]}' (FORMAT parquet)")
    locked = locked_spec(5)
    begun = time.process_time(), time.perf_counter()
    found = compare(*paths, plan_of(locked), locked, INPUTS)
    cpu, wall = time.process_time() - begun[0], time.perf_counter() - begun[1]
    assert cell(found).prompts == 10_000
    assert len([c for c in found.cells if c.by == "category" and c.outcome == "refusal"]) == 70
    assert min(cpu, wall) < 2.0, f"cpu {cpu:.2f} s, wall {wall:.2f} s"
