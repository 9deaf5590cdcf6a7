"""The project's store: what was ever answered or graded, by key, under `<root>/.ftsafety/store`.
Append-only JSONL, one file for each generation key and each grader identity; several processes may write at once.
Only finished answers enter it (ok, filtered, truncated): an error never does."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

REUSABLE = frozenset({"ok", "filtered", "truncated"})
VOID = "void"
"""State of a journal row that takes an earlier row of its key back."""


class StoredRows(Mapping[str, dict[str, Any]]):
    """Rows of one file by key, the last of equal keys. Keeps each row's place, not the row: 20,000 answers take a few
    megabytes. `only`: states that are let in; `better`: states that a later row of another state does not replace;
    `since`: rows of an earlier moment are left out."""

    def __init__(
        self,
        path: Path,
        key: str,
        only: frozenset[str] | None = None,
        better: frozenset[str] = frozenset(),
        since: str = "",
    ) -> None:
        self._path = path
        self._places: dict[bytes, int] = {}
        good: set[bytes] = set()
        for place, row in read_rows(path):
            if key not in row or (only is not None and row.get("state") not in only):
                continue
            if since and str(row.get("at") or "") < since:
                continue
            name = packed(row[key])
            if row.get("state") == VOID:
                self._places.pop(name, None)
                good.discard(name)
                continue
            if row.get("state") in better:
                good.add(name)
            elif name in good:
                continue
            self._places[name] = place

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and packed(key) in self._places

    def __getitem__(self, key: str) -> dict[str, Any]:
        return row_at(self._path, self._places[packed(key)])

    def __iter__(self) -> Iterator[str]:
        return (unpacked(key) for key in self._places)

    def __len__(self) -> int:
        return len(self._places)


class Store:
    """What the project knows. Nothing is created before the first write."""

    def __init__(self, root: Path) -> None:
        self.folder = root / ".ftsafety" / "store"
        self._places: dict[bytes, tuple[Path, int]] | None = None

    @property
    def batches(self) -> Path:
        """Where batches that a provider works on are written down, one file each."""
        return self.folder / "batches"

    def answered(self, generation_key: str, since: str = "") -> Mapping[str, dict[str, Any]]:
        """Answer key to its minimal row: state, reason, text digest, tokens, usd, seconds, at, scores. `since`: only
        answers that were given from that moment on."""
        return StoredRows(self._file("answers", generation_key), "answer", only=REUSABLE, since=since)

    def graded(self, grader_identity: str) -> Mapping[str, dict[str, Any]]:
        """Grade key to its minimal row: value, sure, state, reason, usd, at."""
        return StoredRows(self._file("grades", grader_identity), "grade")

    def texts(self, generation_key: str) -> Mapping[str, dict[str, Any]]:
        """Text digest to {digest, body} of the answers under a generation key."""
        return StoredRows(self._file("texts", generation_key), "digest")

    def text(self, digest: str) -> str | None:
        """A text by its digest, wherever it was stored; None where it was removed or never there."""
        if self._places is None:
            self._places = {
                packed(row["digest"]): (path, place)
                for path in sorted((self.folder / "texts").glob("*.jsonl"))
                for place, row in read_rows(path)
                if "digest" in row
            }
        found = self._places.get(packed(digest))
        return None if found is None else str(row_at(*found)["body"])

    def put_answer(self, generation_key: str, row: Mapping[str, Any]) -> None:
        """Append a finished answer; a row of another state is left out."""
        if row["state"] in REUSABLE:
            append_row(self._file("answers", generation_key), row)

    def put_text(self, generation_key: str, digest: str, body: str) -> None:
        """Append a text. Written before the answer that names it."""
        append_row(self._file("texts", generation_key), {"digest": digest, "body": body})
        self._places = None

    def put_grade(self, grader_identity: str, row: Mapping[str, Any]) -> None:
        """Append a reading."""
        append_row(self._file("grades", grader_identity), row)

    def canaries(self, identity: str) -> list[dict[str, Any]]:
        """What a provider's model said to fixed prompts, each time that it was asked."""
        return [row for _, row in read_rows(self._file("canaries", identity))]

    def put_canaries(self, identity: str, row: Mapping[str, Any]) -> None:
        """Append what was said now."""
        append_row(self._file("canaries", identity), row)

    def forget(self, identity: str, generation_keys: Iterable[str]) -> int:
        """Put the answers under these keys, and the canaries of their model, aside; how many files there were."""
        files = [self._file("canaries", identity), *(self._file("answers", key) for key in generation_keys)]
        there = [path for path in files if path.exists()]
        for path in there:
            number = len(list(path.parent.glob(f"{path.stem}.forgotten-*")))
            path.rename(path.with_name(f"{path.stem}.forgotten-{number + 1}"))
        return len(there)

    def _file(self, table: str, key: str) -> Path:
        return self.folder / table / f"{key.removeprefix('sha256:')}.jsonl"


def packed(digest: str) -> bytes:
    """A digest's 32 bytes."""
    return bytes.fromhex(digest.removeprefix("sha256:"))


def unpacked(key: bytes) -> str:
    """The digest of 32 bytes."""
    return "sha256:" + key.hex()


def append_row(path: Path, row: Mapping[str, Any]) -> None:
    """Append one JSON line under the file's lock. A line that a killed writer left torn is closed first."""
    data = json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
    handle = _opened(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        end = os.fstat(handle).st_size
        if end and os.pread(handle, 1, end - 1) != b"\n":
            data = b"\n" + data
        while data:
            data = data[os.write(handle, data) :]
    finally:
        os.close(handle)


def _opened(path: Path) -> int:
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
    try:
        return os.open(path, flags, 0o644)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o644)


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Place and row of each whole line; a torn or foreign line is passed over, for it is only asked again."""
    if not path.exists():
        return
    with path.open("rb") as handle:
        place = 0
        for line in handle:
            with suppress(ValueError):
                row = json.loads(line)
                if isinstance(row, dict) and line.endswith(b"\n"):
                    yield place, row
            place += len(line)


def row_at(path: Path, place: int) -> dict[str, Any]:
    """The row at a place that `read_rows` gave."""
    with path.open("rb") as handle:
        handle.seek(place)
        row: dict[str, Any] = json.loads(handle.readline())
        return row
