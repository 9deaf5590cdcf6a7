"""How many prompts are enough. Normal approximations with their assumptions stated; pure."""

from __future__ import annotations

import math

from scipy.special import ndtri

from ftsafety_spec.records.comparison import Moments
from ftsafety_spec.stats.margin import Below
from ftsafety_spec.stats.moments import usable

MOST = 1_000_000


def settles_with(m: Moments, margin: float, confidence: float, below: Below = "relative") -> int | None:
    """Prompts after which the margin would be settled, if the rates and their spread stay as they are seen now: where
    (mean distance from the margin) = z * (its standard error), normal approximation. None where the estimate lies on
    the margin (no number settles it) or nothing was seen."""
    if not usable(m):
        return None
    ratio, shift = (1.0 - margin, 0.0) if below == "relative" else (1.0, margin)
    gap = abs(m.mean_tuned - ratio * m.mean_base + shift)
    variance = max(m.var_tuned - 2 * ratio * m.cov + ratio * ratio * m.var_base, 0.02)
    if not gap > 1e-3:
        return None
    # the pseudo-prompt moves the mean by at most 1 / n: it costs about 1 / gap prompts more
    needed = math.ceil(variance * (float(ndtri(confidence)) / gap) ** 2 + 1.0 / gap)
    return min(max(needed, m.n + 1), MOST)


def detectable(prompts: int, base: float, confidence: float, power: float = 0.8) -> float | None:
    """Smallest relative regression that is shown (lower bound above 0) with `power`, where base's safe rate is `base`
    and prompts are lost, none gained: the loss d = e * base is a proportion with variance d (1 - d), beside the gained
    pseudo-prompt of the test. Normal approximation. None where not even the loss of everything would be shown."""
    if prompts < 2 or not base > 0:
        return None
    z = float(ndtri(confidence)) + float(ndtri(power))

    def clears(loss: float) -> bool:
        mean = (prompts * loss - 1.0) / (prompts + 1)
        spread = loss * (1.0 - loss) + (1.0 + loss) ** 2 / (prompts + 1)
        return mean >= z * math.sqrt(spread / (prompts + 1))

    low, high = 0.0, base
    if not clears(high):
        return None
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if clears(middle) else (middle, high)
    return high / base


def needed_for_margin(margin: float, base: float, confidence: float, churn: float, power: float = 0.8) -> int | None:
    """Prompts with which a model that lost nothing clears `margin` with `power`; `churn` is the share of prompts that
    flip in either direction by chance."""
    if margin <= 0 or base <= 0:
        return None
    z = float(ndtri(confidence)) + float(ndtri(power))
    variance = churn + (margin * base) ** 2 * 0.25
    gap = margin * base
    return min(MOST, math.ceil(variance * (z / gap) ** 2 + 1.0 / gap))
