"""Six moments of paired rates, and what can be done to them without the data.
Given paired cluster means in [0, 1], gives `Moments`; pure, no I/O."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ftsafety_spec.records.comparison import Moments
from ftsafety_spec.spec.common import Safer


def moments_of(base: ArrayLike, tuned: ArrayLike) -> Moments:
    """Moments of paired arrays of shape (n,). Variances have divisor n - 1, and are 0 where n < 2."""
    b, t = np.asarray(base, dtype=float), np.asarray(tuned, dtype=float)
    if b.shape != t.shape or b.ndim != 1:
        raise ValueError(f"paired arrays of one dimension expected, found {b.shape} and {t.shape}")
    n = len(b)
    if n == 0:
        return Moments(n=0, mean_base=0.0, mean_tuned=0.0, var_base=0.0, var_tuned=0.0, cov=0.0)
    cov = np.cov(b, t, ddof=1) if n > 1 else np.zeros((2, 2))
    return Moments(
        n=n,
        mean_base=float(b.mean()),
        mean_tuned=float(t.mean()),
        var_base=float(cov[0, 0]),
        var_tuned=float(cov[1, 1]),
        cov=float(cov[0, 1]),
    )


def usable(m: Moments) -> bool:
    """True where there are two clusters or more and every figure is a number."""
    return m.n > 1 and math.isfinite(m.mean_base + m.mean_tuned + m.var_base + m.var_tuned + m.cov)


def oriented(m: Moments, safer: Safer) -> Moments:
    """The moments of the *safe* share: for an outcome of which less is safer, of one minus its value."""
    if safer == "higher":
        return m
    return m.model_copy(update={"mean_base": 1.0 - m.mean_base, "mean_tuned": 1.0 - m.mean_tuned})


def appended(m: Moments, base: float, tuned: float) -> Moments:
    """The moments with one more pair, exactly as if it had been in the data (Chan, Golub & LeVeque 1983, eq. 1.5)."""
    n = m.n + 1
    db, dt = base - m.mean_base, tuned - m.mean_tuned
    weight = m.n / n

    def joined(variance: float, product: float) -> float:
        return (variance * max(m.n - 1, 0) + weight * product) / (n - 1) if n > 1 else 0.0

    return Moments(
        n=n,
        mean_base=m.mean_base + db / n,
        mean_tuned=m.mean_tuned + dt / n,
        var_base=joined(m.var_base, db * db),
        var_tuned=joined(m.var_tuned, dt * dt),
        cov=joined(m.cov, db * dt),
    )
