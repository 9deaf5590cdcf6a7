"""How well a score ranks one group above another, and how much better than another score of the same items.
Given scores, gives areas under the ROC curve. Pure."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

from ftsafety_spec.records.certificate import Figure
from ftsafety_spec.stats.clustered import figure

Floats = NDArray[np.float64]


def auc(above: ArrayLike, below: ArrayLike) -> float | None:
    """The chance that an item of `above` scores higher than one of `below`, ties by half. None where a group is
    empty."""
    placed = _placements(np.asarray(above, dtype=float), np.asarray(below, dtype=float))
    return None if placed is None else float(placed[0].mean())


def auc_change(first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike], level: float = 0.95) -> Figure:
    """The AUC of `second` minus that of `first`: two scores (above, below) of the same items in the same order.

    The variance is that of placement values, paired (DeLong, DeLong & Clarke-Pearson 1988, eq. 5 and 6). Where nothing
    varies there is no interval: nothing is learnt about how much it could."""
    pairs = [_placements(*(np.asarray(some, dtype=float) for some in score)) for score in (first, second)]
    if pairs[0] is None or pairs[1] is None:
        return Figure()
    moved = [b - a for a, b in zip(*pairs, strict=True)]
    n = sum(map(len, moved))
    change = float(moved[0].mean())
    if min(map(len, moved)) < 2:
        return figure(change, None, None, n, n)
    error = math.sqrt(sum(float(some.var(ddof=1)) / len(some) for some in moved))
    half = float(ndtri((1 + level) / 2)) * error
    return figure(change, error or None, (change - half, change + half) if error else None, n, n)


def _placements(above: Floats, below: Floats) -> tuple[Floats, Floats] | None:
    """Each item's share of the other group that it lies on the right side of (Hanley & Hajian-Tilaki 1997)."""
    m, n = len(above), len(below)
    if not m or not n:
        return None
    ranks = rankdata(np.concatenate([above, below]))
    left = (ranks[:m] - rankdata(above)) / n
    right = 1.0 - (ranks[m:] - rankdata(below)) / m
    return left, right
