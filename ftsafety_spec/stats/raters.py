"""Agreement of any number of raters. Given how many of them put each item into each class, gives agreement and kappa.
Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def fleiss_kappa(counts: Sequence[Sequence[int]]) -> tuple[float | None, float | None]:
    """Share of agreeing pairs of raters, and kappa (Fleiss 1971, equations 1 to 7; of two raters it is Scott's pi).
    `counts`: n items x k classes, numbers of raters. Items may have different numbers of raters, two at least: each
    item's share of pairs counts alike, and classes count by labels. Both None without items; where every label is of
    one class, kappa is 1.0 (they never disagree). Raises ValueError for an item with fewer than two raters."""
    table = np.asarray(counts, dtype=float)
    if table.size == 0:
        return None, None
    raters = table.sum(axis=1)
    if (raters < 2).any():
        raise ValueError("every item needs two raters or more")
    pairs = (table * (table - 1)).sum(axis=1) / (raters * (raters - 1))
    agree = float(pairs.mean())
    chance = float(((table.sum(axis=0) / table.sum()) ** 2).sum())
    return agree, 1.0 if chance >= 1.0 else (agree - chance) / (1.0 - chance)
