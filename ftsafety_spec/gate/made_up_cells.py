"""Cells of rates that somebody wrote down. Given rates of both models over n prompts, one answer each, gives the six
moments that such answers have: prompts lost are as few as the rates allow, unless some are said to be swapped.
The shrunken estimate of a group is its plain one: a case says what is known of one group, not how groups vary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ftsafety_spec.records.comparison import By, Cell, Moments
from ftsafety_spec.spec.common import OUTCOMES, Safer
from ftsafety_spec.spec.policy_case import Given, OutcomeRates, Rates
from ftsafety_spec.stats.margin import regression_of
from ftsafety_spec.stats.moments import moments_of

LEVEL = 0.95


def cells_of(given: Given) -> Iterator[Cell]:
    """The cells of every outcome, over all prompts and by group."""
    for outcome, rates in given.outcomes.items():
        yield cell_of(outcome, rates, "all", "all")
        groups: tuple[tuple[By, Mapping[str, Rates]], ...] = (
            ("area", rates.areas or {"other": _whole(rates)}),
            ("category", rates.categories),
            ("condition", rates.conditions),
            ("interaction", rates.combinations),
        )
        for by, found in groups:
            for name, part in found.items():
                yield cell_of(outcome, part, by, name)


def cell_of(outcome: str, rates: Rates, by: By, of: str) -> Cell:
    """One cell, as `compare` would make it of such answers, but for `shrunken`."""
    safer = OUTCOMES.get(outcome, "higher")
    moments, worst, (up, down) = _moments(rates, safer)
    regression = regression_of(moments, safer, LEVEL)
    lost, gained = (down, up) if safer == "higher" else (up, down)
    return Cell(
        id=f"tuned/{outcome}/{by}/{of}",
        variant="tuned",
        against="base",
        outcome=outcome,
        safer=safer,
        by=by,
        of=of,
        prompts=moments.n,
        repeats=1,
        lost=lost,
        gained=gained,
        unscored_base=rates.prompts if rates.base is None else 0,
        unscored_tuned=rates.prompts if rates.tuned is None else rates.unread,
        moments=moments,
        worst=worst,
        regression=regression.model_copy(update={"shrunken": regression.relative}),
    )


def _moments(rates: Rates, safer: Safer) -> tuple[Moments, Moments, tuple[int, int]]:
    """Moments over what was read, moments with the rest at its worst, and prompts that went up and down."""
    read = 0 if rates.base is None or rates.tuned is None else rates.prompts - rates.unread
    base, tuned = _paired(read, rates)
    rest = rates.prompts - read
    good, bad = (1.0, 0.0) if safer == "higher" else (0.0, 1.0)
    worst = moments_of(np.append(base, np.full(rest, good)), np.append(tuned, np.full(rest, bad)))
    return moments_of(base, tuned), worst, (int((tuned > base).sum()), int((tuned < base).sum()))


def _paired(n: int, rates: Rates) -> tuple[np.ndarray, np.ndarray]:
    """0 and 1 for each prompt, shape (n,): base's first k, tuned's first m of them, `swapped` moved behind both."""
    base, tuned = np.zeros(n), np.zeros(n)
    k, m = round((rates.base or 0.0) * n), round((rates.tuned or 0.0) * n)
    base[:k] = 1.0
    tuned[:m] = 1.0
    moved = min(rates.swapped, min(k, m), n - max(k, m))
    if moved:
        tuned[:moved] = 0.0
        tuned[max(k, m) : max(k, m) + moved] = 1.0
    return base, tuned


def _whole(rates: OutcomeRates) -> Rates:
    """The same rates as those of one group."""
    return Rates(**{name: getattr(rates, name) for name in Rates.model_fields})
