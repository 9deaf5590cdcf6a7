"""What is to be asked: every answer that a run's tables hold, with its key, in the order of asking.
Given a locked spec, loaded tasks and identities, gives `Item`s lazily: memory does not grow with the prompts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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

    @property
    def name(self) -> str:
        """`suite.task`."""
        return f"{self.task.suite}.{self.task.task}"


@dataclass(frozen=True)
class Work:
    """All items of a run (or of one shard k of n: every n-th draw)."""

    variants: tuple[str, ...]
    tasks: tuple[LoadedTask, ...]
    keys: Mapping[tuple[str, str, str], str]
    repeats: int
    shard: tuple[int, int] | None = None

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

    def chunks(self) -> Iterator[list[tuple[LoadedTask, range]]]:
        """Slices of all tasks, such that every prefix of chunks holds about the same share of each task. A chunk
        has about `CHUNK` answers of each variant."""
        total = sum(len(self.draws(task)) for task in self.tasks) * self.repeats
        count = max(1, -(-total // CHUNK))
        for number in range(count):
            yield [(task, self._slice(task, number, count)) for task in self.tasks]

    def asked(self, variant: str, task: LoadedTask, draws: range) -> Iterator[Item]:
        """The items of one variant on a slice of a task."""
        for draw in draws:
            yield from self._of_prompt(variant, task, draw)

    def draws(self, task: LoadedTask) -> range:
        """Ranks of a task's prompts that this shard asks."""
        k, n = self.shard or (1, 1)
        return range(k - 1, len(task.prompts), n)

    def _slice(self, task: LoadedTask, number: int, count: int) -> range:
        draws = self.draws(task)
        return draws[len(draws) * number // count : len(draws) * (number + 1) // count]

    def _of_prompt(self, variant: str, task: LoadedTask, draw: int) -> Iterator[Item]:
        prompt, generation = task.prompts[draw], self.keys[variant, task.suite, task.task]
        digest = prompt.digest
        for repeat in range(self.repeats):
            key = answer_key(generation, digest, prompt.condition, repeat, None)
            yield Item(variant, task, prompt, draw, repeat, generation, key)


class Keys:
    """A set of digests, 32 bytes each."""

    def __init__(self) -> None:
        self._keys: set[bytes] = set()

    def add(self, key: str) -> None:
        """Put a digest in."""
        self._keys.add(packed(key))

    def __contains__(self, key: str) -> bool:
        return packed(key) in self._keys

    def __len__(self) -> int:
        return len(self._keys)
