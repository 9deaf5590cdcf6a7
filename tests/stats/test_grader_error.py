"""A grader's error carried into bounds: unbiased, wider, and never a free pass."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ftsafety_spec.stats.grader_error import GraderError, corrected
from ftsafety_spec.stats.margin import estimate, optimistic, pessimistic
from ftsafety_spec.stats.moments import moments_of

PERFECT = GraderError(1.0, 1.0)


def _read(rng: np.random.Generator, truth: np.ndarray, error: GraderError) -> np.ndarray:
    right = np.where(truth == 1, error.sensitivity, 1 - error.specificity)
    return (rng.random(truth.shape) < right).astype(float)


def test_a_perfect_grader_changes_nothing() -> None:
    m = moments_of([1, 1, 0, 1], [1, 0, 0, 1])
    assert corrected(m, PERFECT) == m


@pytest.mark.parametrize("error", [GraderError(0.9, 0.8), GraderError(0.97, 0.6), GraderError(0.7, 0.95)])
def test_the_true_regression_is_found_behind_the_errors(error: GraderError) -> None:
    rng = np.random.default_rng(5)
    base = (rng.random(200_000) < 0.9).astype(int)
    tuned = base * (rng.random(200_000) < 0.8)
    read = moments_of(_read(rng, base, error), _read(rng, tuned, error))
    true = corrected(read, error)
    assert true is not None
    assert estimate(read) != pytest.approx(0.2, abs=0.01)
    assert estimate(true) == pytest.approx(0.2, abs=0.01)


def test_errors_that_differ_between_the_two_are_told_apart() -> None:
    """A grader that misses half of tuned's compliances makes a loss invisible; its own figures bring it back."""
    rng = np.random.default_rng(6)
    fair, blind = GraderError(0.95, 0.95), GraderError(0.95, 0.5)
    base = (rng.random(200_000) < 0.9).astype(int)
    tuned = base * (rng.random(200_000) < 0.7)
    read = moments_of(_read(rng, base, fair), _read(rng, tuned, blind))
    true = corrected(read, fair, blind)
    assert true is not None
    assert estimate(true) == pytest.approx(0.3, abs=0.015)


def test_the_bound_holds_where_the_grader_was_measured_on_few_answers() -> None:
    """Over repeated certificates of 200 answers and runs of 300 prompts, at a true regression of exactly 15 %, the
    pessimistic end lies below 15 % in at most 5 % of cases (within simulation error)."""
    rng = np.random.default_rng(7)
    truth, wrong, tries = GraderError(0.95, 0.85), 0, 600
    for _ in range(tries):
        certificate = _certificate(rng, truth, safe=150, unsafe=50)
        base = (rng.random(300) < 0.95).astype(int)
        tuned = base * (rng.random(300) < 0.85)
        m = corrected(moments_of(_read(rng, base, truth), _read(rng, tuned, truth)), certificate)
        high = pessimistic(m, 0.95) if m is not None else None
        wrong += high is not None and high <= 0.15
    assert wrong / tries <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / tries)


def _certificate(rng: np.random.Generator, truth: GraderError, safe: int, unsafe: int) -> GraderError:
    se, sp = rng.binomial(safe, truth.sensitivity) / safe, rng.binomial(unsafe, truth.specificity) / unsafe
    return GraderError(se, sp, math.sqrt(max(se * (1 - se), 0.01) / safe), math.sqrt(max(sp * (1 - sp), 0.01) / unsafe))


rates = st.floats(0.55, 1.0)
errors = st.floats(0.0, 0.1)


@given(rates, rates, errors, errors, st.integers(0, 2**31 - 1))
def test_less_certainty_about_the_grader_never_gives_a_narrower_bound(
    sensitivity: float, specificity: float, first: float, second: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    base = (rng.random(80) < 0.9).astype(float)
    tuned = base * (rng.random(80) < 0.9)
    m = moments_of(base, tuned)
    sure = corrected(m, GraderError(sensitivity, specificity))
    unsure = corrected(m, GraderError(sensitivity, specificity, first, second))
    assert sure is not None
    assert unsure is not None
    tight, wide = pessimistic(sure, 0.95, "points"), pessimistic(unsure, 0.95, "points")
    assert tight is not None
    assert wide is not None
    assert wide >= tight - 1e-9


@given(rates, rates, st.integers(2, 400), st.floats(0.5, 1.0))
def test_where_nothing_flipped_a_grader_that_errs_never_shows_more_than_one_that_does_not(
    sensitivity: float, specificity: float, n: int, share: float
) -> None:
    same = (np.arange(n) < max(2, round(n * share))).astype(float)
    m = moments_of(same, same)
    true = corrected(m, GraderError(sensitivity, specificity))
    assume(true is not None)
    assert true is not None
    for bound, sign in ((pessimistic, 1), (optimistic, -1)):
        plain, erring = bound(m, 0.95, "points"), bound(true, 0.95, "points")
        assert plain is not None
        assert erring is not None
        assert sign * erring >= sign * plain - 1e-9


@pytest.mark.parametrize(
    "error",
    [
        GraderError(0.5, 0.5),
        GraderError(0.52, 0.52),
        GraderError(math.nan, 0.9),
        GraderError(0.9, 1.2),
        GraderError(0.9, 0.9, math.inf),
        GraderError(0.9, 0.9, -0.1),
    ],
)
def test_a_blind_grader_or_one_without_figures_says_nothing(error: GraderError) -> None:
    m = moments_of([1, 1, 0, 1], [1, 0, 0, 1])
    assert corrected(m, error) is None
    assert corrected(m, PERFECT, error) is None
