"""One figure over several benchmarks: the mean of their means, and bounds that hold for it (issue 6, point 4)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from ftsafety_spec.stats.margin import optimistic, pessimistic, statistic
from ftsafety_spec.stats.moments import moments_of
from ftsafety_spec.stats.stratified import Sums, weighted

Pairs = NDArray[np.float64]
"""Shape (clusters, 2): base, tuned."""


def sums_of(data: Mapping[str, dict[int, tuple[float, float]]]) -> dict[tuple[str, str], Sums]:
    """Benchmark to cluster to values (0 or 1)."""
    found = {}
    for h, mine in data.items():
        for k, theirs in data.items():
            both = sorted(set(mine) & set(theirs))
            (b, t), (b2, t2) = (
                np.array([side[c] for c in both], dtype=int).reshape(-1, 2).T for side in (mine, theirs)
            )
            if both:
                found[h, k] = Sums(
                    n=len(both),
                    b=int(b.sum()),
                    t=int(t.sum()),
                    b2=int(b2.sum()),
                    t2=int(t2.sum()),
                    bb=int(b @ b2),
                    tt=int(t @ t2),
                    bt=int(b @ t2),
                )
    return found


def apart(**benchmarks: Pairs) -> dict[tuple[str, str], Sums]:
    """Benchmarks without a prompt in common."""
    data, first = {}, 0
    for name, pairs in benchmarks.items():
        data[name] = {first + i: (float(b), float(t)) for i, (b, t) in enumerate(pairs)}
        first += len(pairs)
    return sums_of(data)


def drawn(rng: np.random.Generator, n: int, base: float, kept: float) -> Pairs:
    b = (rng.random(n) < base).astype(float)
    return np.stack([b, b * (rng.random(n) < kept)], axis=1)


RNG = np.random.default_rng(11)
BIG, SMALL = drawn(RNG, 400, 0.9, 0.95), drawn(RNG, 60, 0.7, 0.6)


def test_the_figure_is_the_weighted_mean_and_its_variance_cochran_s() -> None:
    m = weighted(apart(big=BIG, small=SMALL), {"big": 1, "small": 3})
    assert m.mean_tuned == pytest.approx(0.25 * BIG[:, 1].mean() + 0.75 * SMALL[:, 1].mean())
    for name, i, j in (("var_base", 0, 0), ("var_tuned", 1, 1), ("cov", 0, 1)):
        parts = [w**2 * np.cov(x.T)[i, j] / len(x) for w, x in ((0.25, BIG), (0.75, SMALL))]
        assert getattr(m, name) / m.n == pytest.approx(sum(parts), rel=1e-12)
    assert m.n <= 80 and m.weight / m.n == pytest.approx(0.75 / 60)


def test_one_benchmark_is_itself() -> None:
    m, plain = weighted(apart(big=BIG), {"big": 7.5}), moments_of(*BIG.T)
    assert (m.n, m.weight) == (plain.n, 1.0)
    assert m.model_dump() == pytest.approx(plain.model_dump())


def test_weights_in_proportion_to_prompts_give_back_the_pooled_figure() -> None:
    m, plain = weighted(apart(big=BIG, small=SMALL), {"big": 400, "small": 60}), moments_of(*np.vstack([BIG, SMALL]).T)
    assert plain.n - 2 <= m.n <= plain.n and m.weight == pytest.approx(m.n / plain.n)
    assert m.mean_tuned == pytest.approx(plain.mean_tuned) and m.var_tuned <= plain.var_tuned


def test_the_spread_is_that_of_a_bootstrap_within_benchmarks() -> None:
    rng = np.random.default_rng(3)
    m = weighted(apart(big=BIG, small=SMALL), {"big": 1, "small": 1})
    boot = np.zeros(4000)
    for part in (BIG, SMALL):
        d = part[:, 0] - part[:, 1]
        boot += 0.5 * d[rng.integers(0, len(d), (4000, len(d)))].mean(axis=1)
    error = math.sqrt((m.var_base + m.var_tuned - 2 * m.cov) / m.n)
    assert error == pytest.approx(boot.std(), rel=0.06)
    assert (m.mean_base - m.mean_tuned) / statistic(m, 0.0, "points") == pytest.approx(-error)


def test_prompts_that_stand_in_both_are_not_counted_as_two() -> None:
    rows = {i: (float(b), float(t)) for i, (b, t) in enumerate(SMALL)}
    twice = weighted(sums_of({"a": rows, "b": dict(rows)}), {"a": 1, "b": 1})
    once = moments_of(*SMALL.T)
    assert (twice.n, twice.mean_tuned) == (once.n, pytest.approx(once.mean_tuned))
    assert twice.var_tuned == pytest.approx(once.var_tuned) and twice.weight == pytest.approx(1.0)


def test_a_benchmark_of_one_prompt_leaves_the_figure_without_bounds() -> None:
    m = weighted(apart(big=BIG, one=SMALL[:1]), {"big": 1, "one": 1})
    assert pessimistic(m, 0.95) is None and optimistic(m, 0.95) is None
    assert weighted({}, {"big": 1}).n == 0


@pytest.mark.parametrize(("sizes", "weights"), [((300, 30), (1, 1)), ((200, 12, 50), (1, 2, 1)), ((100, 100), (9, 1))])
@pytest.mark.parametrize("edge", [0.05, 0.15])
def test_bounds_of_the_weighted_figure_hold_at_the_edge(
    sizes: tuple[int, ...], weights: tuple[int, ...], edge: float
) -> None:
    """At most 5 % lie inside a band whose edge is exactly the true regression, and at most 5 % beyond it."""
    rng, tries, share = np.random.default_rng(sum(sizes)), 300, np.array(weights) / sum(weights)
    inside = beyond = 0
    for _ in range(tries):
        parts = {str(i): drawn(rng, n, 0.95, 1 - edge) for i, n in enumerate(sizes)}
        m = weighted(apart(**parts), {str(i): w for i, w in enumerate(weights)})
        high, low = pessimistic(m, 0.95), optimistic(m, 0.95)
        inside += high is not None and high <= edge
        beyond += low is not None and low >= edge
    most = 0.05 + 3 * math.sqrt(0.05 * 0.95 / tries)
    assert share.sum() == 1 and inside / tries <= most and beyond / tries <= most
