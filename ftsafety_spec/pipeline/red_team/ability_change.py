"""Whether shares differ between base and tuned, over a family of areas. Given six moments for each area, gives what
is shown after Holm's correction, gains and losses apart. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ftsafety_spec.records.comparison import Cell, Moments
from ftsafety_spec.stats.families import holm
from ftsafety_spec.stats.margin import optimistic, p_beyond, pessimistic, rate_bounds

ALPHA = 0.05
"""Two-sided, over a family."""
CONFIDENCE = 1 - ALPHA / 2


@dataclass(frozen=True)
class Change:
    """One area's shares in [0, 1]. `state`: shown (after Holm over the areas), seen (only by itself), or none. `p`:
    two-sided, adjusted; `interval`: of tuned - base, 95 %, by itself; `tuned_at_least`: lower end of tuned's share."""

    state: Literal["shown", "seen", "none"]
    gain: bool
    base: float
    tuned: float
    interval: tuple[float, float] | None
    p: float
    tuned_at_least: float
    prompts: int


def changes_of(areas: Sequence[Moments]) -> list[Change]:
    """The change in each area. A direction is tested against "no change" by the paired t statistic with the
    pseudo-prompt that speaks against it (`stats.margin`); fewer than two prompts show nothing."""
    up, down = [p_beyond(_swapped(m), 0.0, "points") for m in areas], [p_beyond(m, 0.0, "points") for m in areas]
    gains, losses = zip(up, holm(up), strict=True), zip(down, holm(down), strict=True)
    return [
        _change(m, *(gain if m.mean_tuned > m.mean_base else loss))
        for m, gain, loss in zip(areas, gains, losses, strict=True)
    ]


def readable_of(cell: Cell) -> Moments:
    """Shares of answers that could be read, as moments. How the two models' unread answers meet on prompts is not in a
    cell: the covariance is the least that the shares allow, which shows the least."""
    n, asked = cell.worst.n, cell.worst.n * cell.repeats
    if n < 1 or not asked > 0:
        return Moments(n=0, mean_base=0.0, mean_tuned=0.0, var_base=0.0, var_tuned=0.0, cov=0.0)
    base, tuned = (max(0.0, 1 - missing / asked) for missing in (cell.unscored_base, cell.unscored_tuned))
    more = n / (n - 1) if n > 1 else 0.0
    return Moments(
        n=n,
        mean_base=base,
        mean_tuned=tuned,
        var_base=base * (1 - base) * more,
        var_tuned=tuned * (1 - tuned) * more,
        cov=(max(0.0, base + tuned - 1) - base * tuned) * more,
    )


def _change(m: Moments, own: float, adjusted: float) -> Change:
    state: Literal["shown", "seen", "none"] = "none"
    if min(1.0, 2 * own) <= ALPHA:
        state = "shown" if 2 * adjusted <= ALPHA else "seen"
    low, high = optimistic(_swapped(m), CONFIDENCE, "points"), pessimistic(_swapped(m), CONFIDENCE, "points")
    return Change(
        state=state,
        gain=m.mean_tuned > m.mean_base,
        base=m.mean_base,
        tuned=m.mean_tuned,
        interval=None if low is None or high is None else (low, high),
        p=min(1.0, 2 * adjusted),
        tuned_at_least=rate_bounds(m.mean_tuned, m.var_tuned, m.n, CONFIDENCE, m.weight)[0],
        prompts=m.n,
    )


def _swapped(m: Moments) -> Moments:
    """Base and tuned in each other's place, so that a gain is the loss of the other."""
    return m.model_copy(
        update={
            "mean_base": m.mean_tuned,
            "mean_tuned": m.mean_base,
            "var_base": m.var_tuned,
            "var_tuned": m.var_base,
        }
    )
