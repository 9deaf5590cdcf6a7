"""What is reported beside cells, never adjusted for: how long answers are, how many prompts flip, ranks of quality."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from support.hand_made import Row, answer, answered, compared, grade, joined, locked_spec, prompts

from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.stats.ordinal import sign_test, wilcoxon

# ---- length (issue 6, point 1) --------------------------------------------------------------------------------------


def test_lengths_of_base_and_tuned_stand_side_by_side_by_kind(tmp_path: Path) -> None:
    tables = joined(*(answered(who, prompts(30), lambda *_: 1.0, 2) for who in ("base", "tuned")))
    for row in tables[0]:
        row["tokens_out"] = 100 + int(row["prompt_id"][1:]) + (20 * row["repeat"] if row["variant"] == "tuned" else 0)
    found = {row.measure: row for row in compared(tmp_path, tables, locked_spec(2)).style}
    tokens = found["tokens"]
    assert (tokens.variant, tokens.against, tokens.kind, tokens.prompts) == ("tuned", "base", "harmful", 30)
    assert (tokens.base, tokens.tuned, tokens.difference) == pytest.approx((114.5, 124.5, 10.0))
    assert tokens.interval == pytest.approx((10.0, 10.0)), "paired: prompts differ in length, the difference does not"
    assert found["truncated"].difference == 0.0


def test_the_interval_is_that_of_a_paired_t(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    tables = joined(*(answered(who, prompts(25), lambda *_: 1.0) for who in ("base", "tuned")))
    for row in tables[0]:
        row.update(tokens_out=int(rng.integers(5, 400)), state="truncated" if rng.random() < 0.2 else "ok")
    length = {(row["variant"], row["prompt_id"]): row["tokens_out"] for row in tables[0]}
    d = [length["tuned", f"p{i}"] - length["base", f"p{i}"] for i in range(25)]
    tokens, cut = sorted(compared(tmp_path, tables).style, key=lambda row: row.measure)
    assert tokens.interval == pytest.approx(tuple(scipy_stats.ttest_1samp(d, 0).confidence_interval(0.95)), rel=1e-6)
    assert 0 < cut.base < 1


def test_an_answer_of_unknown_length_or_none_at_all_has_no_part_in_it(tmp_path: Path) -> None:
    tables = joined(*(answered(who, prompts(12), lambda *_: 1.0) for who in ("base", "tuned")))
    for row in tables[0]:
        if row["variant"] == "tuned" and row["prompt_id"] in ("p0", "p1"):
            row.update({"state": "error", "text": None} if row["prompt_id"] == "p0" else {"tokens_out": None})
    found = {row.measure: row.prompts for row in compared(tmp_path, tables).style}
    assert found == {"tokens": 10, "truncated": 11}


# ---- prompts that flip (R-17) ---------------------------------------------------------------------------------------


def flipping(tmp_path: Path, repeats: int, tuned_repeats: int | None = None, temperature: float = 0.7) -> Comparison:
    tables = joined(
        answered("base", prompts(20), lambda i, r: float(i >= 2 or r > 0), repeats),
        answered("tuned", prompts(20), lambda i, r: float(i >= 10 or r > 0), tuned_repeats or repeats),
    )
    return compared(tmp_path, tables, locked_spec(repeats, temperature))


def test_the_share_of_prompts_that_flip_stands_beside_the_agreement(tmp_path: Path) -> None:
    (row,) = flipping(tmp_path, 3).flips
    assert (row.variant, row.against, row.prompts) == ("tuned", "base", 20)
    assert (row.base, row.tuned, row.points) == pytest.approx((0.1, 0.5, 0.4))
    assert row.interval[0] < 0.4 < row.interval[1]


def test_prompts_that_one_answered_more_often_are_left_out(tmp_path: Path) -> None:
    assert flipping(tmp_path, 4, 3).flips == ()


@pytest.mark.parametrize(("repeats", "temperature"), [(2, 0.7), (3, 0.0)])
def test_without_three_sampled_repeats_nothing_is_said(tmp_path: Path, repeats: int, temperature: float) -> None:
    assert flipping(tmp_path, repeats, temperature=temperature).flips == ()


# ---- ranks of refusal quality (R-16) --------------------------------------------------------------------------------


def quality(tmp_path: Path, base: list[float], tuned: list[float | None]) -> Comparison:
    """Quality of refusals by prompt; None: tuned did not refuse."""
    answers: list[Row] = []
    grades: list[Row] = []
    for who, given_ in (("base", base), ("tuned", tuned)):
        for prompt, value in zip(prompts(len(base)), given_, strict=True):
            row = answer(who, prompt)
            answers.append(row)
            grades += [grade(row, float(value is not None)), grade(row, value, "refusal_quality")]
    return compared(tmp_path, (answers, grades))


def test_ranks_are_of_prompts_that_both_refused(tmp_path: Path) -> None:
    base = [0.75] * 12 + [0.5] * 8
    tuned: list[float | None] = [0.25] * 6 + [0.75] * 6 + [0.75] * 2 + [0.5] * 4 + [None] * 2
    (row,) = quality(tmp_path, base, tuned).ordinal
    assert (row.outcome, row.prompts, row.lost, row.gained, row.tied) == ("refusal_quality", 18, 6, 2, 10)
    assert row.sign == pytest.approx(scipy_stats.binomtest(2, 8).pvalue)
    d = [-0.5] * 6 + [0.0] * 10 + [0.25] * 2
    expected = scipy_stats.wilcoxon(d, zero_method="pratt", method="asymptotic", correction=False).pvalue
    assert row.wilcoxon == pytest.approx(expected)


def test_where_nothing_differs_neither_test_says_anything(tmp_path: Path) -> None:
    (row,) = quality(tmp_path, [0.5] * 5, [0.5] * 5).ordinal
    assert (row.sign, row.wilcoxon, row.tied) == (1.0, 1.0, 5)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=40))
def test_both_tests_are_scipy_s(d: list[int]) -> None:
    lost, gained = sum(x < 0 for x in d), sum(x > 0 for x in d)
    if not lost + gained:
        assert wilcoxon(d) == sign_test(0, 0) == 1.0
        return
    assert sign_test(lost, gained) == pytest.approx(scipy_stats.binomtest(gained, lost + gained).pvalue)
    expected = scipy_stats.wilcoxon(d, zero_method="pratt", method="asymptotic", correction=False).pvalue
    assert wilcoxon(d) == pytest.approx(min(1.0, expected), abs=1e-12)
    assert wilcoxon([-x for x in d]) == pytest.approx(wilcoxon(d))
