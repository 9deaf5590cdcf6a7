"""Rates over answers that come in clusters (several answers to one prompt): standard errors and intervals.
Given one number an answer for each side of the fraction bar, gives `Figure`s. Pure; a seed decides every draw."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, ndtri, stdtrit

from ftsafety_spec.records.certificate import Figure

Floats = NDArray[np.float64]
DRAWS = 1000
DIGITS = 6
_CHUNK = 4_000_000


def codes_of(names: ArrayLike) -> NDArray[np.intp]:
    """Cluster names as integers from 0, in sorted order."""
    return np.unique(np.asarray(names), return_inverse=True)[1]


def ratio(top: ArrayLike, below: ArrayLike, cluster: NDArray[np.intp], level: float = 0.95) -> Figure:
    """sum(top) / sum(below), where 0 <= top <= below for each answer: every rate, and F1 as 2 TP / (2 TP + FP + FN).

    The variance is the linearised one of a ratio over clusters (Cochran 1977, eq. 6.13; divisor C - 1). The interval is
    Clopper and Pearson's at the effective sample size p (1 - p) / v, with the t correction for C clusters (Korn &
    Graubard 1998); where nothing varies each cluster counts as one answer, so that a rate of 1 is never certain."""
    a, b, n = _sums(top, below, cluster)
    if not len(b):
        return Figure()
    rate = min(max(float(a.sum() / b.sum()), 0.0), 1.0)
    variance = _variance(a - rate * b, float(b.sum()))
    low, high = _korn_graubard(rate, variance, n, len(b), level)
    error = math.sqrt(variance) if variance > 0 else (high - low) / 2 / float(ndtri((1 + level) / 2))
    return figure(rate, error, (low, high), n, len(b))


def mean(values: ArrayLike, cluster: NDArray[np.intp], level: float = 0.95) -> Figure:
    """The mean of any numbers, with the linearised variance over clusters and a t interval; no interval of one
    cluster."""
    a, b, n = _sums(values, np.ones(len(cluster)), cluster)
    if not len(b):
        return Figure()
    centre = float(a.sum() / b.sum())
    if len(b) < 2:
        return figure(centre, None, None, n, len(b))
    error = math.sqrt(_variance(a - centre * b, float(b.sum())))
    half = float(stdtrit(len(b) - 1, (1 + level) / 2)) * error
    return figure(centre, error, (centre - half, centre + half), n, len(b))


def bootstrap(
    totals: Floats,
    statistic: Callable[[Floats], Floats],
    n: int,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    level: float = 0.95,
) -> Figure:
    """Cluster bootstrap, percentile interval (Davison & Hinkley 1997, 3.8). `totals`: shape (clusters, k), sums of each
    cluster; `statistic`: sums of shape (draws, k) to one number each. For what is no ratio, such as the ECE."""
    clusters = len(totals)
    if clusters == 0 or n == 0:
        return Figure()
    value = float(statistic(totals.sum(axis=0, keepdims=True))[0])
    rng, found = np.random.default_rng(seed), []
    step = max(1, _CHUNK // clusters)
    for first in range(0, draws, step):
        weights = rng.multinomial(clusters, np.full(clusters, 1 / clusters), size=min(step, draws - first))
        found.append(statistic(weights @ totals))
    drawn = np.concatenate(found)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return figure(value, float(drawn.std(ddof=1)), (float(low), float(high)), n, clusters)


def totals_of(columns: Floats, cluster: NDArray[np.intp]) -> Floats:
    """Sums of each column within each cluster: shape (n, k) to (clusters, k)."""
    size = int(cluster.max()) + 1 if len(cluster) else 0
    return np.stack([np.bincount(cluster, column, size) for column in columns.T], axis=1)


def figure(value: float, error: float | None, interval: tuple[float, float] | None, n: int, prompts: int) -> Figure:
    """A figure rounded to six digits; null instead of what is not a number."""
    ends = None
    if interval is not None and all(math.isfinite(end) for end in interval):
        ends = (round(interval[0], DIGITS), round(interval[1], DIGITS))
    return Figure(value=_rounded(value), se=_rounded(error), interval=ends, n=n, prompts=prompts)


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, DIGITS)


def _sums(top: ArrayLike, below: ArrayLike, cluster: NDArray[np.intp]) -> tuple[Floats, Floats, int]:
    """Sums by cluster of both sides, of clusters with something below the bar, and how many answers that are."""
    a, b = np.asarray(top, dtype=float), np.asarray(below, dtype=float)
    if not len(b):
        return a, b, 0
    below_by: Floats = np.bincount(cluster, b).astype(np.float64)
    top_by: Floats = np.bincount(cluster, a).astype(np.float64)
    keep = below_by > 0
    return top_by[keep], below_by[keep], int((b > 0).sum())


def _variance(residuals: Floats, below: float) -> float:
    clusters = len(residuals)
    if clusters < 2:
        return 0.0
    found = clusters / (clusters - 1) * float((residuals**2).sum()) / below**2
    return found if found > 1e-18 else 0.0


def _korn_graubard(rate: float, variance: float, n: int, clusters: int, level: float) -> tuple[float, float]:
    size = float(clusters)
    if variance > 0 and 0 < rate < 1:
        tail = (1 + level) / 2
        size = rate * (1 - rate) / variance
        if n > 1:
            size *= float(stdtrit(n - 1, tail) / stdtrit(clusters - 1, tail)) ** 2
    hits, alpha = rate * size, (1 - level) / 2
    low = float(betaincinv(hits, size - hits + 1, alpha)) if hits > 1e-12 else 0.0
    high = float(betaincinv(hits + 1, size - hits, 1 - alpha)) if size - hits > 1e-12 else 1.0
    return low, high
