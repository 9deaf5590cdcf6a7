"""What is to be asked: every answer that a run's tables hold, with its key, in the order of asking.
Given a locked spec, loaded tasks and identities, gives `Item`s lazily: memory does not grow with the prompts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.providers.requests import generation_key_of
from ftsafety_spec.records.identity import Identity, answer_key
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.store import packed

CHUNK = 512
"""Answers of one variant that are asked for before the next variant has its turn with the same prompts."""


@dataclass(frozen=True, slots=True)
class Item:
    """One answer that a table row needs. Equal keys are one answer: it is asked for once."""

    variant: str
    task: LoadedTask
    prompt: Prompt
    draw: int
    repeat: int
    generation_key: str
    key: str
    turn: int | None = None

    @property
    def asks(self) -> bool | None:
        """Of a conversation's turn: whether it asks for harm."""
        return None if self.turn is None else self.prompt.user_turn(self.turn).asks

    @property
    def name(self) -> str:
        """`suite.task`."""
        return f"{self.task.suite}.{self.task.task}"


@dataclass(frozen=True)
class Work:
    """All items of a run (or of one shard k of n: every n-th draw; or, with `limits`, of the first so many prompts of
    each task, by `suite.task`)."""

    variants: tuple[str, ...]
    tasks: tuple[LoadedTask, ...]
    keys: Mapping[tuple[str, str, str], str]
    repeats: int
    shard: tuple[int, int] | None = None
    limits: Mapping[str, int] | None = None

    @classmethod
    def of(
        cls,
        locked: LockedSpec,
        tasks: Sequence[LoadedTask],
        identities: Mapping[str, Identity],
        shard: tuple[int, int] | None = None,
    ) -> Work:
        """The work of a locked spec."""
        keys = {
            (variant, task.suite, task.task): generation_key_of(identities[variant], locked, task)
            for variant in locked.variants
            for task in tasks
        }
        return cls(tuple(locked.variants), tuple(tasks), keys, locked.spec.repeats, shard)

    def items(self) -> Iterator[Item]:
        """Everything, task by task."""
        for task in self.tasks:
            for draw in self.draws(task):
                for variant in self.variants:
                    yield from self._of_prompt(variant, task, draw)

    def chunks(
        self, shares: Sequence[float] = (1.0,), most: int | None = None
    ) -> Iterator[tuple[float, list[tuple[LoadedTask, range]]]]:
        """Slices of all tasks, such that every prefix of chunks holds about the same share of each task, with the share
        after each. A chunk has at most about `most` (`CHUNK`) answers of each variant; one ends at each of `shares`."""
        total = sum(len(self.draws(task)) for task in self.tasks) * self.repeats
        before = 0.0
        for share in shares:
            count = max(1, math.ceil(total * (share - before) / (most or CHUNK)))
            ends = [before + (share - before) * k / count for k in range(count)] + [share]
            for start, end in itertools.pairwise(ends):
                yield end, [(task, self._slice(task, start, end)) for task in self.tasks]
            before = share

    def upto(self, share: float, whole: Collection[str] = ()) -> Work:
        """The first so many prompts of each task; of the tasks in `whole` (`suite.task`), all."""
        names = {f"{task.suite}.{task.task}": len(task.prompts) for task in self.tasks}
        limits = {name: n if name in whole else _cut(n, share) for name, n in names.items()}
        return replace(self, limits=limits)

    def asks(self, item: Item) -> bool:
        """True where an item is within the limits."""
        return self.limits is None or item.draw < self.limits[item.name]

    def asked(self, variant: str, task: LoadedTask, draws: range) -> Iterator[Item]:
        """The items of one variant on a slice of a task."""
        for draw in draws:
            yield from self._of_prompt(variant, task, draw)

    def draws(self, task: LoadedTask) -> range:
        """Ranks of a task's prompts that this shard asks."""
        k, n = self.shard or (1, 1)
        most = len(task.prompts) if self.limits is None else self.limits[f"{task.suite}.{task.task}"]
        return range(k - 1, most, n)

    def _slice(self, task: LoadedTask, start: float, end: float) -> range:
        draws = self.draws(task)
        return draws[_cut(len(draws), start) : _cut(len(draws), end)]

    def _of_prompt(self, variant: str, task: LoadedTask, draw: int) -> Iterator[Item]:
        prompt, generation = task.prompts[draw], self.keys[variant, task.suite, task.task]
        digest = prompt.digest
        for repeat in range(self.repeats):
            for turn in prompt.turn_numbers:
                key = answer_key(generation, digest, prompt.condition, repeat, turn)
                yield Item(variant, task, prompt, draw, repeat, generation, key, turn)


def _cut(count: int, share: float) -> int:
    """How many of `count` a share is, rounded up: the same wherever it is asked."""
    return min(count, math.ceil(round(count * share, 6)))


def together(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Items that one sample answers: a conversation's turns, in order; each other item alone."""
    for _, group in itertools.groupby(items, key=lambda item: (item.variant, item.name, item.draw, item.repeat)):
        yield list(group)


class Keys:
    """A set of digests, 32 bytes each."""

    def __init__(self) -> None:
        self._keys: set[bytes] = set()

    def add(self, key: str) -> None:
        """Put a digest in."""
        self._keys.add(packed(key))

    def discard(self, key: str) -> None:
        """Take a digest out, where it is in."""
        self._keys.discard(packed(key))

    def __contains__(self, key: str) -> bool:
        return packed(key) in self._keys

    def __len__(self) -> int:
        return len(self._keys)
