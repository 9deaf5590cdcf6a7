"""Many areas at once, how many prompts are enough, and how well two readers agree."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa as reference_kappa
from statsmodels.stats.multitest import multipletests

from ftsafety_spec.stats.agreement import cohens_kappa
from ftsafety_spec.stats.families import holm, shrink
from ftsafety_spec.stats.margin import p_beyond, within
from ftsafety_spec.stats.moments import moments_of
from ftsafety_spec.stats.size import MOST, detectable, needed_for_margin, settles_with

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@settings(max_examples=30, deadline=None)
@given(P_VALUES)
def test_holm_is_statsmodels_holm(values: list[float]) -> None:
    assert holm(values) == pytest.approx(list(multipletests(values, method="holm")[1]), abs=1e-12)


@given(P_VALUES, st.randoms())
def test_holm_does_not_depend_on_the_order(values: list[float], random: object) -> None:
    order = list(range(len(values)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = holm([values[i] for i in order])
    assert [shuffled[order.index(i)] for i in range(len(values))] == pytest.approx(holm(values))


def test_an_empty_family_has_no_p_values() -> None:
    assert holm([]) == []


def test_equal_groups_are_drawn_to_their_mean() -> None:
    assert shrink([0.0, 0.2, 0.1], [0.01, 0.01, 0.01]) == pytest.approx([0.1, 0.1, 0.1])


def test_groups_that_differ_beyond_noise_keep_their_own_figure() -> None:
    kept = shrink([0.0, 0.9, 0.05, 0.02], [1e-4] * 4)
    assert kept == pytest.approx([0.0, 0.9, 0.05, 0.02], abs=0.01)


def test_a_noisier_group_is_drawn_further() -> None:
    steady, noisy = shrink([0.6, 0.6, 0.0, 0.0, 0.0], [0.001, 0.1, 0.001, 0.001, 0.001])[:2]
    assert noisy < steady


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(1e-6, 1)), min_size=2, max_size=15))
def test_shrunken_figures_stay_between_the_extremes(groups: list[tuple[float, float]]) -> None:
    values = [value for value, _ in groups]
    drawn = shrink(values, [variance for _, variance in groups])
    assert all(min(values) - 1e-9 <= value <= max(values) + 1e-9 for value in drawn)


@pytest.mark.parametrize("groups", [[], [0.3]])
def test_a_single_group_is_left_as_it_is(groups: list[float]) -> None:
    assert shrink(groups, [0.1] * len(groups)) == groups


def test_a_uniform_loss_raises_few_flags_once_shrunken() -> None:
    rng = np.random.default_rng(3)
    sizes, flagged_plain, flagged_shrunken = [90, 60, 40, 30, 20, 12, 10, 10], 0, 0
    for _ in range(200):
        means = [rng.binomial(size, 0.1) / size for size in sizes]
        variances = [max(mean * (1 - mean), 1 / (size + 1)) / size for mean, size in zip(means, sizes, strict=True)]
        flagged_plain += max(means) > 0.2
        flagged_shrunken += max(shrink(means, variances)) > 0.2
    assert flagged_plain > 60
    assert flagged_shrunken < 20


def pairs(n: int, lost: float) -> tuple[np.ndarray, np.ndarray]:
    tuned = np.ones(n)
    tuned[: round(n * lost)] = 0.0
    return np.ones(n), tuned


@pytest.mark.parametrize(("lost", "margin"), [(0.10, 0.15), (0.02, 0.05), (0.25, 0.30)])
def test_with_the_promised_number_of_prompts_the_margin_is_cleared(lost: float, margin: float) -> None:
    needed = settles_with(moments_of(*pairs(50, lost)), margin, 0.95)
    assert needed is not None and needed > 50
    assert within(moments_of(*pairs(2 * needed, lost)), margin, 0.95)


@pytest.mark.parametrize(("lost", "limit"), [(0.60, 0.50), (0.40, 0.30)])
def test_with_the_promised_number_of_prompts_a_violation_is_shown(lost: float, limit: float) -> None:
    needed = settles_with(moments_of(*pairs(10, lost)), limit, 0.95)
    assert needed is not None
    assert p_beyond(moments_of(*pairs(2 * needed, lost)), limit) < 0.05


def test_no_number_settles_an_estimate_on_the_margin_or_nothing() -> None:
    assert settles_with(moments_of(*pairs(100, 0.05)), 0.05, 0.95) is None
    assert settles_with(moments_of([1.0], [1.0]), 0.05, 0.95) is None
    assert (settles_with(moments_of(*pairs(1000, 0.048)), 0.05, 0.9999999) or 0) <= MOST


def test_points_settle_by_their_own_distance() -> None:
    m = moments_of(*pairs(40, 0.05))
    assert settles_with(m, 0.10, 0.95, "points") == settles_with(m, 0.10, 0.95)


def test_more_prompts_find_smaller_losses() -> None:
    found = [detectable(n, 0.95, 0.95) for n in (20, 100, 500, 2000)]
    assert all(value is not None for value in found)
    assert found == sorted((value or 0.0 for value in found), reverse=True)
    assert detectable(1, 0.95, 0.95) is None


def test_the_detectable_loss_is_found_in_most_runs() -> None:
    loss = detectable(200, 1.0, 0.95)
    assert loss is not None
    rng = np.random.default_rng(1)
    hits = sum(p_beyond(moments_of(np.ones(200), 1.0 - rng.binomial(1, loss, 200)), 0.0) < 0.05 for _ in range(400))
    assert hits / 400 > 0.7


def test_prompts_needed_grow_as_the_margin_shrinks() -> None:
    wide, narrow = needed_for_margin(0.15, 0.95, 0.95, 0.02), needed_for_margin(0.05, 0.95, 0.95, 0.02)
    assert wide is not None and narrow is not None and narrow > wide
    assert needed_for_margin(0.0, 0.95, 0.95, 0.02) is None
    assert needed_for_margin(0.05, 0.0, 0.95, 0.02) is None


LABELS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=60)


@given(LABELS)
def test_kappa_is_statsmodels_kappa(labels: list[tuple[int, int]]) -> None:
    first, second = [a for a, _ in labels], [b for _, b in labels]
    table = np.zeros((2, 2))
    for a, b in labels:
        table[a, b] += 1
    with np.errstate(all="ignore"):
        expected = reference_kappa(table, return_results=False)
    found = cohens_kappa(first, second)
    assert found is not None
    if math.isfinite(expected):
        assert found == pytest.approx(expected, abs=1e-9)
    else:
        assert found == 1.0


def test_kappa_of_nothing_is_unknown_and_of_unequal_lists_refused() -> None:
    assert cohens_kappa([], []) is None
    with pytest.raises(ValueError, match="equal length"):
        cohens_kappa([1], [])
