"""A dynamic batcher: single requests in, batches of equal settings and similar length out.
Given a blocking function on a batch, runs it in one thread of its own. The oldest request is always in the next batch,
so nothing starves; a failing batch fails its own requests only."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

I = TypeVar("I")  # noqa: E741
R = TypeVar("R")


@dataclass
class _Waiting(Generic[I, R]):
    key: Hashable
    item: I
    length: int
    future: Future[R] = field(default_factory=Future)


class Batcher(Generic[I, R]):
    """`size` requests at most in a batch; `gap` seconds without a new request end the wait for a fuller one."""

    def __init__(self, size: int, run: Callable[[Hashable, Sequence[I]], Sequence[R]], gap: float = 0.01) -> None:
        self.size = size
        self.gap = gap
        self._run = run
        self._inbox: queue.SimpleQueue[_Waiting[I, R] | None] = queue.SimpleQueue()
        self._pending: list[_Waiting[I, R]] = []
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name="batcher", daemon=True)
        self._thread.start()

    def submit(self, key: Hashable, item: I, length: int) -> Future[R]:
        """A future of one request's result; `key` holds all that must be equal within a batch."""
        if self._closed:
            raise RuntimeError("the engine is closed")
        waiting: _Waiting[I, R] = _Waiting(key, item, length)
        self._inbox.put(waiting)
        return waiting.future

    def close(self) -> None:
        """Cancel what waits and wait for the batch that runs."""
        self._closed = True
        self._inbox.put(None)
        self._thread.join()

    def _loop(self) -> None:
        while self._gather():
            self._work(self._pick())
        while not self._inbox.empty():
            late = self._inbox.get()
            self._pending += [] if late is None else [late]
        for waiting in self._pending:
            waiting.future.cancel()

    def _gather(self) -> bool:
        """Take in requests until the next batch is full or none comes for a while; False once closed."""
        while True:
            try:
                # a full batch still waits a moment: with more to choose from, its lengths lie closer together
                timeout = None if not self._pending else self.gap / 4 if self._full() else self.gap
                waiting = self._inbox.get(timeout=timeout)
            except queue.Empty:
                return True
            if waiting is None:
                return False
            self._pending.append(waiting)

    def _full(self) -> bool:
        return bool(self._pending) and sum(w.key == self._pending[0].key for w in self._pending) >= self.size

    def _pick(self) -> list[_Waiting[I, R]]:
        oldest = self._pending[0]
        equal = sorted((w for w in self._pending if w.key == oldest.key), key=lambda w: w.length)
        place = next(number for number, w in enumerate(equal) if w is oldest)
        start = max(0, min(place // self.size * self.size, len(equal) - self.size))
        batch = equal[start : start + self.size]
        chosen = {id(w) for w in batch}
        self._pending = [w for w in self._pending if id(w) not in chosen]
        return [w for w in batch if w.future.set_running_or_notify_cancel()]

    def _work(self, batch: Sequence[_Waiting[I, R]]) -> None:
        if not batch:
            return
        try:
            results = self._run(batch[0].key, [w.item for w in batch])
            for waiting, result in zip(batch, results, strict=True):
                waiting.future.set_result(result)
        except BaseException as error:
            for waiting in batch:
                if not waiting.future.done():
                    waiting.future.set_exception(error)
