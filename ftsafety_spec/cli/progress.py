"""How far a measurement is, to stderr: a bar with rate, time left and spend on a terminal, else a line every ten
seconds. Implements `measure.Progress`; never prints a prompt or an answer."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ftsafety_spec.cli.text import duration, safe

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from ftsafety_spec.measure import Progress

_EVERY = 10.0
_ENOUGH = 5


@dataclass
class Tally:
    """Counts of one measurement. `total`: calls that are to be made now; `cached`: answers that were there."""

    total: int = 0
    cached: int = 0
    done: int = 0
    graded: int = 0
    tokens: int = 0
    usd: float = 0.0
    unpriced: bool = False
    begun: float = field(default_factory=time.monotonic)

    def answered(self, tokens: int, usd: float | None) -> None:
        """Count one answer."""
        self.done += 1
        self.tokens += tokens
        self.usd += usd or 0.0
        self.unpriced = self.unpriced or usd is None

    def summary(self, now: float) -> str:
        """Rate, time left and spend: `3.1/s · 4 min left · 0.42 USD`."""
        seconds = max(now - self.begun, 1e-9)
        parts = []
        if self.done:
            parts.append(f"{self.done / seconds:.1f}/s")
            if _ENOUGH <= self.done < self.total:  # the first answers wait for the engine to load
                parts.append(f"{duration((self.total - self.done) * seconds / self.done)} left")
        parts.append("spend unknown" if self.unpriced else f"{self.usd:.2f} USD")
        return " · ".join(parts)


class Lines:
    """Progress where nobody watches: one line when something begins or ends, and every ten seconds."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._last = 0.0
        self._ended = False

    def started(self, total_calls: int, cached: int) -> None:
        """So many calls are to be made; so many answers are there already."""
        self.tally = Tally(total_calls, cached)
        self._last = time.monotonic()
        self.note(f"{total_calls} calls to make, {cached} answered before")

    def answered(self, variant: str, task: str, tokens: int, usd: float | None, seconds: float) -> None:  # noqa: ARG002
        """One answer has come."""
        self.tally.answered(tokens, usd)
        now = time.monotonic()
        if now - self._last >= _EVERY:
            self._last = now
            self.note(f"{self.tally.done}/{self.tally.total} answered · {self.tally.summary(now)}")

    def graded(self, n: int) -> None:
        """So many answers were graded."""
        self.tally.graded += n

    def note(self, message: str) -> None:
        """A line for a person."""
        print(safe(message), file=sys.stderr, flush=True)

    def finished(self) -> None:
        """Nothing more will come; said once."""
        if self._ended:
            return
        self._ended = True
        self.note(f"{self.tally.done} answered, {self.tally.graded} graded · {self.tally.summary(time.monotonic())}")


class Bar:
    """Progress on a terminal."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def started(self, total_calls: int, cached: int) -> None:
        """Show the bar."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        from ftsafety_spec.cli.output import console

        self.tally = Tally(total_calls, cached)
        self._bar = Progress(
            TextColumn("answers", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[info]}", markup=False),
            console=console(stderr=True),
        )
        before = f"{cached} answered before" if cached else ""
        self._task = self._bar.add_task("answers", total=total_calls, info=before)
        self._bar.start()

    def answered(self, variant: str, task: str, tokens: int, usd: float | None, seconds: float) -> None:  # noqa: ARG002
        """Move the bar by one."""
        self.tally.answered(tokens, usd)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self.tally.done, info=self.tally.summary(time.monotonic()))

    def graded(self, n: int) -> None:
        """So many answers were graded."""
        self.tally.graded += n

    def note(self, message: str) -> None:
        """A line above the bar."""
        if self._bar is None:
            print(safe(message), file=sys.stderr, flush=True)
        else:
            from rich.text import Text

            self._bar.console.print(Text(safe(message)))

    def finished(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def progress_display() -> Progress:
    """The display that fits where stderr goes."""
    return Bar() if sys.stderr.isatty() else Lines()
