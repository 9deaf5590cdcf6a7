"""Ctrl-C and SIGTERM. Given what stops a measurement, gives handlers: the first signal lets what is in flight
finish, the second one stops at once. Outside of a measurement a signal stops at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(BaseException):
    """SIGTERM arrived (exit status 143)."""


@contextmanager
def terminable() -> Iterator[None]:
    """Turn SIGTERM into `Terminated`, so that files and locks are closed on the way out."""

    def leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise Terminated

    with _handler(signal.SIGTERM, leave):
        yield


class Halt:
    """What arrived while a measurement ran: `status` is 130, 143 or None."""

    def __init__(self) -> None:
        self.status: int | None = None


@contextmanager
def finishing(stop: Callable[[str], object]) -> Iterator[Halt]:
    """While a measurement runs, the first SIGINT or SIGTERM calls `stop` with a reason; the second leaves at once."""
    halt = Halt()

    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if halt.status is not None:
            raise KeyboardInterrupt if number == signal.SIGINT else Terminated
        halt.status = 128 + number
        os.write(2, b"\nfinishing what is in flight; Ctrl-C again to stop at once\n")  # print() is not reentrant
        stop("stopped by Ctrl-C" if number == signal.SIGINT else "stopped by SIGTERM")

    with _handler(signal.SIGINT, handle), _handler(signal.SIGTERM, handle):
        yield halt


@contextmanager
def _handler(number: int, handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    try:
        before = signal.signal(number, handle)
    except ValueError:  # not the main thread: the host program keeps its own handlers
        yield
        return
    try:
        yield
    finally:
        signal.signal(number, before if before is not None else signal.SIG_DFL)
