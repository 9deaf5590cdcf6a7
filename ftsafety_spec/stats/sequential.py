"""Looking more than once without being wrong more often: group-sequential boundaries by error spending.
Given looks as shares of the planned prompts, gives the one-sided level that each look may use. Deterministic, pure.

The level of look k is such that, for a statistic that behaves like a mean over growing samples (independent
increments), the chance of crossing at any look is at most alpha: recursive numerical integration of Armitage, McPherson
and Rowe (1969), error spent as in Lan and DeMets (1983)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Spending = Literal["obrien_fleming", "pocock", "linear"]

_GRID = 1201
_FAR = 8.0


def spent(share: float, alpha: float, spending: Spending) -> float:
    """Error spent after this share of the planned information: O'Brien-Fleming-like 2 - 2 Φ(z / √share) with z the
    1 - alpha / 2 quantile, Pocock-like alpha ln(1 + (e - 1) share), both of Lan & DeMets (1983); or alpha share."""
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha lies between 0 and 1, found {alpha}")
    t = min(max(share, 0.0), 1.0)
    if t == 0.0:
        return 0.0
    if spending == "obrien_fleming":
        return float(2.0 * ndtr(-float(ndtri(1.0 - alpha / 2.0)) / math.sqrt(t)))
    if spending == "pocock":
        return alpha * math.log(1.0 + (math.e - 1.0) * t)
    return alpha * t


def levels(looks: Sequence[float], alpha: float, spending: Spending) -> tuple[float, ...]:
    """One-sided nominal level of each look, given the shares (increasing, in (0, 1]) at which one looks. A single look
    at 1 gives alpha. Raises ValueError for looks that do not increase."""
    return _levels(tuple(round(float(look), 6) for look in looks), alpha, spending)


@cache
def _levels(looks: tuple[float, ...], alpha: float, spending: Spending) -> tuple[float, ...]:
    if not looks or looks[0] <= 0 or looks[-1] > 1 or any(b <= a for a, b in itertools.pairwise(looks)):
        raise ValueError(f"looks are increasing shares in (0, 1], found {looks}")
    found: list[float] = []
    used, before = 0.0, 0.0
    grid: NDArray[np.float64] = np.zeros(1)
    density: NDArray[np.float64] = np.ones(1)
    for look in looks:
        now = spent(look, alpha, spending)
        bound = _bound(grid, density, look - before, math.sqrt(look), max(now - used, 0.0))
        found.append(float(ndtr(-bound)))
        grid, density = _stepped(grid, density, look - before, math.sqrt(look), bound)
        used, before = now, look
    return tuple(found)


def _bound(grid: NDArray[np.float64], density: NDArray[np.float64], step: float, scale: float, wanted: float) -> float:
    """z such that the process, not yet stopped, crosses z * scale at this look with the wanted probability."""
    low, high = -_FAR, _FAR
    if wanted <= 0.0:
        return _FAR
    for _ in range(80):
        middle = (low + high) / 2
        crossing = float((density * ndtr((grid - middle * scale) / math.sqrt(step))).sum())
        low, high = (middle, high) if crossing > wanted else (low, middle)
    return high


def _stepped(
    grid: NDArray[np.float64], density: NDArray[np.float64], step: float, scale: float, bound: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The (weighted) density of the process after this look, on the values at which it goes on."""
    after = np.linspace(-_FAR * scale, bound * scale, _GRID)
    width = after[1] - after[0]
    kernel = np.exp(-((after[:, None] - grid[None, :]) ** 2) / (2 * step)) / math.sqrt(2 * math.pi * step)
    values = kernel @ density
    weights = np.full(_GRID, width)
    weights[0] = weights[-1] = width / 2
    return after, values * weights
