"""A fair gate in front of an engine that must answer one adapter stack at a time.
Given blocking calls with the stack they belong to, runs up to `slots` calls of one stack together, drains them, and
only then starts another stack's; a stack that waits is served after at most `turns` calls of the present one."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
_Job = tuple["Future[Any]", Callable[[], Any]]


class StackGate:
    """Runs calls grouped by stack. `close` cancels what waits and lets what runs end."""

    def __init__(self, slots: int, turns: int | None = None) -> None:
        self.slots = slots
        self.turns = turns or 8 * slots
        self._waiting: OrderedDict[Hashable, deque[_Job]] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(slots, thread_name_prefix="engine")
        self._stack: Hashable = None
        self._running = 0
        self._started = 0
        self._closed = False

    def submit(self, stack: Hashable, call: Callable[[], T]) -> Future[T]:
        """A future of `call`'s result."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the engine is closed")
            self._waiting.setdefault(stack, deque()).append((future, call))
            self._advance()
        return future

    def close(self) -> None:
        """Cancel what waits, wait for what runs."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, OrderedDict()
        for jobs in waiting.values():
            for future, _ in jobs:
                future.cancel()
        self._pool.shutdown(wait=True)

    def _advance(self) -> None:
        while self._waiting and self._running < self.slots:
            if self._running == 0 and not self._may_continue():
                self._stack, self._started = next(iter(self._waiting)), 0
            if not self._may_continue():
                return
            self._start(*self._take())

    def _may_continue(self) -> bool:
        others = len(self._waiting) > (self._stack in self._waiting)
        return self._stack in self._waiting and (self._started < self.turns or not others)

    def _take(self) -> _Job:
        jobs = self._waiting[self._stack]
        job = jobs.popleft()
        if not jobs:
            del self._waiting[self._stack]
        elif self._started + 1 >= self.turns:
            self._waiting.move_to_end(self._stack)
        return job

    def _start(self, future: Future[Any], call: Callable[[], Any]) -> None:
        if future.set_running_or_notify_cancel():
            self._running += 1
            self._started += 1
            self._pool.submit(self._run, future, call)

    def _run(self, future: Future[Any], call: Callable[[], Any]) -> None:
        try:
            result = call()
        except BaseException as error:
            self._end()
            future.set_exception(error)
        else:
            self._end()
            future.set_result(result)

    def _end(self) -> None:
        with self._lock:
            self._running -= 1
            if not self._closed:
                self._advance()
