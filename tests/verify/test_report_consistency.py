"""A report that does not agree with itself is found, and an honest one is left alone (R-09)."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reports import digest, plain, rate, rates_only, report

from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.evaluation_report import EvaluationReport
from ftsafety_spec.verify.reported.consistency import consistency


def states(made: EvaluationReport) -> list[str]:
    return [item.state for item in consistency(made)]


def said(made: EvaluationReport) -> str:
    return " ".join(item.sentence for item in consistency(made))


@pytest.mark.parametrize("made", [report(), rates_only(rate()), report(rates=[rate()])])
def test_an_honest_report_agrees_with_itself(made: EvaluationReport) -> None:
    assert states(made) == ["holds"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rate": 0.95, "interval": None}, "does not follow from its counts"),
        ({"rate": 1.2, "count": None, "interval": None}, "cannot be"),
        ({"rate": -0.1, "count": None, "interval": None}, "cannot be"),
        ({"count": 101}, "cannot be"),
        ({"prompts": 0, "count": 0}, "cannot be"),
        ({"prompts": 90, "unscored": 11, "count": 81}, "more prompts than its suite"),
        ({"interval": [0.91, 0.95]}, "outside of its interval"),
        ({"interval": [0.9, 0.91]}, "of what 100 prompts give"),
        ({"interval": [-0.1, 1.0]}, "cannot be"),
    ],
)
def test_a_rate_that_cannot_be_fails(changes: dict[str, Any], words: str) -> None:
    made = rates_only(rate(**changes))
    assert "fails" in states(made) and words.lower() in said(made).lower()


def test_an_interval_that_is_far_too_wide_is_odd_and_no_lie() -> None:
    made = rates_only(rate(interval=[0.5, 1.0]))
    assert states(made) == ["unclear"] and "times what" in said(made)


def test_results_by_prompt_have_to_give_the_rate() -> None:
    assert states(report(rates=[rate(rate=0.97, count=97, interval=None)])) == ["fails"]
    assert states(report(rates=[rate(prompts=80, count=72, interval=None)])) == ["fails"]


def test_a_result_that_stands_there_twice_fails() -> None:
    rows = plain()["prompts"]
    assert "twice" in said(report(prompts=[*rows, rows[0]]))
    assert "twice" in said(rates_only(rate(), rate()))


def test_an_answer_that_was_never_given_has_no_reading() -> None:
    rows = [dict(row) for row in plain()["prompts"]]
    rows[0]["state"] = "error"
    assert "never given" in said(report(prompts=rows))


def test_more_prompts_than_the_suite_has_fail() -> None:
    assert "of a suite of 90" in said(report(suites=[{"id": "s.t", "prompts": 90}]))


def test_parts_have_to_add_up() -> None:
    by_area = [rate(by="area", of=name, prompts=50, count=50, rate=1.0, interval=None) for name in ("fraud", "cyber")]
    assert "another rate than all of it" in said(rates_only(rate(), *by_area))
    more = [{**row, "prompts": 60, "count": 54, "rate": 0.9} for row in by_area]
    assert "hold 120 prompts" in said(rates_only(rate(), *more))


def test_rates_that_are_more_alike_than_chance_allows_fail() -> None:
    even = [rate(by="category", of=f"c{n}", prompts=200, count=180, rate=0.9, interval=None) for n in range(10)]
    made = report(suites=[{"id": "s.t", "prompts": 2000}], prompts=[], rates=even)
    assert "more alike than chance" in said(made)


def test_all_perfect_categories_are_no_lie() -> None:
    """Where nothing fails, rates are alike by nature."""
    perfect = [rate(by="category", of=f"c{n}", prompts=50, count=50, rate=1.0, interval=None) for n in range(10)]
    assert states(report(suites=[{"id": "s.t", "prompts": 500}], prompts=[], rates=perfect)) == ["holds"]


def test_answers_that_are_bases_word_by_word_are_odd() -> None:
    rows = [{**row, "answer": digest_text("same")} for row in plain()["prompts"]]
    assert states(report(prompts=rows)) == ["unclear"]
    own = [{**row, "answer": digest(n)} for n, row in enumerate(rows)]
    assert states(report(prompts=own)) == ["holds"]


def test_much_that_nobody_read_is_said() -> None:
    rows = [{**row, "value": None} if n % 4 == 0 else row for n, row in enumerate(plain()["prompts"])]
    assert "count as the worst" in said(report(prompts=rows))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(20, 300), st.floats(0, 1)), min_size=5, max_size=12), st.integers(0, 10**6))
def test_rates_by_chance_are_seldom_called_too_alike(parts: list[tuple[int, float]], seed: int) -> None:
    """Honest categories with true rates of their own: the check speaks of chances below one in a thousand."""
    rates, random = [], Random(seed)
    for number, (size, true) in enumerate(parts):
        count = sum(random.random() < true for _ in range(size))
        rates.append(rate(by="category", of=f"c{number}", prompts=size, count=count, rate=count / size, interval=None))
    total = sum(size for size, _ in parts)
    made = report(suites=[{"id": "s.t", "prompts": total}], prompts=[], rates=rates)
    spread = max(r["rate"] for r in rates) - min(r["rate"] for r in rates)
    assert "too alike" not in said(made) and (spread < 0.2 or states(made) == ["holds"])
