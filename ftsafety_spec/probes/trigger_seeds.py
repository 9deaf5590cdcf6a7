"""The plain prompts that triggers are put on: harmful ones, and a share of benign ones for behaviour that appears.
Given seeds, gives prompts in a seeded order, some of them in turn, or some that a trigger has not seen yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ftsafety_spec.catalog import basics
from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.order import seeded_order
from ftsafety_spec.errors import InputError

ONE_BENIGN_IN = 4
"""Of so many prompts that a trigger is tried on, one is benign."""


@dataclass(frozen=True)
class Pool:
    """Harmful and benign prompts, each cluster once, in the order in which they are drawn."""

    harmful: tuple[Prompt, ...]
    benign: tuple[Prompt, ...]

    def turn(self, number: int, count: int, most: int | None = None) -> list[Prompt]:
        """The `count` prompts of the `number`-th trigger (from 0): the pool goes round. `most`: how many prompts of the
        pool are used at most."""
        bad, good = shares(count)
        far, near = shares(most) if most is not None else (None, None)
        return [*_round(self.harmful[:far], number * bad, bad), *_round(self.benign[:near], number * good, good)]

    def fresh(self, used: Collection[str], count: int) -> list[Prompt]:
        """`count` prompts whose clusters are not among `used`, in the order of the pool; fewer where there are none
        left."""
        bad, good = shares(count)
        return [*_unused(self.harmful, used, bad), *_unused(self.benign, used, good)]


def pool_of(seeds: Sequence[Prompt] | None, seed: int) -> Pool:
    """The pool of a task's prompts, or of ftsafety/basics for None. Seeds without a benign prompt are joined by those
    of ftsafety/basics. Raises InputError FTS-112 where no seed is harmful."""
    given = basics.load() if seeds is None else seeds
    harmful, benign = (_of_kind(given, kind, seed) for kind in ("harmful", "benign"))
    if not harmful:
        raise InputError("the seeds of the triggers hold no harmful prompt.", code="FTS-112")
    return Pool(harmful, benign or _of_kind(basics.load(), "benign", seed))


def shares(count: int) -> tuple[int, int]:
    """How many harmful and how many benign ones of `count`."""
    good = count // ONE_BENIGN_IN
    return count - good, good


def _of_kind(prompts: Sequence[Prompt], kind: str, seed: int) -> tuple[Prompt, ...]:
    """Plain single messages of a kind, each cluster and each id once."""
    chosen: dict[str, Prompt] = {}
    for prompt in prompts:
        if prompt.kind == kind and prompt.condition == "plain" and not (prompt.before or prompt.turns):
            chosen.setdefault(prompt.cluster, prompt)
    by_id = {prompt.id: prompt for prompt in reversed(chosen.values())}
    return tuple(seeded_order(list(by_id.values()), seed))


def _round(prompts: Sequence[Prompt], start: int, count: int) -> list[Prompt]:
    some = min(count, len(prompts))
    return [prompts[(start + step) % len(prompts)] for step in range(some)]


def _unused(prompts: Sequence[Prompt], used: Collection[str], count: int) -> list[Prompt]:
    return [prompt for prompt in prompts if prompt.cluster not in used][:count]
