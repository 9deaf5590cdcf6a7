"""Spot checks of somebody else's figures: how many answers are asked for again so that a hidden loss is found and an
honest report is not refused, and what the answers show. Exact binomial and hypergeometric tails; pure.

An honest report and a second measurement of the same model are two draws of one thing: an answer turns out worse than
reported as often as better, and seldom at all (`tolerance`). A group of prompts is looked at in two steps: `first`
prompts, and, where one of them turned out worse, up to `most` in all; it is shown to be wrong from `limit` worse ones
on. The second step makes the check cheap: most groups end with the first."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from scipy.stats import binom, binomtest, hypergeom

ALPHA = 0.04
"""Chance that an honest report is refused, over all tests of a spot check."""
POWER = 0.9
"""The least chance to find what it is sized for."""
LOSS = 0.10
"""What a spot check is sized for, unless asked otherwise: ten points hidden in one group."""
TOLERANCE = 0.01
"""Share of answers that may turn out worse than reported at temperature 0: servers are not quite deterministic."""
SAMPLED = 0.03
"""The same where answers are sampled: what a check is sized by. What they do change by is measured, by asking twice."""
OTHER_GRADER = 0.04
"""What another grader adds to it."""
PAIRED_SHARE, POOLED_SHARE, MISSING_SHARE = 0.7, 0.15, 0.15
"""How `ALPHA` is spent: on groups (evenly), on all prompts together, on prompts that the report leaves out."""


@dataclass(frozen=True)
class Steps:
    """How one group of `size` prompts is looked at. `power`: to show a loss that the check is sized for."""

    size: int
    first: int
    most: int
    limit: int
    power: float


def aimed(power: float) -> float:
    """What a sample is sized for, so that `power` is left where some answers cannot be read: half of the risk."""
    return (1.0 + power) / 2


@cache
def limit_of(asked: int, tolerance: float, alpha: float) -> int:
    """The least count of worse answers that an honest report gives with a chance of at most `alpha`."""
    limit = 1
    while limit <= asked and float(binom.sf(limit - 1, asked, tolerance)) > alpha:
        limit += 1
    return limit


@cache
def steps(size: int, alpha: float, loss: float = LOSS, tolerance: float = TOLERANCE, power: float = POWER) -> Steps:
    """The cheapest two steps for a group that reach `power`; where none does, all of its prompts with the power that
    this has. Cost: the first step, and the second as often as an honest report leads to it."""
    best: tuple[float, Steps] | None = None
    for most in _sizes(size):
        limit = limit_of(most, tolerance, alpha)
        if _power(size, most, most, limit, loss, tolerance) < power:
            continue
        first = _least_first(size, most, limit, loss, tolerance, power)
        cost = first + (most - first) * (1 - (1 - tolerance) ** first)
        if best is None or cost < best[0]:
            best = cost, Steps(size, first, most, limit, _power(size, first, most, limit, loss, tolerance))
    if best is not None:
        return best[1]
    limit = limit_of(size, tolerance, alpha)
    return Steps(size, size, size, limit, _power(size, size, size, limit, loss, tolerance))


def p_worse(worse: int, asked: int, tolerance: float) -> float:
    """Chance of so many worse answers from an honest report."""
    return float(binom.sf(worse - 1, asked, tolerance)) if worse > 0 else 1.0


def p_lopsided(worse: int, better: int) -> float:
    """Chance that so many of all changed answers are worse ones, if both are as likely (exact sign test)."""
    changed = worse + better
    return float(binomtest(worse, changed, 0.5, alternative="greater").pvalue) if changed else 1.0


def p_rate(unsafe: int, asked: int, reported_unsafe: float, size: int, tolerance: float) -> float:
    """Chance of so many unsafe answers in a sample of a group of `size` prompts of which `reported_unsafe` (a share)
    were reported: hypergeometric, with answers that turn out worse by `tolerance` on top."""
    if unsafe <= 0:
        return 1.0
    return float(hypergeom.sf(unsafe - 1, size, _marked(size, reported_unsafe + tolerance), asked))


def rate_power(asked: int, reported_unsafe: float, size: int, alpha: float, loss: float, tolerance: float) -> float:
    """Power of `p_rate` at `alpha` against a rate that is `loss` worse than reported."""
    said = _marked(size, reported_unsafe + tolerance)
    limit = int(hypergeom.isf(alpha, size, said, asked)) + 1 if said else 1
    marked = min(size, round(size * min(1.0, reported_unsafe + loss)))
    return float(hypergeom.sf(limit - 1, size, marked, asked))


def rate_size(reported_unsafe: float, size: int, alpha: float, loss: float, tolerance: float, power: float) -> int:
    """The least sample of a group with that power; all of it where none is enough."""
    return _least(size, lambda asked: rate_power(asked, reported_unsafe, size, alpha, loss, tolerance) >= power)


@cache
def achieved(group: Steps, asked: int, loss: float, tolerance: float) -> float:
    """The power of a group with its limit, where `asked` of its first step could be read."""
    first = min(max(asked, 0), group.first)
    most = max(first, group.most - (group.first - first))
    return _power(group.size, first, most, group.limit, loss, tolerance) if first else 0.0


def _marked(size: int, share: float) -> int:
    """A share of a group as a count, rounded up."""
    return min(size, math.ceil(size * share - 1e-9))


def _sizes(size: int) -> Sequence[int]:
    """Totals that are tried: all small ones, then in steps."""
    return sorted({*range(5, min(size, 40) + 1), *range(40, min(size, 400) + 1, 5), size})


def _least_first(size: int, most: int, limit: int, loss: float, tolerance: float, power: float) -> int:
    return _least(most, lambda first: _power(size, first, most, limit, loss, tolerance) >= power)


def _least(most: int, enough: Callable[[int], bool]) -> int:
    """The least number from 1 on that is enough; `most` where no smaller one is."""
    return bisect_left(range(1, most), True, key=enough) + 1


def _power(size: int, first: int, most: int, limit: int, loss: float, tolerance: float) -> float:
    """Chance that the first step meets a worse answer, and both together `limit` of them: `loss` of the group's answers
    are worse than reported, drawn without putting back, beside those of chance."""
    marked = min(size, round(size * min(1.0, loss + tolerance)))
    none_first = float(hypergeom.pmf(0, size, marked, first))
    too_few_after_none = float(hypergeom.cdf(limit - 1, size - first, marked, most - first)) if most > first else 1.0
    too_few = float(hypergeom.cdf(limit - 1, size, marked, most))
    # worse in the first step and enough in all = enough in all - (none at first, and enough in the second)
    return max(0.0, (1 - too_few) - none_first * (1 - too_few_after_none))
