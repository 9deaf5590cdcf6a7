"""Bounds of a paired regression: the paired t on the appended data, at their level, never open by default."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats as scipy_stats

from ftsafety_spec.records.comparison import Moments
from ftsafety_spec.stats.margin import (
    critical,
    estimate,
    optimistic,
    p_beyond,
    pessimistic,
    rate_bounds,
    regression_of,
    statistic,
    within,
)
from ftsafety_spec.stats.moments import appended, moments_of, oriented

Pairs = tuple[NDArray[np.float64], NDArray[np.float64]]
RATES = st.sampled_from([0.0, 1 / 3, 0.5, 2 / 3, 1.0])
PAIRS = st.lists(st.tuples(RATES, RATES), min_size=2, max_size=60)


def arrays(pairs: list[tuple[float, float]]) -> Pairs:
    data = np.array(pairs, dtype=float).reshape(-1, 2)
    return data[:, 0], data[:, 1]


def some(n: int, seed: int = 0, base: float = 0.95, loss: float = 0.1) -> Pairs:
    rng = np.random.default_rng(seed)
    b = rng.binomial(3, base, n) / 3
    return b, b * rng.binomial(1, 1 - loss, n)


@given(PAIRS, st.tuples(RATES, RATES))
def test_appending_a_pair_equals_having_had_it(pairs: list[tuple[float, float]], more: tuple[float, float]) -> None:
    b, t = arrays(pairs)
    quick = appended(moments_of(b, t), *more)
    slow = moments_of(np.append(b, more[0]), np.append(t, more[1]))
    for name in Moments.model_fields:
        assert getattr(quick, name) == pytest.approx(getattr(slow, name), abs=1e-12)


@pytest.mark.parametrize("margin", [0.0, 0.05, 0.15, 0.30, 0.50])
@pytest.mark.parametrize("n", [2, 10, 500])
def test_the_margin_test_is_the_paired_t_test_on_the_appended_data(n: int, margin: float) -> None:
    b, t = some(n, seed=n)
    m = moments_of(b, t)
    lost_b, lost_t = np.append(b, 1.0), np.append(t, 0.0)
    expected = scipy_stats.ttest_rel(lost_t, (1 - margin) * lost_b, alternative="greater")
    assert statistic(appended(m, 1.0, 0.0), margin) == pytest.approx(expected.statistic, rel=1e-12, abs=1e-12)
    assert within(m, margin, 0.95) == (expected.pvalue <= 0.05)
    gain_b, gain_t = np.append(b, 0.0), np.append(t, 1.0)
    shown = scipy_stats.ttest_rel(gain_t, (1 - margin) * gain_b, alternative="less")
    assert p_beyond(m, margin) == pytest.approx(shown.pvalue, rel=1e-9, abs=1e-14)


def test_points_are_the_paired_t_interval_on_the_appended_data() -> None:
    b, t = some(80)
    m = moments_of(b, t)
    high = scipy_stats.ttest_rel(np.append(b, 1.0), np.append(t, 0.0)).confidence_interval(0.90).high
    low = scipy_stats.ttest_rel(np.append(b, 0.0), np.append(t, 1.0)).confidence_interval(0.90).low
    assert pessimistic(m, 0.95, "points") == pytest.approx(high, abs=1e-12)
    assert optimistic(m, 0.95, "points") == pytest.approx(low, abs=1e-12)
    shown = scipy_stats.ttest_1samp(np.append(b, 0.0) - np.append(t, 1.0), 0.1, alternative="greater")
    assert p_beyond(m, 0.1, "points") == pytest.approx(shown.pvalue, rel=1e-9)


def test_the_critical_value_is_student_s() -> None:
    assert critical(11, 0.95) == pytest.approx(scipy_stats.t.ppf(0.95, 10))
    assert critical(1, 0.95) == math.inf


@given(PAIRS, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_bounds_invert_the_test(pairs: list[tuple[float, float]], confidence: float) -> None:
    m = moments_of(*arrays(pairs))
    high, low = pessimistic(m, confidence), optimistic(m, confidence)
    if high is not None and m.mean_tuned > 0:  # all lost: the bound is 1, with no spread to test against
        at_edge = statistic(appended(m, 1.0, 0.0), high)
        assert at_edge == pytest.approx(critical(m.n + 1, confidence), rel=1e-5, abs=1e-5)
    if low is not None and p_beyond(m, low) < 1.0:
        assert p_beyond(m, low) == pytest.approx(1 - confidence, rel=1e-4, abs=1e-6)


@given(PAIRS)
def test_the_bounds_enclose_the_estimate(pairs: list[tuple[float, float]]) -> None:
    m = moments_of(*arrays(pairs))
    for below in ("relative", "points"):
        seen, low, high = estimate(m, below), optimistic(m, 0.95, below), pessimistic(m, 0.95, below)  # type: ignore[arg-type]
        if low is not None and high is not None and seen is not None:
            assert low <= seen + 1e-9 and seen <= high + 1e-9


@given(PAIRS)
def test_swapping_base_and_tuned_flips_the_sign_of_points(pairs: list[tuple[float, float]]) -> None:
    b, t = arrays(pairs)
    one, other = moments_of(b, t), moments_of(t, b)
    assert estimate(one, "points") == pytest.approx(-(estimate(other, "points") or 0.0), abs=1e-12)
    assert pessimistic(one, 0.95, "points") == pytest.approx(-(optimistic(other, 0.95, "points") or 0.0), abs=1e-9)


@given(PAIRS)
def test_swapping_base_and_tuned_turns_a_loss_into_a_gain(pairs: list[tuple[float, float]]) -> None:
    b, t = arrays(pairs)
    one, other = estimate(moments_of(b, t)), estimate(moments_of(t, b))
    assume(one is not None and other is not None)
    assert one is not None and other is not None
    assert (one > 1e-9) == (other < -1e-9)


@given(PAIRS)
def test_an_outcome_of_which_less_is_safer_reads_the_same_the_other_way_round(pairs: list[tuple[float, float]]) -> None:
    b, t = arrays(pairs)
    direct = moments_of(1 - b, 1 - t)
    turned = oriented(moments_of(b, t), "lower")
    for name in Moments.model_fields:
        assert getattr(turned, name) == pytest.approx(getattr(direct, name), abs=1e-12)
    assert regression_of(moments_of(b, t), "lower", 0.95).points == pytest.approx(estimate(direct, "points"), abs=1e-12)


@given(PAIRS, st.integers(0, 59))
def test_losing_an_answer_that_both_gave_never_helps(pairs: list[tuple[float, float]], index: int) -> None:
    pairs[index % len(pairs)] = (1.0, 1.0)
    before = pessimistic(moments_of(*arrays(pairs)), 0.95)
    pairs[index % len(pairs)] = (1.0, 0.0)
    after = pessimistic(moments_of(*arrays(pairs)), 0.95)
    assume(before is not None and before < 0.9)
    assert after is None or (before is not None and after >= before - 1e-12)


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_prompts_show_nothing(n: int) -> None:
    m = moments_of(np.ones(n), np.ones(n))
    assert not within(m, 1.0, 0.95)
    assert p_beyond(m, 0.0) == 1.0
    assert (pessimistic(m, 0.95), optimistic(m, 0.95)) == (None, None)
    assert (pessimistic(m, 0.95, "points"), optimistic(m, 0.95, "points")) == (None, None)
    assert regression_of(m, "higher", 0.95).interval is None
    assert regression_of(m, "higher", 0.95).points_interval == (-1.0, 1.0)


def test_without_any_change_the_lost_pseudo_prompt_alone_keeps_few_prompts_from_passing() -> None:
    assert not within(moments_of(np.ones(20), np.ones(20)), 0.05, 0.95)
    assert within(moments_of(np.ones(60), np.ones(60)), 0.05, 0.95)


def test_everything_lost_is_never_within_and_is_shown() -> None:
    m = moments_of(np.ones(30), np.zeros(30))
    assert not any(within(m, margin, 0.95) for margin in (0.05, 0.3, 0.9))
    assert p_beyond(m, 0.5) < 0.001
    assert estimate(m) == 1.0


def test_a_base_that_never_was_safe_leaves_the_relative_figure_undefined() -> None:
    for tuned in (np.zeros(50), np.ones(50)):
        m = moments_of(np.zeros(50), tuned)
        assert estimate(m) is None
        assert pessimistic(m, 0.95) is None
        assert not within(m, 0.99, 0.95)
        assert p_beyond(m, 0.0) == 1.0
        assert regression_of(m, "higher", 0.95).relative is None
        assert regression_of(m, "higher", 0.95).interval is None


@pytest.mark.parametrize("field", ["mean_base", "mean_tuned", "var_base", "var_tuned", "cov"])
def test_a_figure_that_is_no_number_never_passes(field: str) -> None:
    for bad in (math.nan, math.inf):
        m = moments_of(*some(100)).model_copy(update={field: bad})
        for below in ("relative", "points"):
            assert not within(m, 0.5, 0.95, below)  # type: ignore[arg-type]
            assert p_beyond(m, 0.0, below) == 1.0  # type: ignore[arg-type]


def test_rate_bounds_hold_at_both_ends_and_for_few() -> None:
    assert rate_bounds(1.0, 0.0, 1, 0.95) == (0.0, 1.0)
    low, high = rate_bounds(1.0, 0.0, 100, 0.95)
    assert 0.95 < low < 1.0 and high == 1.0
    assert rate_bounds(math.nan, 0.0, 100, 0.95) == (0.0, 1.0)


@pytest.mark.parametrize("n", [10, 50, 500, 5000])
@pytest.mark.parametrize("rate", [0.5, 0.95, 0.99, 0.999])
def test_rate_bounds_hold_near_one_as_well(n: int, rate: float) -> None:
    """A t interval alone held in 93 % of runs at n = 500 and a rate of 0.95."""
    seen = np.random.default_rng(3).binomial(n, rate, 4000)
    bounds = {k: rate_bounds(k / n, k * (n - k) / (n * (n - 1)), n, 0.95) for k in set(seen.tolist())}
    for side, holds in (
        ("low", [bounds[k][0] <= rate for k in seen.tolist()]),
        ("high", [bounds[k][1] >= rate for k in seen.tolist()]),
    ):
        assert np.mean(holds) >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / 4000), side


def draw(rng: np.random.Generator, n: int, loss: float, repeats: int = 3, base: float = 0.95) -> Pairs:
    """Prompts of uneven difficulty, and losses that are mostly all or nothing (as in the decision simulation)."""
    p = rng.beta(base * 4, (1 - base) * 4, n)
    d = rng.beta(loss, 1 - loss, n) if loss else np.zeros(n)
    return rng.binomial(repeats, p) / repeats, rng.binomial(repeats, p * (1 - d)) / repeats


@pytest.mark.parametrize("edge", [0.05, 0.15, 0.30])
def test_at_the_very_edge_of_a_band_at_most_one_model_in_twenty_passes(edge: float) -> None:
    rng = np.random.default_rng(20261124)
    runs = 1500
    passed = sum(within(moments_of(*draw(rng, 500, edge)), edge, 0.95) for _ in range(runs))
    assert passed / runs <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / runs)


@pytest.mark.parametrize(("n", "edge"), [(10, 0.30), (40, 0.15), (40, 0.50), (200, 0.50)])
def test_a_block_at_the_very_limit_is_rare_for_any_number_of_prompts(n: int, edge: float) -> None:
    rng = np.random.default_rng(7)
    runs = 1000
    shown = sum(p_beyond(moments_of(*draw(rng, n, edge)), edge) < 0.05 for _ in range(runs))
    assert shown / runs <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / runs)


@settings(max_examples=25, deadline=None)
@given(st.integers(10, 400), st.floats(0.6, 0.99), st.integers(0, 2**16))
def test_duplicating_no_prompt_but_the_sample_shrinks_the_interval(n: int, base: float, seed: int) -> None:
    b, t = some(n, seed, base)
    once, twice = moments_of(b, t), moments_of(np.tile(b, 2), np.tile(t, 2))
    high, more = pessimistic(once, 0.95), pessimistic(twice, 0.95)
    assert high is not None and more is not None and more <= high + 1e-12


def _counts(lost: int, gained: int, n: int) -> float:
    """Pessimistic end in points, one-sided 95 %; at most 0.75."""
    base, tuned = [1.0] * lost + [0.0] * (n - lost), [0.0] * lost + [1.0] * gained + [0.0] * (n - lost - gained)
    high = pessimistic(moments_of(base, tuned), 0.95, "points")
    assert high is not None
    return min(high, 0.75)


@pytest.mark.parametrize("n", [8, 9, 12, 20])
def test_a_loss_never_lowers_the_pessimistic_end(n: int) -> None:
    """Every table of n pairs. One gain fewer lowers the spread as well as the mean: the bound rises all the same where
    the quantile is below 1 / (sqrt(2) - 1) = 2.41, unless three quarters are lost and the last gain lies far out."""
    for gained in range(n + 1):
        for lost in range(n + 1 - gained):
            here = _counts(lost, gained, n)
            if gained:
                assert _counts(lost, gained - 1, n) >= here - 1e-12
                assert _counts(lost + 1, gained - 1, n) >= here - 1e-12
            if lost + gained < n:
                assert _counts(lost + 1, gained, n) >= here - 1e-12
