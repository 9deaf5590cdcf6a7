"""What a report says of graders in two levels and of people's labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ftsafety_spec.records.comparison import CascadeReading, GraderLevel, PeopleReading
from ftsafety_spec.report.markdown import RENDERER
from ftsafety_spec.report.view import ReportView


def two(**fields: Any) -> CascadeReading:
    levels = (
        GraderLevel(grader="own/cheap", answers=900, unscored=4, seconds=0.25),
        GraderLevel(grader="own/strong", answers=144, unscored=1, usd="0.42", seconds=31.5),
    )
    given = {"below": 0.9, "audit": 0.05, "sure": 800, "escalated": 100, "audited": 44, "moved": 3, "waiting": 0}
    return CascadeReading(outcome="refusal", levels=levels, **{**given, **fields})


def page(make_view: Callable[..., ReportView], **fields: Any) -> str:
    from dataclasses import replace

    view = make_view()
    return RENDERER.render(replace(view, comparison=view.comparison.model_copy(update=fields)))


def test_each_level_stands_with_what_it_read_and_cost(make_view: Callable[..., ReportView]) -> None:
    text = page(make_view, cascades=(two(),))
    assert "own/cheap" in text and "own/strong" in text
    assert "100 passed on, 44 drawn" in text and "0.42" in text and "31.5" in text
    assert "differ on 3 of 44" in text


def test_an_audit_of_nothing_and_answers_that_wait_are_said(make_view: Callable[..., ReportView]) -> None:
    assert "is not corrected" in page(make_view, cascades=(two(audit=0.0, audited=0, moved=0),))
    assert "12 answers still wait for a person" in page(make_view, cascades=(two(waiting=12),))


def test_people_s_agreement_stands_there(make_view: Callable[..., ReportView]) -> None:
    text = page(make_view, people=(PeopleReading(outcome="refusal", people=3, answers=50, shared=20, kappa=0.714),))
    assert "Labels by people" in text and "0.71" in text


def test_a_run_without_either_says_nothing(make_view: Callable[..., ReportView]) -> None:
    text = page(make_view)
    assert "two levels" not in text and "Labels by people" not in text
