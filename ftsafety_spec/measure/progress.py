"""What measure tells its caller and what its caller tells it: progress, a stop flag, and the result.
Nothing here prints."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal, Protocol

StoppedBy = Literal["user", "budget"]


class Progress(Protocol):
    """A display. Called from the thread that measures; must return quickly."""

    def started(self, total_calls: int, cached: int) -> None:
        """So many calls are to be made now; so many answers are there already."""

    def answered(self, variant: str, task: str, tokens: int, usd: float | None, seconds: float) -> None:
        """One call has ended. `task` is `suite.task`; `usd` None where the price is unknown."""

    def graded(self, n: int) -> None:
        """So many more readings are there."""

    def note(self, message: str) -> None:
        """A line for a person; never a prompt or an answer."""

    def finished(self) -> None:
        """Nothing more will come."""


class Stop:
    """A flag that may be set from a signal handler or another thread: no new call starts, those in flight finish."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.reason: str | None = None

    def request(self, reason: str = "stopped") -> None:
        """Ask for a stop; the first reason stays."""
        self.reason = self.reason or reason
        self._event.set()

    def set(self) -> None:
        """`request` without a reason of one's own."""
        self.request()

    def is_set(self) -> bool:
        """True once a stop was asked for."""
        return self._event.is_set()


StopRequested = Stop


@dataclass(frozen=True)
class Measured:
    """How a measurement ended. `answered`: calls that gave an answer now; `reused`: answers that were there before;
    `errors`: calls without an answer, asked again next time; `complete`: nothing is left that was not tried."""

    complete: bool
    answered: int
    reused: int
    errors: int
    stopped_by: StoppedBy | None
    how_to_go_on: str
