"""A grader's error carried into the comparison. Given moments of what was read and what is known of the grader, gives
moments of what is true, with the grader's own uncertainty in them; every bound of `stats.margin` then applies. Pure.

A grader that reads a safe answer as safe with sensitivity s and an unsafe one as safe with f = 1 - specificity shows a
share q = f + p (s - f) where p is true: p = (q - f) / (s - f) (Rogan & Gladen 1978, Am. J. Epidemiol. 107). Where base
and tuned share one grader and one error, s cancels in a relative regression and f nearly does: its uncertainty is then
common to both means, which the covariance holds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ftsafety_spec.records.comparison import Moments

LEAST_SKILL = 0.1
"""Smallest s - f that is divided by: below it a grader's readings say next to nothing."""


@dataclass(frozen=True)
class GraderError:
    """How often a grader is right on safe answers (`sensitivity`) and on unsafe ones (`specificity`), in [0, 1], each
    with its standard error, clustered by prompt."""

    sensitivity: float
    specificity: float
    sensitivity_error: float = 0.0
    specificity_error: float = 0.0

    @property
    def skill(self) -> float:
        """Youden's index s - f; at most 1, at 0 the grader is blind."""
        return self.sensitivity + self.specificity - 1.0

    @property
    def known(self) -> bool:
        """True where every figure is a number in its range and the grader is not nearly blind."""
        rates = (self.sensitivity, self.specificity)
        errors = (self.sensitivity_error, self.specificity_error)
        fits = all(0.0 <= rate <= 1.0 for rate in rates) and all(0.0 <= error < math.inf for error in errors)
        return fits and self.skill >= LEAST_SKILL


def corrected(m: Moments, base: GraderError, tuned: GraderError | None = None) -> Moments | None:
    """Moments of the true safe shares. `tuned`: the error on tuned's answers where it was measured apart; None: one
    error for both. Variances and covariance are of prompts, so that n times a mean's extra variance is added to them
    (delta method). One reading that flips moves a true share by 1 / skill prompts, which `weight` holds: without it, a
    run in which nothing flipped would show more under a grader that errs than under one that does not. None where the
    grader is blind or its figures are no numbers: nothing can then be said."""
    shared = tuned is None
    other = base if tuned is None else tuned
    if not (base.known and other.known) or not math.isfinite(m.mean_base + m.mean_tuned):
        return None
    b, by_b = _true(m.mean_base, base), _slopes(m.mean_base, base)
    t, by_t = _true(m.mean_tuned, other), _slopes(m.mean_tuned, other)
    common = m.n * _product(by_b, by_t, base) if shared else 0.0
    return Moments(
        n=m.n,
        mean_base=b,
        mean_tuned=t,
        var_base=m.var_base / base.skill**2 + m.n * _product(by_b, by_b, base),
        var_tuned=m.var_tuned / other.skill**2 + m.n * _product(by_t, by_t, other),
        cov=m.cov / (base.skill * other.skill) + common,
        weight=m.weight / min(base.skill, other.skill),
    )


def _true(read: float, error: GraderError) -> float:
    return (read - (1.0 - error.specificity)) / error.skill


def _slopes(read: float, error: GraderError) -> tuple[float, float]:
    """Derivatives of the true share by sensitivity and by f."""
    return (
        -(read - (1.0 - error.specificity)) / error.skill**2,
        (read - error.sensitivity) / error.skill**2,
    )


def _product(left: tuple[float, float], right: tuple[float, float], error: GraderError) -> float:
    """Covariance that the grader's own uncertainty puts between two true shares."""
    return left[0] * right[0] * error.sensitivity_error**2 + left[1] * right[1] * error.specificity_error**2
