"""What a run spent, over all of its sessions: seconds and dollars, in the journal. Survives a kill up to the last
chunk. Reads the clock through its purse only."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ftsafety_spec.measure.halt import Purse
from ftsafety_spec.measure.ledger import Ledger
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.journal import Journal, read_journal


@dataclass(frozen=True)
class Spent:
    """Seconds and USD for tokens."""

    seconds: float
    usd: float


def earlier(folder: RunFolder) -> Spent:
    """What earlier sessions spent."""
    rows = list(read_journal(folder.journal / "sessions.jsonl"))
    return Spent(sum(row["seconds"] for row in rows), sum(row["usd"] for row in rows))


class Session:
    """Writes down what is spent, at each `sync` and at its end."""

    def __init__(self, folder: RunFolder, purse: Purse, ledger: Ledger) -> None:
        self._journal = Journal(folder.journal / "sessions.jsonl", batch=1)
        self._purse = purse
        self._ledger = ledger
        self._written = Spent(0.0, 0.0)

    def sync(self) -> None:
        """Write down what was spent since the last time."""
        spent = Spent(self._purse.seconds, self._ledger.usd)
        row = {"seconds": round(spent.seconds - self._written.seconds, 3), "usd": spent.usd - self._written.usd}
        self._journal.append(row)
        self._written = spent

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sync()
        self._journal.close()
