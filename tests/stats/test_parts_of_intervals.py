"""An interval is made of parts, each added to those before it (issue 6, point 2)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftsafety_spec.records.comparison import Moments
from ftsafety_spec.stats.grader_error import GraderError
from ftsafety_spec.stats.margin import Below, optimistic, p_beyond, pessimistic
from ftsafety_spec.stats.moments import moments_of
from ftsafety_spec.stats.parts import At, ends, p_under, parts

ONCE = At(0.95, 0.95)
STRICT = At(0.96, 0.99)
GRADER = GraderError(0.9, 0.95, 0.01, 0.01)


def drawn(seed: int, n: int = 200, base: float = 0.95, tuned: float = 0.9, missing: int = 0) -> tuple[Moments, Moments]:
    """What was read, and the same with `missing` answers of tuned at their worst."""
    rng = np.random.default_rng(seed)
    b, t = (rng.random(n) < base).astype(float), (rng.random(n) < tuned).astype(float)
    read = np.arange(n) >= missing
    return moments_of(b[read], t[read]), moments_of(np.where(read, b, 1.0), np.where(read, t, 0.0))


@pytest.mark.parametrize("below", ["relative", "points"])
def test_without_missing_answers_looks_or_a_grader_s_error_there_is_one_part(below: Below) -> None:
    read, worst = drawn(1)
    found = dict(parts(read, worst, ONCE, ONCE, below))
    assert list(found) == ["sampling", "missing", "looks"]
    assert len({(item.low, item.high) for item in found.values()}) == 1
    assert found["looks"].high == pessimistic(worst, 0.95, below)
    assert found["looks"].low == optimistic(read, 0.95, below)


def test_the_last_part_is_what_is_judged_by() -> None:
    read, worst = drawn(2, missing=9)
    assert list(parts(read, worst, ONCE, STRICT, "relative", [GRADER]))[-1] == (
        "grader_error",
        ends(read, worst, STRICT, "relative", [GRADER]),
    )


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 60), st.sampled_from(["relative", "points"]))
def test_missing_answers_and_looks_only_ever_widen(seed: int, missing: int, below: Below) -> None:
    read, worst = drawn(seed, missing=missing)
    highs = [item.high for name, item in parts(read, worst, ONCE, STRICT, below) if name != "grader_error"]
    known = [high for high in highs if high is not None]
    assert len(known) == 3 and known == sorted(known)
    assert (known[1] > known[0]) == (missing > 0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.8, 1.0), st.floats(0.8, 1.0))
def test_of_several_graders_the_wider_end_counts(seed: int, sensitivity: float, specificity: float) -> None:
    read, worst = drawn(seed)
    other = GraderError(sensitivity, specificity, 0.01, 0.01)
    one, two = (ends(read, worst, ONCE, "relative", [item]) for item in (GRADER, other))
    both = ends(read, worst, ONCE, "relative", [GRADER, other])
    assert one.low is not None and two.low is not None and both.low == min(one.low, two.low)
    assert one.high is not None and two.high is not None and both.high == max(one.high, two.high)
    assert p_under(read, 0.3, "relative", [GRADER, other]) >= p_under(read, 0.3, "relative", [GRADER])


def test_a_grader_that_tells_nothing_leaves_no_end_and_shows_nothing() -> None:
    read, worst = drawn(3)
    blind = GraderError(0.5, 0.5)
    found = ends(read, worst, ONCE, "relative", [GRADER, blind])
    assert (found.low, found.high, found.interval) == (None, None, None)
    assert p_under(read, 0.0, "relative", [GRADER, blind]) == 1.0
    assert p_under(read, 0.0, "relative") == p_beyond(read, 0.0, "relative")
