"""Why a measurement stops before its end: a person, the budget, an engine that only fails, a mistake in the suite.
Given what happens, says whether a new call may start. Pure but for the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ftsafety_spec.errors import EngineError, InputError
from ftsafety_spec.measure.progress import Stop
from ftsafety_spec.spec.spec import Budget

FAILS_AT_FIRST = 20
FAILS_IN_A_ROW = 100


@dataclass
class Purse:
    """What a run may spend and has spent, earlier sessions included. `tokens_usd` gives what was paid for tokens."""

    budget: Budget
    tokens_usd: Callable[[], float]
    seconds_before: float = 0.0
    usd_before: float = 0.0

    def __post_init__(self) -> None:
        self._begun = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds of this session."""
        return time.monotonic() - self._begun

    def spent(self) -> tuple[float, float]:
        """Hours and USD over all sessions; a machine's price by the hour is in it."""
        hours = (self.seconds_before + self.seconds) / 3600
        return hours, self.usd_before + self.tokens_usd() + hours * self.budget.machine_usd_per_hour

    def empty(self) -> bool:
        """True where hours or dollars are used up."""
        hours, usd = self.spent()
        over_time = self.budget.hours is not None and hours >= self.budget.hours
        return over_time or (self.budget.usd is not None and usd > self.budget.usd)


class Halt:
    """Whether new calls may start. `why` stays what it first became. `by_batch`: answers come all at once, so that
    failures in a row mean nothing before all of them are in."""

    def __init__(self, stop: Stop, purse: Purse, by_batch: bool = False) -> None:
        self.why: Literal["user", "budget", "fault"] | None = None
        self.fault: Exception | None = None
        self._stop = stop
        self._purse = purse
        self._by_batch = by_batch
        self._succeeded = False
        self._failed = 0
        self._last = ""

    def now(self) -> bool:
        """True where no new call may start."""
        if self.why is None:
            if self._stop.is_set():
                self.why = "user"
            elif self._purse.empty():
                self.why = "budget"
        return self.why is not None

    def success(self) -> None:
        """A call was answered."""
        self._succeeded, self._failed = True, 0

    def failure(self, reason: str) -> None:
        """A call failed for good. Too many in a row are an engine's fault, not a prompt's."""
        self._failed, self._last = self._failed + 1, reason
        if not self._by_batch and self._failed >= (FAILS_IN_A_ROW if self._succeeded else FAILS_AT_FIRST):
            self._too_many()

    def all_in(self) -> None:
        """All answers of some batches are in: where none of many was any good, the engine is at fault."""
        if self._by_batch and not self._succeeded and self._failed >= FAILS_AT_FIRST:
            self._too_many()

    def _too_many(self) -> None:
        self.give_up(
            EngineError(
                f"{self._failed} calls in a row failed; the last one: {self._last}",
                hint="What was answered is kept; run again when it is mended.",
            )
        )

    def give_up(self, error: EngineError | InputError) -> None:
        """Stop because of an error that a person must mend."""
        if self.why is None:
            self.why, self.fault = "fault", error
