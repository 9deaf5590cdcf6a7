"""Requests sent by a provider's batch API, kept so that nothing is asked or paid twice: what was sent is written down
before it is waited for, and a later process waits for the same batch. Given single requests, gives each its answer,
hours later; Inspect's own batches live in memory only. Keeps ids, never a prompt or an answer."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ftsafety_spec.providers.base import REPEAT, NoAnswer
from ftsafety_spec.records.folder import write_atomically

QUIET = 1.0
"""Seconds without a new request after which those that wait are sent."""
TICK = 0.1
LONGEST_PAUSE = 60.0
KEEP_SECONDS = 7 * 24 * 3600
"""A batch ends within a day; answers of an older one are not taken over."""


class NotNow(Exception):
    """The provider could not be reached, or was busy: nothing is known of how the call ended."""


@dataclass(frozen=True)
class Ended:
    """A batch that will not change any more: `answers` has an answer or an exception for each row that got one."""

    status: str
    answers: Mapping[str, Any]


class Door(Protocol):
    """A batch API. Every call raises NotNow where it may be tried again, NoAnswer where that is of no use."""

    name: str
    most: int
    most_bytes: int

    def body(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """What of a request is sent; nothing in it changes from process to process."""

    async def upload(self, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
        """Put up rows of id and body; the name of the file."""

    async def create(self, file: str) -> str:
        """Make a batch of a file, without any try of its own after a failure; the batch's id."""

    async def find(self, file: str) -> str | None:
        """The batch that was made of a file, if there is one."""

    async def ended(self, batch: str) -> Ended | None:
        """How a batch ended; None while it goes on."""


@dataclass
class Kept:
    """A batch as it is written down. `spent`: ids that got no answer from it."""

    door: str
    made: float
    ids: list[str]
    file: str | None = None
    batch: str | None = None
    spent: list[str] = field(default_factory=list)

    @property
    def filename(self) -> str:
        """Where it lies in the folder."""
        return hashlib.sha256(f"{self.made} {self.ids}".encode()).hexdigest()[:24] + ".json"


@dataclass
class _Waiting:
    body: Mapping[str, Any]
    answer: asyncio.Future[Any]


class KeptBatches:
    """Takes the place of an Inspect batcher: `generate_for_request` is all that is called."""

    def __init__(self, folder: Path, door: Door, stopped: Callable[[], bool], note: Callable[[str], None]) -> None:
        self._folder = folder
        self._door = door
        self._stopped = stopped
        self._note = note
        self._kept = list(_load(folder, door.name))
        self._of = {name: kept for kept in self._kept for name in kept.ids if name not in kept.spent}
        self._spent = {name for kept in self._kept for name in kept.spent}
        self._used: set[str] = set()
        self._results: dict[str, Any] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._polled: dict[str, tuple[float, float]] = {}
        self._last = 0.0
        self._worker: asyncio.Task[None] | None = None

    async def generate_for_request(self, request: Mapping[str, Any]) -> Any:
        """The answer to one request. Raises NoAnswer (`not_run` after a stop: the batch goes on, and is taken up by the
        next process)."""
        body = self._door.body(request)
        name = self._name(body)
        self._used.add(name)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[name] = _Waiting(body, future)
        self._last = time.monotonic()
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        try:
            return await future
        finally:
            self._waiting.pop(name, None)

    def _name(self, body: Mapping[str, Any]) -> str:
        """Digest of what is asked, which repeat it is, and a number: the first that neither waits nor failed before."""
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        stem = f"{digest[:40]}-{REPEAT.get() or 0}"
        number = 0
        while (name := f"{stem}-{number}") in self._used or name in self._spent:
            number += 1
        return name

    async def _work(self) -> None:
        try:
            while self._waiting:
                if self._stopped():
                    self._fail(self._waiting, NoAnswer("stopped while a batch was waited for", "not_run"))
                    return
                self._hand_out()
                if time.monotonic() - self._last >= QUIET:
                    await self._send()
                for kept in self._wanted():
                    await self._poll(kept)
                await asyncio.sleep(TICK)
        except Exception as error:
            self._fail(self._waiting, NoAnswer(f"the batch could not be handled: {type(error).__name__}: {error}"))

    def _hand_out(self) -> None:
        for name in [name for name in self._waiting if name in self._results]:
            self._settle(name, self._results.pop(name))

    def _settle(self, name: str, answer: Any) -> None:
        waiting = self._waiting.get(name)
        if waiting is None or waiting.answer.done():
            return
        if isinstance(answer, BaseException):
            waiting.answer.set_exception(answer)
        else:
            waiting.answer.set_result(answer)

    def _fail(self, names: Mapping[str, Any], error: NoAnswer) -> None:
        for name in list(names):
            self._settle(name, NoAnswer(str(error), error.state))

    def _wanted(self) -> list[Kept]:
        """Batches that somebody waits for."""
        found = {id(kept): kept for name in self._waiting if (kept := self._of.get(name)) is not None}
        return list(found.values())

    async def _send(self) -> None:
        """Send what waits and is in no batch yet."""
        new = {name: each.body for name, each in self._waiting.items() if name not in self._of}
        for names in _parts(new, self._door):
            kept = Kept(self._door.name, time.time(), names)
            try:
                kept.file = await self._door.upload([(name, new[name]) for name in names])
            except NotNow:
                return  # nothing was made: the next turn tries again
            except NoAnswer as error:
                self._fail(dict.fromkeys(names), error)
                continue
            self._kept.append(kept)
            self._of |= dict.fromkeys(names, kept)
            self._write(kept)
            await self._create(kept)

    async def _create(self, kept: Kept) -> None:
        """Make the batch of a file that is up, unless it was made by a call whose answer was lost."""
        assert kept.file is not None
        try:
            kept.batch = await self._door.find(kept.file) or await self._door.create(kept.file)
        except NotNow:
            return
        except NoAnswer as error:
            self._close(kept, Ended(str(error), {}))
            return
        self._write(kept)
        self._note(f"batch {kept.batch}: {len(kept.ids)} prompts, sent; its answers may take up to 24 hours")

    async def _poll(self, kept: Kept) -> None:
        now = time.monotonic()
        begun, due = self._polled.setdefault(kept.filename, (now, now))
        if now < due:
            return
        self._polled[kept.filename] = begun, now + min(LONGEST_PAUSE, max(TICK, 0.05 * (now - begun)))
        if kept.batch is None:
            await self._create(kept)
            return
        try:
            ended = await self._door.ended(kept.batch)
        except NotNow:
            return
        except NoAnswer as error:
            self._fail({name: None for name in kept.ids if name in self._waiting}, error)
            return
        if ended is not None:
            self._close(kept, ended)

    def _close(self, kept: Kept, ended: Ended) -> None:
        """Take the answers in; rows without one are spent, and may be asked again in another batch."""
        for name in kept.ids:
            answer = ended.answers.get(name)
            if answer is None:
                answer = NoAnswer(f"the batch {kept.batch or 'was not made and'} ended without it: {ended.status}")
            if isinstance(answer, NoAnswer):
                kept.spent.append(name)
            self._results[name] = answer
            self._of.pop(name, None)
        kept.spent = sorted(set(kept.spent))
        self._spent |= set(kept.spent)
        self._write(kept)
        answered = len(kept.ids) - len(kept.spent)
        self._note(f"batch {kept.batch}: {ended.status}, {answered} of {len(kept.ids)} answered")
        self._hand_out()

    def _write(self, kept: Kept) -> None:
        write_atomically(self._folder / kept.filename, json.dumps(asdict(kept)) + "\n")


def _load(folder: Path, door: str) -> Iterator[Kept]:
    """The batches of this door that are young enough; older files are removed."""
    for path in sorted(folder.glob("*.json")):
        try:
            kept = Kept(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            continue
        if time.time() - kept.made > KEEP_SECONDS:
            with contextlib.suppress(OSError):
                path.unlink()
        elif kept.door == door:
            yield kept


def _parts(bodies: Mapping[str, Any], door: Door) -> Iterator[list[str]]:
    """Names in parts that the door takes."""
    part: list[str] = []
    size = 0
    for name, body in bodies.items():
        row = len(json.dumps(body)) + 200
        if part and (len(part) >= door.most or size + row > door.most_bytes):
            yield part
            part, size = [], 0
        part.append(name)
        size += row
    if part:
        yield part
