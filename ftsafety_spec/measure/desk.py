"""One slice of a task for one variant, as Inspect sees it. Given the items that are missing, gives an Inspect task
whose samples are exactly these; each reply goes to the ledger as it comes. Grades nothing."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftsafety_spec.catalog.base import Prompt, sample_input
from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.measure.asking import Draws, ask
from ftsafety_spec.measure.conversing import converse
from ftsafety_spec.measure.halt import Halt
from ftsafety_spec.measure.ledger import Ledger, Reply
from ftsafety_spec.measure.work import Item

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample
    from inspect_ai.model import Model
    from inspect_ai.scorer import SampleScore
    from inspect_ai.solver import Generate, Solver, TaskState
    from inspect_ai.util import EarlyStop

_numbers = itertools.count()


class NotAnswered(Exception):
    """Marks an Inspect sample as failed in the log; the ledger has its row already."""


class Desk:
    """The items of one variant on a slice of one task, by sample id and repeat."""

    def __init__(
        self, variant: str, task: LoadedTask, items: Sequence[Item], ledger: Ledger, halt: Halt, draws: Draws
    ) -> None:
        self.token = f"{variant}-{next(_numbers)}"
        self.variant = variant
        self.task = task
        self.halt = halt
        self.draws = draws
        self._ledger = ledger
        self._open: dict[tuple[str, int], list[Item]] = {}
        for item in items:
            self._open.setdefault((sample_id(item), item.repeat), []).append(item)

    @property
    def name(self) -> str:
        """`suite.task`."""
        return f"{self.task.suite}.{self.task.task}"

    def missing(self) -> list[Item]:
        """Everything that is still wanted."""
        return [item for items in self._open.values() for item in items]

    def samples(self) -> list[list[Item]]:
        """What is wanted of each sample: of a conversation its missing turns, in order."""
        return [list(items) for items in self._open.values()]

    def prompts(self) -> list[Item]:
        """One item for each sample."""
        return list({name: items[0] for (name, _), items in self._open.items()}.values())

    def wants(self, sample: str, repeat: int) -> Item | None:
        """The item behind a sample and repeat, where it is still missing."""
        found = self._open.get((sample, repeat))
        return found[0] if found else None

    def turns(self, item: Item) -> list[Item]:
        """The turns of an item's conversation that are still missing."""
        return list(self._open[sample_id(item), item.repeat])

    def said(self, item: Item) -> list[str]:
        """The variant's own answers before a conversation's first missing turn."""
        return self._ledger.said(item)

    def leave(self, item: Item, said: Sequence[str]) -> None:
        """Say where a conversation stands, so that it can go on from there."""
        self._ledger.leave(item, said)

    def drop(self, items: Sequence[Item], reply: Reply) -> None:
        """Write down one reply for turns that cannot be asked any more; no call of theirs failed."""
        for item in items:
            self._close(item)
            self._ledger.record(item, reply)

    def _close(self, item: Item) -> None:
        place = sample_id(item), item.repeat
        self._open[place] = [other for other in self._open[place] if other.key != item.key]
        if not self._open[place]:
            del self._open[place]

    def take(self, item: Item, reply: Reply) -> None:
        """Write a reply down."""
        self._close(item)
        self._ledger.record(item, reply)
        if reply.state == "error":
            self.halt.failure(reply.reason or "unknown")
        elif reply.state != "not_run":
            self.halt.success()

    def close(self, reason: str) -> None:
        """Whatever Inspect did not even ask is an error with this reason."""
        self.drop(self.missing(), Reply("error", reason=reason))


def sample_id(item: Item) -> str:
    """A sample's id in the log: the prompt's, with its condition where that is not the plain one."""
    prompt = item.prompt
    return prompt.id if prompt.condition == "plain" else f"{prompt.id}@{prompt.condition}"


def own_task(desk: Desk, model: Model, repeats: int, logs: Path) -> Task:
    """A task of ours: one call a sample. A sample is an epoch of its prompt, so that repeats read well in the log."""
    from inspect_ai import Epochs, Task
    from inspect_ai.dataset import MemoryDataset

    samples = [_sample(sample_id(item), item.prompt) for item in desk.prompts()]
    return Task(
        name=desk.name,
        dataset=MemoryDataset(samples, name=desk.name),
        solver=_solver(desk, model, logs),
        epochs=Epochs(repeats, []),
        early_stopping=OnlyMissing(desk),
    )


def _sample(name: str, prompt: Prompt) -> Sample:
    from inspect_ai.dataset import Sample

    metadata = {"kind": prompt.kind, "category": prompt.category, "area": prompt.area, "condition": prompt.condition}
    return Sample(id=name, input=sample_input(prompt), metadata=metadata)


def _solver(desk: Desk, model: Model, logs: Path) -> Solver:
    from inspect_ai.solver import solver

    @solver(name="ask")
    def build() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:  # noqa: ARG001
            item = desk.wants(str(state.sample_id), state.epoch - 1)
            if item is None or desk.halt.now():
                raise NotAnswered("not asked")
            if item.turn is not None:
                state.messages, last = await converse(desk, model, desk.turns(item), present_log(logs))
                if last is None:
                    raise NotAnswered("the conversation was not finished")
                state.output = last
                return state
            first = bool(item.prompt.metadata.get("choice"))
            reply, output = await ask(model, state.messages, item.repeat, desk.draws, desk.halt, first=first)
            desk.take(item, replace(reply, log=present_log(logs)))
            if output is None:
                raise NotAnswered(reply.reason or reply.state)
            state.output = output
            state.messages.append(output.message)
            return state

        return solve

    return build()


def present_log(logs: Path) -> str | None:
    """The `.eval` file that the running sample is written to, relative to the run folder."""
    from inspect_ai.log._samples import sample_active

    active = sample_active()
    if active is None or not active.log_location:
        return None
    return f"{logs.name}/{active.log_location.rsplit('/', 1)[-1]}"


class OnlyMissing:
    """Inspect's early stopping protocol: passes over what is answered already, and everything after a stop."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def start_task(self, task: Any, samples: list[Sample], epochs: int) -> str:  # noqa: ARG002
        """The name that the log gives it."""
        return "only missing answers"

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:
        """Pass over a sample that is not missing."""
        from inspect_ai.util import EarlyStop

        if self._desk.halt.now():
            return EarlyStop(id=id, epoch=epoch, reason="stopped")
        if self._desk.wants(str(id), epoch - 1) is None:
            return EarlyStop(id=id, epoch=epoch, reason="answered before")
        return None

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, SampleScore]) -> None:
        """Nothing to learn."""

    async def complete_task(self) -> dict[str, Any]:
        """Nothing to add."""
        return {}
