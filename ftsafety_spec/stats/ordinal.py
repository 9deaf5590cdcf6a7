"""Paired comparisons of ranks: the sign test and the signed-rank test, zeros among the differences. Given differences,
gives two-sided p-values; pure."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, ndtr


def sign_test(lost: int, gained: int) -> float:
    """Exact two-sided p-value that losses and gains are equally likely, ties left out (Dixon & Mood 1946); 1 without
    either."""
    n = lost + gained
    return 1.0 if n == 0 else min(1.0, 2.0 * float(bdtr(min(lost, gained), n, 0.5)))


def wilcoxon(differences: ArrayLike) -> float:
    """Two-sided p-value of the signed-rank test (Wilcoxon 1945) in Pratt's form: zeros are ranked with the rest and
    then left out, so that many ties do not make a few differences look certain (Pratt 1959). Normal approximation with
    the variance corrected for ties; 1 where nothing differs."""
    d = np.asarray(differences, dtype=float)
    size, _, group, counts = np.unique(np.abs(d), return_index=True, return_inverse=True, return_counts=True)
    zeros = int(counts[0]) if len(size) and size[0] == 0 else 0
    n = len(d)
    if n == zeros:
        return 1.0
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[group]
    positive = float(ranks[d > 0].sum())
    expected = (n * (n + 1) - zeros * (zeros + 1)) / 4
    tied = counts[1:] if zeros else counts
    variance = (n * (n + 1) * (2 * n + 1) - zeros * (zeros + 1) * (2 * zeros + 1)) / 24
    variance -= float((tied.astype(float) ** 3 - tied).sum()) / 48
    return float(min(1.0, 2.0 * ndtr(-abs(positive - expected) / math.sqrt(variance))))
