"""Batches of answers given to their grader. Given readings that are wanted, has each answer read once and puts every
reading down as it comes: an offline grader takes a batch at a time, a grader with a model as many answers as its model
takes at once. A grader that fails leaves its answers unscored, to be tried again in the next run."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Protocol

from ftsafety_spec.catalog.base import Turn
from ftsafety_spec.errors import InputError
from ftsafety_spec.graders.base import Question, Reading
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.measure.asking import reason_of
from ftsafety_spec.measure.halt import Halt
from ftsafety_spec.measure.progress import Progress
from ftsafety_spec.measure.talk import WITHHELD
from ftsafety_spec.measure.work import Item
from ftsafety_spec.records.plan import GraderUse

FAILS_IN_A_ROW = 20
"""Answers that a model behind a grader may fail on in a row before it is left alone until the next run."""

Texts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class ToRead:
    """One reading that a table row needs. `said`: of a conversation's turn, the digests of the earlier answers."""

    item: Item
    use: GraderUse
    key: str
    answer: Mapping[str, Any]
    said: tuple[str | None, ...] = ()


class Sink(Protocol):
    """Where readings go (`grading.Readings`)."""

    def put(self, wanted: ToRead, reading: Reading, failed: bool = False) -> None: ...


@dataclass
class Batches:
    """Reads batches, each of one grader."""

    panel: Panel
    halt: Halt
    progress: Progress
    _failed: Counter[str] = field(default_factory=Counter)
    _named: set[str] = field(default_factory=set)

    async def read(self, batch: Sequence[ToRead], texts: Texts, readings: Sink) -> None:
        """Have a batch read. Raises InputError where a person has to mend a grader's model."""
        name = batch[0].use.grader
        groups = _by_answer(batch)
        if self.panel.connections(name) is None:
            await _grade(self.panel, groups, texts, readings)
        else:
            self._say(name, f"{name} reads answers by {self.panel.behind[name].words}")
            await self._by_model(name, groups, texts, readings)

    async def _by_model(self, name: str, groups: list[list[ToRead]], texts: Texts, readings: Sink) -> None:
        slots = asyncio.Semaphore(self.panel.connections(name) or 1)

        async def one(group: list[ToRead]) -> None:
            async with slots:
                if self.halt.now() or self._gave_up(name):
                    return
                failed = await _grade(self.panel, [group], texts, readings)
                self._failed[name] = self._failed[name] + 1 if failed else 0

        try:
            async with asyncio.TaskGroup() as tasks:
                for group in groups:
                    tasks.create_task(one(group))
        except BaseExceptionGroup as found:
            raise found.exceptions[0] from None

    def _gave_up(self, name: str) -> bool:
        if self._failed[name] < FAILS_IN_A_ROW:
            return False
        again = "what it has not read is unscored until the next run"
        self._say(f"{name} failed", f"{name} failed {FAILS_IN_A_ROW} times in a row; {again}")
        return True

    def _say(self, once: str, message: str) -> None:
        if once not in self._named:
            self._named.add(once)
            self.progress.note(message)


def _by_answer(batch: Sequence[ToRead]) -> list[list[ToRead]]:
    """What is wanted of each answer: several outcomes are one question."""
    groups: dict[str, list[ToRead]] = {}
    for wanted in batch:
        groups.setdefault(wanted.item.key, []).append(wanted)
    return list(groups.values())


async def _grade(panel: Panel, groups: list[list[ToRead]], texts: Texts, readings: Sink) -> bool:
    """Put down every reading of these answers; True where the grader failed."""
    grader = panel.get(groups[0][0].use.grader)
    for group in [group for group in groups if not _readable(group[0], texts)]:
        _put_all(group, "the answer's text was removed", readings)
        groups.remove(group)
    begun = time.perf_counter()
    try:
        found = await grader.grade([_question(group[0], texts) for group in groups]) if groups else []
        if len(found) != len(groups):
            raise ValueError(f"{len(found)} readings for {len(groups)} answers")
    except InputError:
        raise
    except Exception as error:
        for group in groups:
            _put_all(group, f"the grader failed: {reason_of(error)}", readings)
        return True
    each = (time.perf_counter() - begun) / max(1, len(groups))
    for group, given in zip(groups, found, strict=True):
        _put_given(group, given, each, readings)
    return any(reading.failed for given in found for reading in given)


def _put_all(group: list[ToRead], reason: str, readings: Sink) -> None:
    for wanted in group:
        readings.put(wanted, Reading(wanted.use.outcome, None, reason=reason), failed=True)


def _put_given(group: list[ToRead], given: Sequence[Reading], seconds: float, readings: Sink) -> None:
    """Each wanted outcome's reading; what the answer cost, and the seconds it took, stand once, with the first."""
    costs = [Decimal(reading.usd) for reading in given if reading.usd is not None]
    usd = f"{sum(costs, Decimal(0)):.8f}" if costs else None
    for number, wanted in enumerate(group):
        none = Reading(wanted.use.outcome, None, reason="the grader gave no reading")
        reading = next((item for item in given if item.outcome == wanted.use.outcome), none)
        cost: dict[str, Any] = {"usd": usd, "seconds": seconds} if number == 0 else {"usd": None}
        readings.put(wanted, replace(reading, **cost), failed=reading.failed)


def _readable(wanted: ToRead, texts: Texts) -> bool:
    digest = wanted.answer.get("text")
    return all(name is None or name in texts for name in (digest, *wanted.said))


def _question(wanted: ToRead, texts: Texts) -> Question:
    digest = wanted.answer.get("text")
    prompt = wanted.item.prompt
    return Question(
        prompt=prompt.user_turn(wanted.item.turn).text,
        answer=texts[digest]["body"] if digest else "",
        kind=prompt.kind,
        state=wanted.answer["state"],
        category=prompt.category,
        request=prompt.request,
        before=(*prompt.before, *_said(wanted, texts)),
        metadata=prompt.metadata,
        first=wanted.answer.get("first") or {},
    )


def _said(wanted: ToRead, texts: Texts) -> list[Turn]:
    """A conversation until the turn that is read: the user's messages, each with this variant's own answer."""
    turns: list[Turn] = []
    for number, digest in enumerate(wanted.said):
        turns.append(("user", wanted.item.prompt.user_turn(number).text))
        turns.append(("assistant", texts[digest]["body"] if digest else WITHHELD))
    return turns
