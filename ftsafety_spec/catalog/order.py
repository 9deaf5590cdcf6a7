"""The seeded order in which prompts are asked: stratified, so that every prefix looks like the whole.
Given prompts and a seed, gives their permutation. Pure; a prompt's own key does not depend on the other prompts."""

from __future__ import annotations

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ftsafety_spec.catalog.base import Prompt

T = TypeVar("T")


def seeded_order(prompts: Sequence[Prompt], seed: int) -> list[Prompt]:
    """The prompts by area, within an area by kind, within a kind by seeded key, interleaved so that after every
    prefix each area's count is within one of its share (the same holds for kinds within an area)."""
    key = _key(seed)
    by_area = _grouped(sorted(prompts, key=key), lambda prompt: prompt.area)
    return interleave({area: interleave(_grouped(rows, lambda p: p.kind)) for area, rows in by_area.items()})


def interleave(strata: Mapping[str, Sequence[T]]) -> list[T]:
    """Merge sequences so that after n items each stratum i has more than n·wᵢ − 1 and fewer than n·wᵢ + 1 of them,
    wᵢ its share of the whole. Earliest deadline first over the windows of Steiner and Yeomans (1993, Management
    Science 39, "Level schedules for mixed-model, just-in-time processes"): item j (from 1) of a stratum of size s of
    N has its place between ⌊(j − 1)·N/s⌋ + 1 and ⌈j·N/s⌉. Integers only."""
    total = sum(len(rows) for rows in strata.values())
    waiting = [(1, _deadline(1, len(rows), total), name, 1) for name, rows in sorted(strata.items()) if rows]
    heapq.heapify(waiting)
    ready: list[tuple[int, str, int]] = []
    merged: list[T] = []
    for place in range(1, total + 1):
        while waiting and waiting[0][0] <= place:
            _, deadline, name, nth = heapq.heappop(waiting)
            heapq.heappush(ready, (deadline, name, nth))
        _, name, nth = heapq.heappop(ready)
        size = len(strata[name])
        merged.append(strata[name][nth - 1])
        if nth < size:
            release = nth * total // size + 1
            heapq.heappush(waiting, (release, _deadline(nth + 1, size, total), name, nth + 1))
    return merged


def _deadline(nth: int, size: int, total: int) -> int:
    return -(-nth * total // size)


def _grouped(prompts: Sequence[Prompt], of: Callable[[Prompt], str]) -> dict[str, list[Prompt]]:
    groups: defaultdict[str, list[Prompt]] = defaultdict(list)
    for prompt in prompts:
        groups[of(prompt)].append(prompt)
    return groups


def _key(seed: int) -> Callable[[Prompt], tuple[str, str, str]]:
    def key(prompt: Prompt) -> tuple[str, str, str]:
        drawn = hashlib.sha256(f"{seed}\n{prompt.digest}".encode()).hexdigest()
        return drawn, prompt.condition, prompt.id

    return key
