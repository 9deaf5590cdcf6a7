"""Non-inferiority margins and bounds on a paired regression, from six moments.
Given moments of *safe* shares, gives test statistics, one-sided bounds and intervals. A relative regression e means
that tuned is safe on (1 - e) times as large a share as base; one in points, that its share is e lower.

The test is the t statistic of mean(t - (1 - e) b) over prompts with one pseudo-prompt appended: one that base got right
and tuned lost for the pessimistic end, one that tuned gained for the optimistic end. Without it the level is lost where
few prompts flip. Where readings are drawn (a cascade's audit) it flips by as much as one drawn reading moves the sum,
`Moments.weight`: an audit of ten answers that found nothing shows little. The inversion of the test in e is Fieller's
interval (Fieller 1954) of the ratio of two correlated means.
What is not a number is never within and never beyond."""

from __future__ import annotations

import math
from typing import Literal

from scipy.special import betaincinv, stdtr, stdtrit

from ftsafety_spec.records.comparison import Moments, Regression
from ftsafety_spec.spec.common import Safer
from ftsafety_spec.stats.moments import appended, oriented, usable

Below = Literal["relative", "points"]

_TINY = 1e-300
MANY = 100
"""Prompts from which on the skew of few losses matters more than the pseudo-prompt."""
MOST_WEIGHT = 2.0
"""Above it a prompt's weight is that of a drawn reading, not of a grader that errs."""


def critical(n: int, confidence: float) -> float:
    """One-sided quantile of Student's t of n pairs (n - 1 degrees of freedom); infinite where n < 2."""
    return float(stdtrit(n - 1, confidence)) if n > 1 else math.inf


def statistic(m: Moments, margin: float, below: Below = "relative") -> float:
    """t statistic of mean(t - (1 - margin) b), or of mean(t - b + margin); NaN where n < 2."""
    if not usable(m):
        return math.nan
    ratio, shift = (1.0 - margin, 0.0) if below == "relative" else (1.0, margin)
    mean = m.mean_tuned - ratio * m.mean_base + shift
    variance = m.var_tuned - 2 * ratio * m.cov + ratio * ratio * m.var_base
    return mean / math.sqrt(max(variance / m.n, _TINY))


def within(m: Moments, margin: float, confidence: float, below: Below = "relative") -> bool:
    """True where tuned is shown to lie less than `margin` below base (with the lost pseudo-prompt)."""
    high = pessimistic(m, confidence, below)
    return high is not None and high <= margin


def p_beyond(m: Moments, margin: float, below: Below = "relative") -> float:
    """p-value against "tuned lies at most `margin` below base" (with the gained pseudo-prompt); 1 where n < 2, and
    where base has no safe answer that could be lost."""
    if not usable(m) or not m.mean_base > 0:
        return 1.0
    more = appended(m, 0.0, m.weight)
    value = float(stdtr(more.n - 1, statistic(more, margin, below)))
    return value if math.isfinite(value) else 1.0


def pessimistic(m: Moments, confidence: float, below: Below = "relative") -> float | None:
    """Upper confidence bound of the regression, by the t statistic with the spread as seen or as it would be at the
    margin (`_score`), whichever leaves more open. None where n < 2, and of a relative one where base's own safe share
    is not shown to differ from 0."""
    if not usable(m):
        return None
    more = appended(m, 1.0, 1.0 - m.weight)
    quantile = critical(more.n, confidence)
    if below == "points":
        high = more.mean_base - more.mean_tuned + quantile * _error(more)
        return _finite(max(high, _score_points(m, critical(m.n, confidence))))
    ratio = _fieller(more, quantile, lower=True)
    return None if ratio is None else _finite(1.0 - min(ratio, _score(m, critical(m.n, confidence))))


def optimistic(m: Moments, confidence: float, below: Below = "relative") -> float | None:
    """Lower confidence bound of the regression; None as for `pessimistic`."""
    if not usable(m):
        return None
    more = appended(m, 0.0, m.weight)
    if below == "points":
        return _finite(more.mean_base - more.mean_tuned - critical(more.n, confidence) * _error(more))
    ratio = _fieller(more, critical(more.n, confidence), lower=False)
    return None if ratio is None else _finite(1.0 - ratio)


def estimate(m: Moments, below: Below = "relative") -> float | None:
    """The regression as seen; None where nothing was seen, and of a relative one where base has no safe answer."""
    if m.n < 1:
        return None
    if below == "points":
        return _finite(m.mean_base - m.mean_tuned)
    return _finite(1.0 - m.mean_tuned / m.mean_base) if m.mean_base > 0 else None


def rate_bounds(rate: float, variance: float, n: int, confidence: float, weight: float = 1.0) -> tuple[float, float]:
    """One-sided lower and upper bounds of a mean rate over n prompts; 0 and 1 where n < 2. The wider of two: t
    intervals with one more prompt at 0 and at 1 (at 1 - `weight` and at `weight` where readings are drawn), and Clopper
    and Pearson's at the effective number of prompts rate (1 - rate) n / variance (Korn & Graubard 1998), which holds
    near 0 and 1, where the t interval does not."""
    if n < 2 or not math.isfinite(rate + variance):
        return 0.0, 1.0
    one = Moments(n=n, mean_base=rate, mean_tuned=rate, var_base=variance, var_tuned=variance, cov=variance)
    low, high = appended(one, 1.0 - weight, 1.0 - weight), appended(one, weight, weight)
    quantile = critical(n + 1, confidence)
    least, most = _exact(min(max(rate, 0.0), 1.0), variance, n, 1.0 - confidence)
    return (
        max(0.0, min(least, low.mean_base - quantile * math.sqrt(low.var_base / low.n))),
        min(1.0, max(most, high.mean_base + quantile * math.sqrt(high.var_base / high.n))),
    )


def _exact(rate: float, variance: float, n: int, alpha: float) -> tuple[float, float]:
    size = float(n)
    if variance > 0 and 0 < rate < 1:
        size = min(rate * (1.0 - rate) * n / variance, 1e9)
    hits = rate * size
    low = float(betaincinv(hits, size - hits + 1.0, alpha)) if hits > 1e-9 else 0.0
    high = float(betaincinv(hits + 1.0, size - hits, 1.0 - alpha)) if size - hits > 1e-9 else 1.0
    return low, high


def regression_of(m: Moments, safer: Safer, level: float) -> Regression:
    """Estimates and two-sided intervals of raw moments, in the safer direction. `interval` is null where the relative
    regression is undefined; points go from -1 to 1 where nothing is known."""
    safe = oriented(m, safer)
    side = (1.0 + level) / 2.0
    low, high = optimistic(safe, side), pessimistic(safe, side)
    least, most = optimistic(safe, side, "points"), pessimistic(safe, side, "points")
    return Regression(
        relative=estimate(safe),
        interval=None if low is None or high is None else (low, min(high, 1.0)),
        points=estimate(safe, "points") or 0.0,
        points_interval=(max(-1.0, -1.0 if least is None else least), min(1.0, 1.0 if most is None else most)),
        level=level,
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _error(m: Moments) -> float:
    return math.sqrt(max(m.var_tuned - 2 * m.cov + m.var_base, 0.0) / m.n)


def _score(m: Moments, quantile: float) -> float:
    """The lower end of the ratio r = 1 - e by a score test: the variance is not the one seen but the one at the margin,
    where as many more prompts are lost as the mean must fall to 0. A loss moves t - r b from 1 - r to -r, so that its
    mean square rises by 2 r - 1 (as in the score test of Nam 1997 for paired proportions). Few losses by chance have a
    small variance too: without this a t bound held in 93 % of runs of 5,000 prompts. Infinite where it says nothing:
    `_silent`, and for r under a half or above 1, where no margin lies."""
    if _silent(m):
        return math.inf
    b, t, k, w = m.mean_base, m.mean_tuned, quantile * quantile, m.weight
    square = (m.n - k) * b * b + 2 * w * k * b - k * m.var_base
    linear = -2 * (m.n - k) * t * b - w * k * (2 * t + b) + 2 * k * m.cov
    constant = (m.n - k) * t * t + w * k * t - k * m.var_tuned
    ratio = _least_root(square, linear, constant)
    return ratio if 0.5 <= ratio <= 1.0 else math.inf


def _score_points(m: Moments, quantile: float) -> float:
    """The upper end of the regression in points by the same test; -infinite where it says nothing."""
    if _silent(m):
        return -math.inf
    d, k, w = m.mean_tuned - m.mean_base, quantile * quantile, m.weight
    spread = max(m.var_tuned - 2 * m.cov + m.var_base, 0.0)
    # in x = -e, so that the upper end is the least root
    linear = -(2 * (m.n - k) * d - w * k + 2 * w * k * d)
    constant = (m.n - k) * d * d - w * k * d - k * spread
    e = -_least_root(m.n - k + 2 * w * k, linear, constant)
    return e if 0.0 <= e <= 0.5 else -math.inf


def _silent(m: Moments) -> bool:
    """True for few prompts, where the pseudo-prompt does more, and for drawn readings, of which most flip by less than
    their weight."""
    return m.n < MANY or m.weight > MOST_WEIGHT


def _least_root(a: float, b: float, c: float) -> float:
    """The smaller root of a x^2 + b x + c; infinite where there is none, or a is not above 0."""
    inside = b * b - 4 * a * c
    if not (math.isfinite(inside) and a > 0 and inside >= 0):
        return math.inf
    return (-b - math.sqrt(inside)) / (2 * a)


def _fieller(m: Moments, quantile: float, *, lower: bool) -> float | None:
    """One end of the set of ratios r with (t - r b)^2 n <= q^2 var(t - r b)."""
    k = quantile * quantile / m.n
    a = m.mean_base**2 - k * m.var_base
    b = m.mean_tuned * m.mean_base - k * m.cov
    c = m.mean_tuned**2 - k * m.var_tuned
    if not math.isfinite(a) or a <= 0:
        return None
    root = math.sqrt(max(b * b - a * c, 0.0))
    return (b - root) / a if lower else (b + root) / a
