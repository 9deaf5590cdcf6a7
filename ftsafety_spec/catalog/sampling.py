"""A smaller set that still looks like the whole: stratified by category, seeded, with its weights stated.
Given prompts, a number and a seed, gives some of them in file order. Pure; never draws a category empty where it
need not."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.errors import InputError


def stratified(prompts: Sequence[Prompt], n: int | None, seed: int = 0) -> list[Prompt]:
    """`n` prompts (all for None or where there are no more), by category in proportion, at least one of each where n
    allows. Each carries `sampling_weight` in its metadata: how many prompts of its category it stands for.
    Raises InputError FTS-106 for a number below one."""
    check_sample(n)
    if n is None:
        return list(prompts)
    strata: defaultdict[str, list[int]] = defaultdict(list)
    for place, prompt in enumerate(prompts):
        strata[prompt.category].append(place)
    shares = allocate({name: len(places) for name, places in strata.items()}, n)
    weight: dict[int, float] = {}
    for name, places in strata.items():
        drawn = sorted(places, key=lambda place: _key(prompts[place], seed))[: shares[name]]
        weight |= {place: round(len(places) / shares[name], 6) for place in drawn}
    return [
        replace(prompts[place], metadata={**prompts[place].metadata, "sampling_weight": weight[place]})
        for place in sorted(weight)
    ]


def check_sample(n: int | None) -> None:
    """Refuse a number that draws nothing, before any data is read. Raises InputError FTS-106."""
    if n is not None and (isinstance(n, bool) or not isinstance(n, int) or n < 1):
        raise InputError(f"sample: expected a whole number from 1, found {n!r}.", code="FTS-106")


def allocate(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    """How many of `n` each stratum gets: one each where n allows, the rest by largest remainder of its share of the
    whole (Hamilton's method), never more than its size. Integers only; ties go to the name that sorts first."""
    whole = sum(sizes.values())
    if n >= whole:
        return dict(sizes)
    least = 1 if n >= len(sizes) else 0
    shares = {name: max(least, n * size // whole) for name, size in sizes.items()}
    order = sorted(sizes, key=lambda name: (-(n * sizes[name] % whole), name))
    while (missing := n - sum(shares.values())) > 0:
        able = [name for name in order if shares[name] < sizes[name]]
        for name in able[:missing]:
            shares[name] += 1
    while sum(shares.values()) > n:  # the ones given for representation come from the largest
        largest = max(sizes, key=lambda name: (shares[name], sizes[name], name))
        shares[largest] -= 1
    return shares


def _key(prompt: Prompt, seed: int) -> str:
    return hashlib.sha256(f"{seed}\n{prompt.digest}\n{prompt.id}\n{prompt.condition}".encode()).hexdigest()
