"""Looks at the results while a run goes on. Given a watch that judges what is there, asks it at the planned shares, and
says what is still to be asked. Decides nothing itself; knows no policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from ftsafety_spec.measure.work import Work
from ftsafety_spec.records.looks import Looks


@dataclass(frozen=True)
class Directive:
    """A decision before the end: `action` is settled, and only the tasks in `whole` (`suite.task`) are still asked, all
    of their prompts, because minimum evidence wants them."""

    action: Literal["deploy", "block"]
    sentence: str
    whole: tuple[str, ...] = ()


class Watch(Protocol):
    """Judges the tables of a run folder that hold only what was asked so far."""

    @property
    def shares(self) -> Sequence[float]:
        """When to look: shares of the planned prompts, increasing, the last one 1."""

    def look(self, taken: Sequence[float]) -> Directive | None:
        """Judge now; `taken` are the shares so far, this one the last. None: go on."""


@dataclass
class Looking:
    """The looks of one measurement, and what follows from them."""

    watch: Watch
    work: Work
    taken: list[float] = field(default_factory=list)
    directive: Directive | None = None

    @property
    def shares(self) -> Sequence[float]:
        """When to look."""
        return self.watch.shares

    def due(self, share: float) -> bool:
        """True where the results are to be looked at after this share, and it is not the end."""
        return share < 1.0 and any(abs(share - planned) < 1e-9 for planned in self.shares)

    def judge(self, share: float) -> Directive | None:
        """The tables of this share are written: judge them."""
        self.taken.append(share)
        self.directive = self.watch.look(tuple(self.taken))
        return self.directive

    def part(self) -> Work:
        """What counts in the end: everything, or what was asked up to the decision and what it still wanted."""
        if self.directive is None:
            return self.work
        return self.work.upto(self.taken[-1], self.directive.whole)

    def remember(self, looks: Looks) -> None:
        """Take up a decision of an earlier session."""
        if looks.stopped is not None and looks.decided_at is not None:
            self.taken = [share for share in looks.shares if share <= looks.decided_at]
            self.directive = Directive(looks.stopped, looks.sentence or "", looks.whole)

    def record(self, reached: float) -> Looks:
        """All looks, the end's own among them. `reached`: the share that was asked, where nothing was decided."""
        end = reached if self.directive is None else prompts(self.part()) / prompts(self.work)
        share = min(1.0, round(end, 6))
        shares = tuple(self.taken) if self.taken and share <= self.taken[-1] + 1e-6 else (*self.taken, share)
        if self.directive is None:
            return Looks(shares=shares, planned=prompts(self.work))
        return Looks(
            shares=shares,
            planned=prompts(self.work),
            stopped=self.directive.action,
            decided_at=self.taken[-1],
            whole=self.directive.whole,
            sentence=self.directive.sentence,
        )


def prompts(work: Work) -> int:
    """Prompts that a work asks."""
    return sum(len(work.draws(task)) for task in work.tasks)
