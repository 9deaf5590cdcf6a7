"""Many areas at once: Holm's correction, and shrinkage of small areas towards the whole. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values, in the given order (Holm 1979)."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted, highest = [1.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def shrink(estimates: Sequence[float], variances: Sequence[float]) -> list[float]:
    """Empirical-Bayes estimates of group effects: each is drawn to the common mean by its own noise
    (Morris 1983; between-group variance by the moments of DerSimonian & Laird 1986). Lists of equal length."""
    if len(estimates) < 2:
        return list(estimates)
    y, v = np.asarray(estimates, dtype=float), np.maximum(np.asarray(variances, dtype=float), 1e-12)
    w = 1.0 / v
    centre = float((w * y).sum() / w.sum())
    q = float((w * (y - centre) ** 2).sum())
    spread = max(0.0, (q - (len(y) - 1)) / float(w.sum() - (w**2).sum() / w.sum()))
    weights = 1.0 / (v + spread)
    centre = float((weights * y).sum() / weights.sum())
    keep = spread / (spread + v)
    return [float(value) for value in keep * y + (1 - keep) * centre]
