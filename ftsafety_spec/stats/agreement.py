"""Agreement of two readers of the same items, clustered by prompt. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

Ints = NDArray[np.int64]
Codes = NDArray[np.intp]
_NORMAL = 1.959964
MISSING = -1
"""Stands for a reading that was asked for and not given."""


@dataclass(frozen=True)
class Agreement:
    """Cohen's kappa of `n` items that both read, in `clusters`; its standard error and
    interval; `agree`: the plain share of agreement. All null where nothing was read twice."""

    kappa: float | None
    se: float | None
    interval: tuple[float, float] | None
    agree: float | None
    n: int
    clusters: int


def cohens_kappa(first: Sequence[int], second: Sequence[int]) -> float | None:
    """Cohen's kappa of two label lists of equal length (Cohen 1960). None where nothing was read twice; where both
    use one and the same label throughout, 1.0 (they never disagree)."""
    if len(first) != len(second):
        raise ValueError(f"lists of equal length expected, found {len(first)} and {len(second)}")
    if not len(first):
        return None
    a, b = _codes(np.asarray(first), np.asarray(second))
    return _kappa(a, b)[0]


def agreement(first: ArrayLike, second: ArrayLike, cluster: Codes, level: float = 0.95) -> Agreement:
    """Kappa with an interval that allows for several answers to one prompt. Labels are integers, `MISSING` among them.

    The variance is the delta method's over clusters (Fleiss, Cohen & Everitt 1969, eq. 13, summed within clusters). At
    high prevalence kappa hangs on a handful of items (Feinstein & Cicchetti 1990), so each end is taken with one more
    cluster of the usual size: the lower end with one on which the readers differ, the upper end with one on which they
    agree. What either left unread counts as a disagreement at the lower end, and is left out elsewhere."""
    a, b = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    if len(a) != len(b):
        raise ValueError(f"lists of equal length expected, found {len(a)} and {len(b)}")
    asked = (a != MISSING) | (b != MISSING)  # what neither read says nothing about their agreement
    a, b, cluster = a[asked], b[asked], cluster[asked]
    read = (a != MISSING) & (b != MISSING)
    n, clusters = int(read.sum()), len(np.unique(cluster[read]))
    if n == 0:
        return Agreement(None, None, None, None, 0, 0)
    kappa, influence = _kappa(*_codes(a[read], b[read]))
    low = min(_end(a, b, cluster, pair, -1, level) for pair in _differing(a[read], b[read]))
    high = max(_end(a[read], b[read], cluster[read], (x, x), 1, level) for x in np.union1d(a[read], b[read]).tolist())
    error = _error(influence, cluster[read])
    if not error:  # nothing varies: what the interval implies
        error = (high - low) / (2 * _NORMAL)
    agree = float((a[read] == b[read]).mean())
    return Agreement(kappa, error, (max(low, -1.0), min(high, 1.0)), agree, n, clusters)


def _codes(a: Ints, b: Ints) -> tuple[Codes, Codes]:
    labels = np.union1d(a, b)
    return np.searchsorted(labels, a), np.searchsorted(labels, b)


def _kappa(a: Codes, b: Codes) -> tuple[float, NDArray[np.float64]]:
    """Kappa and each item's influence on it; influences are 0 where chance agreement is whole."""
    n, size = len(a), int(max(a.max(), b.max())) + 1
    p, q = np.bincount(a, minlength=size) / n, np.bincount(b, minlength=size) / n
    seen, chance = float((a == b).mean()), float(p @ q)
    if chance >= 1.0:
        return 1.0, np.zeros(n)
    by_chance = q[a] + p[b] - 2 * chance
    influence = ((a == b) - seen) / (1 - chance) - (1 - seen) / (1 - chance) ** 2 * by_chance
    return (seen - chance) / (1 - chance), influence


def _error(influence: NDArray[np.float64], cluster: Codes) -> float | None:
    sums = np.bincount(np.unique(cluster, return_inverse=True)[1], influence)
    if len(sums) < 2:
        return None
    return math.sqrt(len(sums) / (len(sums) - 1) * float((sums**2).sum())) / len(influence)


def _differing(a: Ints, b: Ints) -> list[tuple[int, int]]:
    """Pairs of labels on which one more item could differ; a label nobody used stands in where there is only one."""
    labels = np.union1d(a, b).tolist()
    labels = labels if len(labels) > 1 else [labels[0], labels[0] + 1]
    return [(x, y) for x in labels for y in labels if x != y]


def _end(a: Ints, b: Ints, cluster: Codes, pair: tuple[int, int], side: int, level: float) -> float:
    """One end of the interval, with one more cluster of the mean size."""
    size = max(1, round(len(cluster) / len(np.unique(cluster))))
    more = np.append(cluster, np.full(size, cluster.max() + 1))
    kappa, influence = _kappa(*_codes(np.append(a, np.full(size, pair[0])), np.append(b, np.full(size, pair[1]))))
    error = _error(influence, more)
    if error is None:
        return float(side)
    degrees = len(np.unique(more)) - 1
    return kappa + side * float(stdtrit(degrees, (1 + level) / 2)) * error
