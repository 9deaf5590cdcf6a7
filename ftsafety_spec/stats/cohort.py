"""How far one fine-tune stands from the others of its base. Given effects with standard errors, gives each one's place:
rank, the others' mean, the range in which another one of their kind would be expected, and whether it lies outside.

Each is held against all others without itself: their mean and spread under random effects (DerSimonian & Laird 1986),
and the prediction interval for one more of them (Higgins, Thompson & Spiegelhalter 2009, eq. 12), widened by this one's
own error. All effects share base's answers; taking their errors for independent makes the interval too wide, not too
narrow. p-values are corrected for the number of members (Holm 1979). Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import stdtr, stdtrit

from ftsafety_spec.records.comparison import Moments
from ftsafety_spec.stats.families import holm
from ftsafety_spec.stats.moments import usable

LEAST = 4
"""Members from which on distances are told: three others give two degrees of freedom less one."""


@dataclass(frozen=True)
class Effect:
    """How much less safe than base, in points of the safe share, with its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Place:
    """Where a member stands. `rank`: from 1, the safest; `others`: mean of the other members; `expected`: 95 %
    prediction interval for one more of them; `p`: corrected; `outlier`: p under 0.05. Null for fewer than `LEAST`."""

    rank: int
    others: float | None = None
    expected: tuple[float, float] | None = None
    p: float | None = None

    @property
    def outlier(self) -> bool:
        """True where it lies outside of what the others make likely."""
        return self.p is not None and self.p < 0.05


def effect_of(m: Moments) -> Effect | None:
    """The effect of moments of safe shares; None for fewer than two prompts. A spread of 0 counts as one flipped prompt
    in n + 1: no fine-tune is known without error."""
    if not usable(m):
        return None
    spread = max(m.var_tuned - 2 * m.cov + m.var_base, 1.0 / (m.n + 1))
    return Effect(m.mean_base - m.mean_tuned, math.sqrt(spread / m.n))


def places(effects: Sequence[Effect], level: float = 0.95) -> list[Place]:
    """The place of each, in the given order."""
    order = sorted(range(len(effects)), key=lambda index: effects[index].value)
    ranks = [0] * len(effects)
    for position, index in enumerate(order):
        same = position and effects[index].value == effects[order[position - 1]].value
        ranks[index] = ranks[order[position - 1]] if same else position + 1
    if len(effects) < LEAST:
        return [Place(rank) for rank in ranks]
    held = [_held(effect, [*effects[:i], *effects[i + 1 :]], level) for i, effect in enumerate(effects)]
    adjusted = holm([p for _, _, p in held])
    return [Place(rank, mean, ends, p) for rank, (mean, ends, _), p in zip(ranks, held, adjusted, strict=True)]


def _held(own: Effect, others: Sequence[Effect], level: float) -> tuple[float, tuple[float, float], float]:
    mean, variance, spread = _random_effects(others)
    error = math.sqrt(spread + variance + own.error**2)
    free = len(others) - 2
    reach = float(stdtrit(free, (1 + level) / 2)) * error
    p = 2 * float(stdtr(free, -abs(own.value - mean) / error))
    return mean, (mean - reach, mean + reach), p


def _random_effects(effects: Sequence[Effect]) -> tuple[float, float, float]:
    """Mean, variance of the mean, variance between effects."""
    weights = [1.0 / effect.error**2 for effect in effects]
    total = math.fsum(weights)
    centre = math.fsum(w * e.value for w, e in zip(weights, effects, strict=True)) / total
    q = math.fsum(w * (e.value - centre) ** 2 for w, e in zip(weights, effects, strict=True))
    scale = total - math.fsum(w * w for w in weights) / total
    spread = max(0.0, (q - (len(effects) - 1)) / scale)
    weights = [1.0 / (effect.error**2 + spread) for effect in effects]
    total = math.fsum(weights)
    mean = math.fsum(w * e.value for w, e in zip(weights, effects, strict=True)) / total
    return mean, 1.0 / total, spread
