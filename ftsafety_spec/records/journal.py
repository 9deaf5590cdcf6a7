"""The append-only journal of a running measurement: JSONL, flushed per row, fsynced per batch.
A torn last line (power cut, kill) is dropped on reading and cut off before the next append."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self


class Journal:
    """One JSONL file. Use as a context manager; `append` survives a kill, `sync` survives a power cut."""

    def __init__(self, path: Path, batch: int = 64) -> None:
        self.path = path
        self.batch = batch
        self._pending = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        _cut_torn_line(path)
        self._handle: IO[str] = path.open("a", encoding="utf-8")

    def append(self, row: Mapping[str, Any]) -> None:
        """Write one row and flush it to the operating system; fsync each `batch` rows."""
        self._handle.write(json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n")
        self._handle.flush()
        self._pending += 1
        if self._pending >= self.batch:
            self.sync()

    def sync(self) -> None:
        """Force what was appended to the disk."""
        os.fsync(self._handle.fileno())
        self._pending = 0

    def close(self) -> None:
        """Sync and close."""
        if not self._handle.closed:
            self.sync()
            self._handle.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_journal(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a journal; a torn last line is left out, a broken line elsewhere raises ValueError."""
    if not path.exists():
        return
    with path.open("rb") as handle:
        for number, line in enumerate(handle, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                yield json.loads(line)
            except ValueError as error:
                raise ValueError(f"{path.name}:{number}: not a JSON row") from error


def _cut_torn_line(path: Path) -> None:
    if not path.exists():
        return
    with path.open("rb+") as handle:
        end = handle.seek(0, os.SEEK_END)
        position = end
        while position > 0:
            step = min(65536, position)
            handle.seek(position - step)
            block = handle.read(step)
            index = block.rfind(b"\n")
            if index >= 0:
                position = position - step + index + 1
                break
            position -= step
        if position < end:
            handle.truncate(position)
