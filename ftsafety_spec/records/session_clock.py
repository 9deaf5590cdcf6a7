"""The clock of a manual session: how many minutes a person was active. Given its events, gives spans of time and
what was left out with its reason. Pure: it reads no clock, so that anybody can count the same minutes again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ftsafety_spec.records.session import (
    OFF_DOMAIN,
    Answered,
    Asked,
    Begun,
    Categorised,
    Ended,
    Event,
    Paused,
    Resumed,
    of_kind,
    seconds_of,
)

Span = tuple[float, float]


@dataclass(frozen=True)
class ClockRules:
    """What counts as a person at work. `idle`: so many seconds after an action still count; `shortest`: nobody reads
    two answers and writes in less; `fastest`: characters a second that nobody types; `pasted`: so many messages in a
    row, each faster than typing, are a list and not a conversation; `steady`: so many messages in a row at one and the
    same interval (within `jitter` of it) come from a script."""

    idle: float = 120.0
    shortest: float = 1.5
    fastest: float = 15.0
    pasted: int = 3
    steady: int = 6
    jitter: float = 0.03


RULES = ClockRules()


@dataclass(frozen=True)
class Clock:
    """`active`: spans in seconds since 1970, in order, none touching another; `left_out`: seconds by reason."""

    active: tuple[Span, ...] = ()
    left_out: Mapping[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Active seconds."""
        return total(self.active)

    @property
    def minutes(self) -> float:
        """Active minutes, rounded down to a hundredth."""
        return math.floor(round(self.seconds / 60 * 100, 6)) / 100


def read_clock(events: Sequence[Event], until: float | None = None, rules: ClockRules = RULES) -> Clock:
    """Count a session. From one thing that the person does to the next counts, up to `rules.idle`; a pause, an
    interruption, scripted input and messages about another domain do not. `until`: the present, for a clock that runs.
    A session without a message has no minutes."""
    asked = of_kind(events, Asked)
    if not asked:
        return Clock()
    scripted, elsewhere = scripted_turns(events, rules), _elsewhere(events)
    actions = [event for event in events if not isinstance(event, Answered) and not (_closed(event))]
    spans: list[Span] = []
    left: dict[str, float] = {}
    for before, after in pairwise(actions):
        start, end = seconds_of(before.at), seconds_of(after.at)
        reason = _reason(before, after, scripted, elsewhere)
        _count(spans, left, start, end, reason, rules)
    last = actions[-1]
    if until is not None and not isinstance(last, Paused | Ended):
        _count(spans, left, seconds_of(last.at), until, None, rules)
    return Clock(joined(spans), left)


def _count(
    spans: list[Span], left: dict[str, float], start: float, end: float, reason: str | None, rules: ClockRules
) -> None:
    if end <= start:  # a clock that was set back counts nothing
        return
    if reason is not None:
        left[reason] = left.get(reason, 0.0) + end - start
        return
    spans.append((start, min(end, start + rules.idle)))
    if end - start > rules.idle:
        left["idle"] = left.get("idle", 0.0) + end - start - rules.idle


def _reason(before: Event, after: Event, scripted: frozenset[int], elsewhere: frozenset[int]) -> str | None:
    """Why the time between two actions does not count at all; None where it does."""
    if isinstance(before, Paused) or isinstance(after, Resumed):
        return "away"
    if isinstance(after, Asked) and after.turn in scripted:
        return "scripted"
    if isinstance(after, Asked) and after.turn in elsewhere:
        return OFF_DOMAIN
    return None


def scripted_turns(events: Sequence[Event], rules: ClockRules = RULES) -> frozenset[int]:
    """Turns whose message came faster than a person reads and types, as one of a pasted list, or at a script's even
    pace."""
    gaps = _gaps(events)
    asked = of_kind(events, Asked)
    instant = {item.turn for item in asked if gaps[item.turn] < rules.shortest}
    pasted = [item.turn for item in asked]
    fast = {item.turn for item in asked if item.chars > rules.fastest * max(gaps[item.turn], 0.0)}
    found = {turn for run in _runs(pasted, fast) if len(run) >= rules.pasted for turn in run}
    times = [seconds_of(item.at) for item in asked]
    found |= _steady([item.turn for item in asked], [b - a for a, b in pairwise([times[0], *times])], rules)
    found |= _steady([item.turn for item in asked], [gaps[item.turn] for item in asked], rules)
    return frozenset(found | instant)


def _gaps(events: Sequence[Event]) -> dict[int, float]:
    """Turn to the seconds between what the person last saw or did, and the message."""
    found: dict[int, float] = {}
    last = -math.inf
    for event in events:
        at = seconds_of(event.at)
        if isinstance(event, Asked):
            found[event.turn] = at - last
        last = max(last, at)
    return found


def _runs(turns: Sequence[int], among: set[int]) -> list[list[int]]:
    """Unbroken stretches of turns that are all `among`."""
    runs: list[list[int]] = [[]]
    for turn in turns:
        if turn in among:
            runs[-1].append(turn)
        elif runs[-1]:
            runs.append([])
    return runs


def _steady(turns: Sequence[int], gaps: Sequence[float], rules: ClockRules) -> set[int]:
    """Turns of every stretch of `steady` messages whose intervals are all but equal."""
    found: set[int] = set()
    for start in range(len(turns) - rules.steady + 1):
        window = gaps[start : start + rules.steady]
        mean = math.fsum(window) / len(window)
        if mean > 0 and max(abs(gap - mean) for gap in window) <= rules.jitter * mean:
            found |= set(turns[start : start + rules.steady])
    return found


def _elsewhere(events: Sequence[Event]) -> frozenset[int]:
    """Turns that are about another domain, where the session is to be about the spec's."""
    begun = of_kind(events, Begun)
    if not begun or begun[0].focus != "domain":
        return frozenset()
    category = {item.turn: item.category for item in of_kind(events, Asked)}
    category |= {item.turn: item.category for item in of_kind(events, Categorised)}
    return frozenset(turn for turn, name in category.items() if name == OFF_DOMAIN)


def _closed(event: Event) -> bool:
    return isinstance(event, Ended) and event.closed


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The union of spans, in order."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def total(spans: Iterable[Span]) -> float:
    """Seconds of spans that do not overlap."""
    return math.fsum(end - start for start, end in spans)


def without(spans: Iterable[Span], others: Iterable[Span]) -> tuple[Span, ...]:
    """What of some spans lies outside of others: minutes that another session has counted already."""
    found = list(joined(spans))
    for begin, stop in joined(others):
        found = [
            part
            for start, end in found
            for part in ((start, min(end, begin)), (max(start, stop), end))
            if part[0] < part[1]
        ]
    return tuple(found)
