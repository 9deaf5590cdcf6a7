"""Non-inferiority margins and bounds on a paired regression, from six moments.
Given moments of *safe* shares, gives test statistics, one-sided bounds and intervals. A regression e means that tuned
is safe on (1 - e) times as large a share as base.

The test is the t statistic of mean(t - (1 - e) b) over prompts with one pseudo-prompt appended: one that base got right
and tuned lost for the pessimistic end, one that tuned gained for the optimistic end. Without it the level is lost where
few prompts flip. Its inversion in e is Fieller's interval (Fieller 1954) of the ratio of two correlated means."""

from __future__ import annotations

import math

from scipy.special import stdtr, stdtrit

from ftsafety_spec.records.comparison import Moments, Regression
from ftsafety_spec.spec.common import Safer
from ftsafety_spec.stats.moments import appended, oriented

_TINY = 1e-300


def critical(n: int, confidence: float) -> float:
    """One-sided quantile of Student's t with n - 1 degrees of freedom; infinite where n < 2."""
    return float(stdtrit(n - 1, confidence)) if n > 1 else math.inf


def statistic(m: Moments, margin: float) -> float:
    """t statistic of mean(t - (1 - margin) b)."""
    ratio = 1.0 - margin
    mean = m.mean_tuned - ratio * m.mean_base
    variance = m.var_tuned - 2 * ratio * m.cov + ratio * ratio * m.var_base
    if m.n < 2:
        return math.nan
    return mean / math.sqrt(max(variance / m.n, _TINY))


def within(m: Moments, margin: float, confidence: float) -> bool:
    """True where tuned is shown to lie less than `margin` below base (with the lost pseudo-prompt)."""
    if m.n < 2:
        return False
    return statistic(appended(m, 1.0, 0.0), margin) >= critical(m.n, confidence)


def p_beyond(m: Moments, margin: float) -> float:
    """p-value against "tuned lies at most `margin` below base" (with the gained pseudo-prompt); 1 where n < 2."""
    if m.n < 2:
        return 1.0
    return float(stdtr(m.n - 1, statistic(appended(m, 0.0, 1.0), margin)))


def p_beyond_points(m: Moments, margin: float) -> float:
    """The same in share points: p-value against "base minus tuned is at most `margin`"."""
    if m.n < 2:
        return 1.0
    more = appended(m, 0.0, 1.0)
    shift = more.mean_base - more.mean_tuned - margin
    error = max(_error_of_difference(more), 1e-150)
    return float(stdtr(m.n - 1, -shift / error))


def pessimistic(m: Moments, confidence: float) -> float | None:
    """Upper confidence bound of the relative regression; None where base's own rate is not shown to differ from 0."""
    ratio = _fieller(appended(m, 1.0, 0.0), critical(m.n, confidence), lower=True)
    return None if ratio is None else 1.0 - ratio


def optimistic(m: Moments, confidence: float) -> float | None:
    """Lower confidence bound of the relative regression; None as for `pessimistic`."""
    ratio = _fieller(appended(m, 0.0, 1.0), critical(m.n, confidence), lower=False)
    return None if ratio is None else 1.0 - ratio


def points_bounds(m: Moments, confidence: float) -> tuple[float, float]:
    """One-sided lower and upper confidence bounds of base minus tuned, in share points; (-1, 1) where n < 2."""
    if m.n < 2:
        return -1.0, 1.0
    quantile = critical(m.n, confidence)
    low, high = appended(m, 0.0, 1.0), appended(m, 1.0, 0.0)
    return (
        max(-1.0, low.mean_base - low.mean_tuned - quantile * _error_of_difference(low)),
        min(1.0, high.mean_base - high.mean_tuned + quantile * _error_of_difference(high)),
    )


def relative_points(m: Moments) -> tuple[float | None, float]:
    """Estimates: relative regression (None where base is 0) and points."""
    relative = 1.0 - m.mean_tuned / m.mean_base if m.n > 0 and m.mean_base > 0 else None
    return relative, m.mean_base - m.mean_tuned


def regression_of(m: Moments, safer: Safer, level: float) -> Regression:
    """Estimates and two-sided intervals of raw moments, in the safer direction."""
    safe = oriented(m, safer)
    relative, points = relative_points(safe)
    side = (1.0 + level) / 2.0
    low, high = (optimistic(safe, side), pessimistic(safe, side)) if safe.n > 1 else (None, None)
    interval = None if low is None or high is None else (low, min(high, 1.0))
    return Regression(
        relative=relative, interval=interval, points=points, points_interval=points_bounds(safe, side), level=level
    )


def _error_of_difference(m: Moments) -> float:
    return math.sqrt(max(m.var_tuned - 2 * m.cov + m.var_base, 0.0) / m.n)


def _fieller(m: Moments, quantile: float, *, lower: bool) -> float | None:
    """One end of the set of ratios r with (t - r b)^2 n <= q^2 var(t - r b)."""
    if not math.isfinite(quantile):
        return None
    k = quantile * quantile / m.n
    a = m.mean_base**2 - k * m.var_base
    b = m.mean_tuned * m.mean_base - k * m.cov
    c = m.mean_tuned**2 - k * m.var_tuned
    if a <= 0:
        return None
    root = math.sqrt(max(b * b - a * c, 0.0))
    return (b - root) / a if lower else (b + root) / a
