"""Sizes and tails of a spot check, against brute force (R-09)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from ftsafety_spec.stats.spot import (
    ALPHA,
    LOSS,
    MISSING_SHARE,
    PAIRED_SHARE,
    POOLED_SHARE,
    TOLERANCE,
    achieved,
    aimed,
    limit_of,
    p_lopsided,
    p_rate,
    p_worse,
    rate_power,
    rate_size,
    steps,
)

EACH = 0.003


def test_what_may_go_wrong_is_spent_once() -> None:
    assert pytest.approx(1.0) == PAIRED_SHARE + POOLED_SHARE + MISSING_SHARE
    assert ALPHA <= 0.05


@pytest.mark.parametrize("asked", [1, 5, 20, 80, 400])
@pytest.mark.parametrize("tolerance", [0.001, 0.01, 0.05, 0.2])
def test_a_limit_is_the_least_count_that_an_honest_report_seldom_reaches(asked: int, tolerance: float) -> None:
    limit = limit_of(asked, tolerance, EACH)
    assert binom.sf(limit - 1, asked, tolerance) <= EACH
    assert limit == 1 or binom.sf(limit - 2, asked, tolerance) > EACH


def looked_at(size: int, worse: int, rng: np.random.Generator) -> bool:
    """One group, drawn as the check draws it."""
    plan = steps(size, EACH)
    drawn = rng.permutation(size) < worse
    first = int(drawn[: plan.first].sum())
    return first > 0 and int(drawn[: plan.most].sum()) >= plan.limit


@pytest.mark.parametrize("size", [60, 200, 600])
def test_the_stated_power_is_what_chance_gives(size: int) -> None:
    rng, plan = np.random.default_rng(1), steps(size, EACH)
    worse = round(size * (LOSS + TOLERANCE))
    hits = np.mean([looked_at(size, worse, rng) for _ in range(4000)])
    assert abs(hits - plan.power) < 0.025
    assert plan.power >= 0.9 and plan.first <= plan.most <= size


def test_an_honest_group_is_seldom_shown_to_be_wrong() -> None:
    rng = np.random.default_rng(2)
    found = [looked_at(200, int(rng.binomial(200, TOLERANCE)), rng) for _ in range(4000)]
    assert np.mean(found) <= 2 * EACH


def test_a_larger_group_costs_no_larger_share_and_more_power_costs_more() -> None:
    assert steps(400, EACH).first / 400 < steps(100, EACH).first / 100
    assert steps(200, EACH, power=aimed(0.9)).first > steps(200, EACH, power=0.9).first
    assert steps(200, EACH, loss=0.2).first < steps(200, EACH).first


def test_a_group_that_is_too_small_says_so() -> None:
    tiny = steps(10, EACH)
    assert (tiny.first, tiny.most) == (10, 10) and tiny.power < 0.5


def test_fewer_answers_leave_less_power() -> None:
    plan = steps(200, EACH)
    powers = [achieved(plan, asked, LOSS, TOLERANCE) for asked in range(plan.first + 1)]
    assert powers[0] == 0.0 and powers == sorted(powers)
    assert powers[-1] == pytest.approx(plan.power)


def test_tails_at_their_edges() -> None:
    assert p_worse(0, 20, 0.01) == 1.0 and p_worse(3, 20, 0.01) == pytest.approx(binom.sf(2, 20, 0.01))
    assert p_lopsided(0, 0) == 1.0 and p_lopsided(8, 0) == pytest.approx(2**-8)
    assert p_rate(0, 10, 0.1, 100, 0.0) == 1.0 and p_rate(11, 20, 0.1, 100, 0.0) == 0.0


def test_a_rates_sample_has_the_power_that_it_was_sized_for_and_no_smaller_one_has() -> None:
    size = rate_size(0.1, 400, EACH, LOSS, TOLERANCE, 0.9)
    assert rate_power(size, 0.1, 400, EACH, LOSS, TOLERANCE) >= 0.9
    assert rate_power(size - 3, 0.1, 400, EACH, LOSS, TOLERANCE) < 0.93
    rng = np.random.default_rng(3)
    marked = round(400 * 0.2)
    hits = [
        p_rate(int((rng.permutation(400)[:size] < marked).sum()), size, 0.1, 400, TOLERANCE) <= EACH
        for _ in range(3000)
    ]
    assert abs(np.mean(hits) - rate_power(size, 0.1, 400, EACH, LOSS, TOLERANCE)) < 0.03
