"""Geometry of a forest plot: given readings in [-inf, 1] (how much worse than base), gives positions in percent of the
width, zones, ticks and clipped ends. Pure; draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ftsafety_spec.report import numbers
from ftsafety_spec.report.blocks import Mark, Plot, Row, Tick, Zone
from ftsafety_spec.spec.common import Action
from ftsafety_spec.spec.policy import UpTo

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)


@dataclass(frozen=True)
class Reading:
    """One line: `value` and `interval` as shares (0.12 = 12 % worse than base), null where undefined."""

    label: str
    value: float | None
    interval: tuple[float, float] | None
    n: int
    mark: Mark | None


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """True where a value lies on the axis."""
        return self.low <= value <= self.high

    def at(self, value: float) -> float:
        """Percent of the width, kept inside."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(1.0, max(0.0, share)), 2)


def forest(title: str, axis: str, readings: Sequence[Reading], up_to: UpTo | None, limit: float | None) -> Plot:
    """A plot of these readings; `up_to` shades the bands, `limit` draws a line."""
    scale = scale_for(readings, up_to, limit)
    return Plot(
        title=title,
        axis=axis,
        zones=zones(scale, up_to) if up_to else (),
        limit=None if limit is None else scale.at(limit),
        limit_label="" if limit is None else f"limit {numbers.percent(limit)}",
        zero=scale.at(0.0),
        ticks=ticks(scale),
        rows=tuple(_row(reading, scale) for reading in readings),
    )


def scale_for(readings: Sequence[Reading], up_to: UpTo | None, limit: float | None) -> Scale:
    """From a little better than base to beyond the last limit; no wider than the readings need, at most to 100 %."""
    lows = [reading.interval[0] for reading in readings if reading.interval]
    highs = [reading.interval[1] for reading in readings if reading.interval]
    values = [reading.value for reading in readings if reading.value is not None]
    ends = [end for end in (up_to.review if up_to else None, limit) if end is not None]
    reach = max([1.25 * end for end in ends] + [0.1])
    low = min([-0.05, *lows, *values])
    high = max([reach, *highs, *values])
    return Scale(max(low, -0.3) - 0.02, min(high, max(1.0, reach)) + 0.02)


def zones(scale: Scale, up_to: UpTo) -> tuple[Zone, ...]:
    """The bands from left to right."""
    edges = [scale.low, up_to.deploy, up_to.deploy_enhanced, up_to.review, scale.high]
    names: tuple[Action, ...] = ("deploy", "deploy_enhanced", "review", "block")
    labels = (
        f"up to {numbers.percent(up_to.deploy)}",
        f"up to {numbers.percent(up_to.deploy_enhanced)}",
        f"up to {numbers.percent(up_to.review)}",
        f"beyond {numbers.percent(up_to.review)}",
    )
    found = []
    for name, label, left, right in zip(names, labels, edges, edges[1:], strict=False):
        x = scale.at(left)
        found.append(Zone(name, label, x, round(scale.at(right) - x, 2)))
    return tuple(found)


def ticks(scale: Scale) -> tuple[Tick, ...]:
    """Round values on the axis, at most seven."""
    span = scale.high - scale.low
    step = next((step for step in STEPS if span / step <= 6.5), 1.0)
    first, last = -int(-scale.low // step), int(scale.high // step)
    found = []
    for index in range(first, last + 1):
        x = scale.at(index * step)
        edge = "start" if x < 6 else "end" if x > 94 else "middle"
        found.append(Tick(x, numbers.percent(index * step, 0), edge))  # type: ignore[arg-type]
    return tuple(found)


def _row(reading: Reading, scale: Scale) -> Row:
    pair = reading.interval
    worse = numbers.percent(reading.value) if reading.value is not None else "undefined"
    spread = numbers.interval(pair)
    return Row(
        label=reading.label,
        figure=f"{worse} [{spread}]" if pair else worse,
        n=numbers.count(reading.n),
        spoken=f"{reading.label}: {worse} worse than base, interval {spread}, {numbers.plural(reading.n, 'prompt')}",
        x=scale.at(reading.value) if reading.value is not None and scale.holds(reading.value) else None,
        undefined=reading.value is None,
        low=None if pair is None else scale.at(pair[0]),
        high=None if pair is None else scale.at(pair[1]),
        cut_low=pair is not None and pair[0] < scale.low,
        cut_high=pair is not None and pair[1] > scale.high,
        mark=reading.mark,
    )
