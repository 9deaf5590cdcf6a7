"""One figure over several benchmarks under declared weights, in the six moments from which every bound is taken.
Given exact sums of each benchmark and of each two that share prompts, gives `Moments` of an effective size. Pure.

The figure is sum_h W_h mean_h, its variance sum_h W_h^2 s_h^2 / n_h (Cochran 1977, eq. 5.7, no finite population),
plus the covariances of two benchmarks through the prompts that stand in both. The moments are of n pairs: n is at most
the smallest n_h / W_h, so that no prompt moves the figure by more than 1 / n, and at most one more than the degrees of
freedom of that variance for equal s_h (eq. 5.16, Satterthwaite 1946); their variances are n times the figure's.
Weights in proportion to prompts give back the pooled figure, its n less about one for each benchmark but the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from ftsafety_spec.records.comparison import Moments

Pair = tuple[str, str]


@dataclass(frozen=True)
class Sums:
    """Integer sums over the clusters that stand in both of two benchmarks (or in one, paired with itself): `b`, `t` the
    first one's values of base and tuned, `b2`, `t2` the second one's. `weight`: the largest of a single reading."""

    n: int
    b: int
    t: int
    b2: int
    t2: int
    bb: int
    tt: int
    bt: int
    weight: float = 1.0


def weighted(sums: Mapping[Pair, Sums], weights: Mapping[str, float], one: int = 1) -> Moments:
    """Moments of the weighted figure. `sums`: by two names of benchmarks, both orders; `weights`: of each, > 0, shared
    out over those with a cluster; `one`: the integer that stands for a rate of 1. n is 1 where a benchmark has fewer
    than two clusters: its spread is unknown, and no bound is then given."""
    own = {name: sums[name, name] for name in sorted(weights) if (name, name) in sums and sums[name, name].n > 0}
    total = sum((Fraction(weights[name]) for name in own), Fraction(0))
    share = {name: Fraction(weights[name]) / total for name in own}
    n, influence = _size(own, share, sums)
    return Moments(
        n=n,
        mean_base=float(sum((share[h] * Fraction(own[h].b, own[h].n * one) for h in own), Fraction(0))),
        mean_tuned=float(sum((share[h] * Fraction(own[h].t, own[h].n * one) for h in own), Fraction(0))),
        var_base=_variance(sums, own, share, n, one, "b", "b"),
        var_tuned=_variance(sums, own, share, n, one, "t", "t"),
        cov=_variance(sums, own, share, n, one, "b", "t"),
        weight=n * influence,
    )


def _size(own: Mapping[str, Sums], share: Mapping[str, Fraction], sums: Mapping[Pair, Sums]) -> tuple[int, float]:
    """The effective number, and the most by which one cluster can move the figure."""
    if not own:
        return 0, 0.0
    plain = {h: share[h] / own[h].n for h in own}
    shared = {h: [k for k in own if (h, k) in sums and sums[h, k].n > 0] for h in own}
    most = max(sum((plain[k] for k in shared[h]), Fraction(0)) for h in own)
    influence = max(sum(float(plain[k]) * own[k].weight for k in shared[h]) for h in own)
    if any(item.n < 2 for item in own.values()):
        return 1, influence
    parts = {h: share[h] ** 2 / own[h].n for h in own}
    freedom = sum(parts.values()) ** 2 / sum(parts[h] ** 2 / (own[h].n - 1) for h in own)
    return int(min(1 / most, freedom + 1)), influence


def _variance(
    sums: Mapping[Pair, Sums],
    own: Mapping[str, Sums],
    share: Mapping[str, Fraction],
    n: int,
    one: int,
    left: str,
    right: str,
) -> float:
    """n times the figure's variance, or the covariance of base's and tuned's."""
    if n < 2:
        return 0.0
    found = Fraction(0)
    for h in own:
        for k in own:
            if (h, k) not in sums:
                continue
            both = sums[h, k]
            first, second = _of(both, left), _of(both, f"{right}2")
            a, b = Fraction(_of(own[h], left), own[h].n), Fraction(_of(own[k], right), own[k].n)
            product = _of(both, left + right) - b * first - a * second + both.n * a * b
            larger = max(own[h].n, own[k].n)  # min of both factors: a positive kernel, so that no variance is negative
            corrected = Fraction(larger, larger - 1)
            found += share[h] * share[k] / (own[h].n * own[k].n) * corrected * product
    return float(n * found / (one * one))


def _of(sums: Sums, name: str) -> int:
    return int(getattr(sums, name))
