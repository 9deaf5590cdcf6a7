"""Rates and kappa of answers that share prompts: held against scipy and statsmodels, and by their coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.inter_rater import cohens_kappa as reference_kappa

from ftsafety_spec.records.certificate import Figure
from ftsafety_spec.stats.agreement import MISSING, agreement
from ftsafety_spec.stats.clustered import bootstrap, codes_of, mean, ratio, totals_of


def clustered(rng: np.random.Generator, clusters: int, size: int, rate: float, spread: float) -> tuple[np.ndarray, ...]:
    """Beta-binomial answers: `spread` is the correlation within a prompt. Gives hits and their clusters."""
    a, b = rate * (1 / spread - 1), (1 - rate) * (1 / spread - 1)
    own = rng.beta(a, b, clusters)
    return (rng.random((clusters, size)) < own[:, None]).ravel().astype(float), np.repeat(np.arange(clusters), size)


def test_the_standard_error_is_statsmodels_cluster_robust_one() -> None:
    rng = np.random.default_rng(5)
    hits, cluster = clustered(rng, 40, 5, 0.8, 0.3)
    fit = sm.OLS(hits, np.ones(len(hits))).fit(cov_type="cluster", cov_kwds={"groups": cluster})
    for found in (ratio(hits, np.ones(len(hits)), cluster), mean(hits, cluster)):
        assert found.value == pytest.approx(hits.mean(), abs=1e-6)
        assert found.se == pytest.approx(float(fit.bse[0]), abs=1e-6)


def test_a_ratio_of_sums_has_the_linearised_error_of_a_regression_through_the_origin_weights() -> None:
    rng = np.random.default_rng(6)
    below = rng.integers(0, 2, 300).astype(float)
    top = below * rng.integers(0, 2, 300)
    cluster = np.arange(300) // 3
    found = ratio(top, below, cluster)
    kept = below > 0
    fit = sm.OLS(top[kept], np.ones(int(kept.sum()))).fit(cov_type="cluster", cov_kwds={"groups": cluster[kept]})
    assert found.value == pytest.approx(float(fit.params[0]), abs=1e-6)
    assert found.se == pytest.approx(float(fit.bse[0]), rel=1e-4)
    assert (found.n, found.prompts) == (int(kept.sum()), len(np.unique(cluster[kept])))


@pytest.mark.parametrize("n", [1, 2, 10, 300])
def test_where_nothing_varies_the_interval_is_clopper_and_pearsons_over_prompts(n: int) -> None:
    for hits in (0, n):
        ends = binomtest(hits, n).proportion_ci(method="exact")
        found = ratio(np.full(2 * n, hits / n), np.ones(2 * n), np.arange(2 * n) % n)
        assert found.interval == pytest.approx((ends.low, ends.high), abs=1e-6)
        assert found.se is not None and found.se > 0


def test_nothing_below_the_bar_is_unknown() -> None:
    none = np.zeros(4)
    assert ratio(none, none, np.arange(4)) == Figure()
    assert ratio([], [], codes_of([])) == Figure() == mean([], codes_of([]))
    assert mean([0.5], np.array([0])).interval is None


@pytest.mark.parametrize(("clusters", "size", "rate", "spread"),
                         [(25, 4, 0.9, 0.2), (150, 3, 0.9, 0.4), (150, 1, 0.95, 0.01), (60, 3, 0.5, 0.5)])  # fmt: skip
def test_the_interval_covers_the_true_rate_at_least_as_often_as_it_says(
    clusters: int, size: int, rate: float, spread: float
) -> None:
    rng, held = np.random.default_rng(11), 0
    for _ in range(600):
        hits, cluster = clustered(rng, clusters, size, rate, spread)
        ends = ratio(hits, np.ones(len(hits)), cluster).interval
        assert ends is not None
        held += ends[0] <= rate <= ends[1]
    assert held / 600 >= 0.95 - 2 * math.sqrt(0.95 * 0.05 / 600)


def test_the_bootstrap_agrees_with_the_linearised_error_and_repeats_itself() -> None:
    hits, cluster = clustered(np.random.default_rng(2), 200, 3, 0.7, 0.3)
    totals = totals_of(np.column_stack([hits, np.ones(len(hits))]), cluster)
    draws = [bootstrap(totals, lambda sums: sums[:, 0] / sums[:, 1], len(hits)) for _ in range(2)]
    assert draws[0] == draws[1]
    linear = ratio(hits, np.ones(len(hits)), cluster)
    assert draws[0].se == pytest.approx(linear.se, rel=0.08)
    assert draws[0].interval == pytest.approx(linear.interval, abs=0.012)


LABELS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=8, max_size=80)


@settings(max_examples=60, deadline=None)
@given(LABELS)
def test_kappa_and_its_error_are_statsmodels_ones_where_every_item_is_its_own_cluster(
    labels: list[tuple[int, int]],
) -> None:
    first, second = np.array(labels).T
    counts = np.zeros((3, 3))
    np.add.at(counts, (first, second), 1)
    found = agreement(first, second, np.arange(len(labels)))
    with np.errstate(all="ignore"):
        reference = reference_kappa(counts)
    if not math.isfinite(reference.kappa) or not math.isfinite(reference.std_kappa) or reference.std_kappa < 1e-9:
        return
    n = len(labels)
    assert found.kappa == pytest.approx(reference.kappa, abs=1e-9)
    assert found.se == pytest.approx(reference.std_kappa * math.sqrt(n / (n - 1)), rel=1e-6)


def readers(rng: np.random.Generator, prompts: int, each: int, rate: float, error: float) -> tuple[np.ndarray, ...]:
    truth = np.repeat(rng.random(prompts) < rate, each)
    first, second = (np.where(rng.random(len(truth)) < error, ~truth, truth).astype(int) for _ in range(2))
    return first, second, np.repeat(np.arange(prompts), each)


def test_kappas_interval_covers_what_many_answers_give() -> None:
    rng, held = np.random.default_rng(3), 0
    first, second, cluster = readers(rng, 200_000, 1, 0.8, 0.05)
    true = agreement(first, second, cluster).kappa
    assert true is not None
    for _ in range(400):
        ends = agreement(*readers(rng, 100, 2, 0.8, 0.05)).interval
        assert ends is not None
        held += ends[0] <= true <= ends[1]
    assert held / 400 >= 0.95 - 2 * math.sqrt(0.95 * 0.05 / 400)


def test_readers_who_always_say_the_same_word_are_not_shown_to_agree() -> None:
    same = np.ones(400, dtype=int)
    found = agreement(same, same, np.arange(400))
    assert (found.kappa, found.agree) == (1.0, 1.0)
    assert found.interval is not None and found.interval[0] <= 0.0 and found.interval[1] == 1.0


def test_what_one_left_unread_counts_against_agreement_at_the_lower_end_only() -> None:
    first, second, cluster = readers(np.random.default_rng(4), 200, 2, 0.6, 0.02)
    unread = np.where(np.arange(len(second)) % 4 == 0, MISSING, second)
    whole, part = agreement(first, second, cluster), agreement(first, unread, cluster)
    assert whole.interval is not None and part.interval is not None
    assert part.interval[0] < whole.interval[0] - 0.1 and part.interval[1] > 0.85
    assert part.n == 300
    both = np.where(np.arange(len(first)) % 4 == 0, MISSING, first)
    neither = agreement(both, unread, cluster)
    assert neither.interval is not None and neither.interval[0] > part.interval[0] + 0.1
    assert agreement(np.full(5, MISSING), np.ones(5), np.arange(5)).kappa is None


@settings(max_examples=40, deadline=None)
@given(LABELS, st.randoms())
def test_the_order_of_answers_and_who_is_first_do_not_matter(labels: list[tuple[int, int]], random: object) -> None:
    order = list(range(len(labels)))
    random.shuffle(order)  # type: ignore[attr-defined]
    first, second = np.array(labels).T
    cluster = np.arange(len(labels)) // 2
    found, turned = agreement(first, second, cluster), agreement(second[order], first[order], cluster[order])
    assert found.kappa == pytest.approx(turned.kappa)
    assert found.interval == pytest.approx(turned.interval)


@settings(max_examples=40, deadline=None)
@given(LABELS)
def test_the_same_answers_twice_never_narrow_kappas_interval(labels: list[tuple[int, int]]) -> None:
    first, second = np.array(labels).T
    cluster = np.arange(len(labels))
    once, twice = agreement(first, second, cluster), agreement(*(np.tile(x, 2) for x in (first, second, cluster)))
    assert once.interval is not None and twice.interval is not None
    assert twice.interval[0] <= once.interval[0] + 1e-9 and twice.interval[1] >= once.interval[1] - 1e-9


def test_kappa_of_100000_answers_takes_well_under_a_second() -> None:
    import time

    first, second, cluster = readers(np.random.default_rng(8), 50_000, 2, 0.8, 0.05)
    began = time.process_time()
    agreement(first, second, cluster)
    assert time.process_time() - began < 1.0
