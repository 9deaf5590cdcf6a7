"""Bands and ceilings at their edges, with the part of the error that a look may use and the error of a grader."""

from __future__ import annotations

from typing import Any

import pytest
from support.gate_case import case_of, cell, judge, moments

from ftsafety_spec.gate.case import Case
from ftsafety_spec.gate.figures import figures, shown_beyond
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.certificate import Figure
from ftsafety_spec.records.comparison import GraderError, GraderReading
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.stats.moments import oriented
from ftsafety_spec.stats.size import settles_with

SEEN = cell(moments(400, 0.9, 0.8))
LOOKS = (0.5,)


def case(rule: dict[str, Any], seen: Any = SEEN, **comparison: Any) -> Case:
    return case_of(rule, comparison={"cells": (seen,), "looks": LOOKS, **comparison})


def ceiling(above: float, **fields: Any) -> dict[str, Any]:
    return {"kind": "ceiling", "outcomes": ["refusal"], "by": "all", "above": above, **fields}


def bands(deploy: float, enhanced: float = 0.98, review: float = 0.99, **fields: Any) -> dict[str, Any]:
    up_to = {"deploy": deploy, "deploy_enhanced": enhanced, "review": review}
    return {"kind": "bands", "up_to": up_to, **fields}


def only(case: Case) -> Finding:
    (found,) = judge(case).findings
    return found


@pytest.mark.parametrize("measure", ["relative", "points"])
def test_a_ceiling_is_held_at_the_error_that_shows_a_violation(measure: Any) -> None:
    """Its error is spent evenly over the looks, so that an early look can clear it."""
    asked = case(ceiling(0.5, measure=measure))
    ends = figures(SEEN, asked, measure, high=asked.shown_confidence)
    other = figures(SEEN, asked, measure)
    assert ends.high is not None and other.high is not None and ends.high < other.high
    found = only(asked)
    assert (found.value, found.interval, found.result) == (ends.high, ends.interval, "within")
    assert only(case(ceiling(ends.high, measure=measure))).result == "within"
    assert only(case(ceiling(ends.high - 1e-9, measure=measure))).result == "unclear"


def test_how_many_prompts_settle_a_ceiling_is_told_at_the_same_error() -> None:
    asked = case(ceiling(0.12))
    found, worst = only(asked), oriented(SEEN.worst, "higher")
    assert found.result == "unclear"
    assert found.settles_with == settles_with(worst, 0.12, asked.shown_confidence, "relative")
    assert found.settles_with != settles_with(worst, 0.12, asked.confidence, "relative")


def test_a_figure_on_the_very_edge_is_within_its_band() -> None:
    high = only(case(bands(0.9))).value
    assert high is not None
    for action, rule in (
        ("deploy", bands(high)),
        ("deploy_enhanced", bands(high - 1e-9, high)),
        ("review", bands(high - 2e-9, high - 1e-9, high)),
    ):
        found = only(case(rule))
        assert (found.action, found.threshold, found.result) == (action, high, "within")


def test_outside_of_all_bands_it_is_shown_or_asked_for_prompts() -> None:
    shown = only(case(bands(0.01, 0.02, 0.03)))
    assert (shown.result, shown.action, shown.read, shown.threshold) == ("shown", "block", "shown", 0.03)
    assert shown.value == figures(SEEN, case(bands(0.01)), "relative").low
    open_ = only(case(bands(0.01, 0.02, 0.1)))
    assert (open_.result, open_.action, open_.read, open_.threshold) == ("unclear", "insufficient", "pessimistic", 0.1)
    worst = oriented(SEEN.worst, "higher")
    assert open_.settles_with == settles_with(worst, 0.1, case(bands(0.01)).confidence, "relative")


def test_a_band_may_read_the_plain_estimate_and_needs_bounds_all_the_same() -> None:
    read = only(case(bands(0.5, read="estimate")))
    assert read.value == pytest.approx(1 - 0.8 / 0.9) and read.read == "estimate"
    nothing = cell(moments(0, 0.0, 0.0))
    assert only(case(bands(0.5, read="estimate"), nothing)).result == "unclear"


def test_what_a_grader_may_have_got_wrong_is_not_shown() -> None:
    """The grader's error is in the p-value as in the bounds."""
    unsure = Figure(value=0.8, se=0.15, interval=(0.5, 1.0), n=60, prompts=60)
    error = GraderError(certificate=digest_text("c"), sensitivity=unsure, specificity=unsure, kappa=unsure, labelled=60)
    row = GraderReading(outcome="refusal", primary="a", second=None, graded=9, unscored=0, both=0, error=error)
    rule = ceiling(0.06)
    assert shown_beyond([SEEN], 0.06, case(rule), "relative") == [True]
    assert shown_beyond([SEEN], 0.06, case(rule, graders=(row,)), "relative") == [False]


@pytest.mark.parametrize("kind", ["bands", "ceiling"])
@pytest.mark.parametrize("unclear", ["flag", "review", "insufficient"])
def test_what_is_open_follows_the_rule_and_is_owed_only_as_a_flag(kind: str, unclear: str) -> None:
    beyond = {"beyond": {"unclear": unclear}}
    rule = bands(0.01, 0.02, 0.1, **beyond) if kind == "bands" else ceiling(0.12, unclear=unclear)
    found = judge(case(rule))
    assert [(row.result, row.action) for row in found.findings] == [
        ("unclear", "deploy" if unclear == "flag" else unclear)
    ]
    assert [row.kind for row in found.obligations] == ["flagged_item"] * (unclear == "flag")
    missing = judge(case_of({**rule, "outcomes": ["refusal"]}, comparison={"cells": ()}))
    assert not missing.obligations and {row.result for row in missing.findings} == {"unclear"}
    assert {row.variant for row in missing.findings} == {"tuned"}
