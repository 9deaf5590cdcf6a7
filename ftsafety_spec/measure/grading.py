"""Readings of answers by graders, apart from asking. Given finished answers, gives grades for every use that lacks one:
from the run, else from the project's store, else from the grader. A grader that fails leaves an answer unscored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.graders.base import Reading
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.graders.uses import kind_uses, task_uses
from ftsafety_spec.measure.grade_batch import Batches, ToRead
from ftsafety_spec.measure.halt import Halt
from ftsafety_spec.measure.mapping import mapped
from ftsafety_spec.measure.progress import Progress
from ftsafety_spec.measure.work import Item, Keys, Work, together
from ftsafety_spec.records.base import now
from ftsafety_spec.records.cascade import PEOPLE
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.identity import grade_key, told_digest
from ftsafety_spec.records.journal import Journal
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import GraderUse
from ftsafety_spec.records.store import REUSABLE, Store, StoredRows

BATCH = 64


class Uses:
    """Which graders read an item's answer."""

    def __init__(self, locked: LockedSpec, panel: Panel) -> None:
        self._locked = locked
        self.panel = panel
        self.seed = locked.spec.seed
        self._found: dict[tuple[str, str, str], list[GraderUse]] = {}

    def of(self, item: Item) -> list[GraderUse]:
        """The uses for this prompt's kind, or the mapped outcomes of an Inspect task."""
        task, kind = item.task, item.prompt.kind
        place = (task.suite, task.task, kind)
        if place not in self._found:
            suite = self._locked.spec.suites[task.suite]
            whole = is_mapped(task)
            self._found[place] = (
                task_uses(suite, task, self.panel) if whole else kind_uses(suite, task, kind, self.panel)
            )
        return self._found[place]

    def cascades(self, work: Work) -> bool:
        """True where some reading is done in two levels."""
        suites = self._locked.spec.suites
        choices = [choice for task in work.tasks for choice in suites[task.suite].graders.values()]
        choices += [choice for task in work.tasks for choice in task.spec.graders.values() if choice is not None]
        return any(choice.escalate is not None for choice in choices)


def is_mapped(task: LoadedTask) -> bool:
    """True where an Inspect task's own score is the grade."""
    return task.inspect is not None and bool(task.spec.outcomes)


def readings_needed(
    work: Work, uses: Uses, answers: Mapping[str, Mapping[str, Any]], first: Mapping[str, Mapping[str, Any]] | None
) -> Iterator[ToRead]:
    """Every reading of every finished answer, once for each answer, outcome and role. `first`: the readings that
    decide whether a cascade goes up; without them its stronger level is left out."""
    seen: set[int] = set()
    for item, answer, said in _finished(work, answers):
        told = told_digest(item.prompt.metadata, answer.get("first"), said)
        for use in uses.of(item):
            if use.cascade is not None and (first is None or not _goes_up(item, answer, use, uses.seed, first, told)):
                continue
            key = grade_key(answer.get("text"), item.prompt.digest, use.identity, use.outcome, told)
            row = hash((item.key, key, use.role))
            if row not in seen:
                seen.add(row)
                yield ToRead(item, use, key, answer, said)


def _finished(
    work: Work, answers: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[Item, Mapping[str, Any], tuple[str | None, ...]]]:
    """Finished answers that are read: all but those to a conversation's turns that do not ask. With each turn the
    digests of the answers before it."""
    for items in together(work.items()):
        said: list[str | None] = []
        for item in items:
            answer = answers.get(item.key)
            if answer is None or answer["state"] not in REUSABLE:
                break
            if item.asks is not False:
                yield item, answer, tuple(said)
            said.append(answer.get("text"))


def _goes_up(
    item: Item,
    answer: Mapping[str, Any],
    use: GraderUse,
    seed: int,
    first: Mapping[str, Mapping[str, Any]],
    told: str | None,
) -> bool:
    assert use.cascade is not None
    key = grade_key(answer.get("text"), item.prompt.digest, use.cascade.identity, use.outcome, told)
    return use.cascade.why(first.get(key), item.key, seed) is not None


async def grade_missing(
    folder: RunFolder,
    work: Work,
    uses: Uses,
    store: Store,
    progress: Progress,
    halt: Halt,
    pay: Callable[[float], None],
) -> None:
    """Journal every reading that is missing. Stops between batches where a person asks for it; graders with a model
    begin nothing after any stop. `pay` is told each cost in USD."""
    batches = Batches(uses.panel, halt, progress)
    try:
        await _grade_level(folder, work, uses, Readings(folder, store, progress, pay), batches, None)
        if uses.cascades(work) and not (halt.now() and halt.why == "user"):
            first = StoredRows(folder.journal / "grades.jsonl", "grade")
            await _grade_level(folder, work, uses, Readings(folder, store, progress, pay), batches, first)
    finally:
        await uses.panel.close()


async def _grade_level(
    folder: RunFolder,
    work: Work,
    uses: Uses,
    readings: Readings,
    batches: Batches,
    first: Mapping[str, Mapping[str, Any]] | None,
) -> None:
    answers = finished_answers(folder)
    texts = StoredRows(folder.journal / "texts.jsonl", "digest")
    with readings:
        open_: dict[str, list[ToRead]] = {}
        for wanted in readings_needed(work, uses, answers, first):
            if wanted.use.grader == PEOPLE or readings.has(wanted):
                continue
            if uses.panel.connections(wanted.use.grader) and readings.awaits(wanted):
                continue
            if is_mapped(wanted.item.task):
                readings.put(wanted, _mapped(wanted))
                continue
            readings.expect(wanted)
            batch = open_.setdefault(wanted.use.grader, [])
            batch.append(wanted)
            if len(batch) >= BATCH:
                await batches.read(open_.pop(wanted.use.grader), texts, readings)
                if batches.halt.now() and batches.halt.why == "user":
                    return
        for batch in open_.values():
            await batches.read(batch, texts, readings)


def finished_answers(folder: RunFolder) -> Mapping[str, dict[str, Any]]:
    """Answer key to row: the finished one where there is one, else the last."""
    return StoredRows(folder.journal / "answers.jsonl", "answer", better=REUSABLE)


class Readings:
    """The run's journal of readings by grade key; finished ones go into the store as well."""

    def __init__(self, folder: RunFolder, store: Store, progress: Progress, pay: Callable[[float], None]) -> None:
        self._known = Keys()
        self._expected = Keys()
        self._pay = pay
        self._stored: dict[str, Mapping[str, dict[str, Any]]] = {}
        self._store = store
        self._progress = progress
        path = folder.journal / "grades.jsonl"
        for key, row in StoredRows(path, "grade").items():
            if not row.get("failed"):
                self._known.add(key)
        self._journal = Journal(path)

    def __enter__(self) -> Readings:
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()

    def has(self, wanted: ToRead) -> bool:
        """True where the run has the reading, or the store had it and the run has it now."""
        if wanted.key in self._known:
            return True
        identity = wanted.use.identity
        if identity not in self._stored:
            self._stored[identity] = self._store.graded(identity)
        row = self._stored[identity].get(wanted.key)
        if row is None:
            return False
        self._journal.append(row)
        self._known.add(wanted.key)
        return True

    def expect(self, wanted: ToRead) -> None:
        """Say that a reading is on its way."""
        self._expected.add(wanted.key)

    def awaits(self, wanted: ToRead) -> bool:
        """True where the reading is on its way: a model is not asked twice about equal texts."""
        return wanted.key in self._expected

    def put(self, wanted: ToRead, reading: Reading, failed: bool = False) -> None:
        """Write a reading down; a failed one is tried again in the next run."""
        row = {
            "grade": wanted.key,
            "value": reading.value,
            "sure": reading.sure,
            "state": "unscored" if reading.value is None else "scored",
            "reason": reading.reason,
            "usd": reading.usd,
            "seconds": None if reading.seconds is None else round(reading.seconds, 6),
            "at": now(),
        }
        self._journal.append({**row, "failed": True} if failed else row)
        self._known.add(wanted.key)
        if not failed:
            self._store.put_grade(wanted.use.identity, row)
        if reading.usd is not None:
            self._pay(float(reading.usd))
        self._progress.graded(1)


def _mapped(wanted: ToRead) -> Reading:
    task, outcome = wanted.item.task, wanted.use.outcome
    scores = wanted.answer.get("scores")
    if not scores:
        return Reading(outcome, None, reason="the task's scorer gave no score")
    key = f"suites.{task.suite}.tasks.{task.task}.outcomes.{outcome}"
    value, reason = mapped(scores, task.spec.outcomes[outcome], key)
    return Reading(outcome, value, reason=reason)
