"""The cache of benchmark data: files named by their sha256, and which other contents were accepted on purpose.
Given contents, gives paths. Never holds a file under a digest that is not its own, and never decides what is accepted.

    <cache>/data/sha256/<64 hex digits>        contents
    <cache>/data/git/<40 hex digits>           sha256 of the content that has this git blob id
    <cache>/data/accepted/<file name>.json     {"name", "sha256", "pinned", "at"}
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from ftsafety_spec.catalog.base import DataFile
from ftsafety_spec.records.folder import write_atomically

ENVIRONMENT = "FTSAFETY_CACHE"
CHUNK = 1 << 20
A_DAY = 86_400.0


def cache_folder() -> Path:
    """Where downloads are kept: FTSAFETY_CACHE, else `ftsafety` in the user's folder for caches (XDG_CACHE_HOME)."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        return Path(named).expanduser()
    return _user_caches() / "ftsafety"


def _user_caches() -> Path:
    named = os.environ.get("XDG_CACHE_HOME")
    if named and Path(named).is_absolute():  # a relative one is to be ignored, says the standard
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"])
    return Path.home() / ".cache"


def plain(sha256: str) -> str:
    """The 64 hex digits of a digest, in lower case, without `sha256:`."""
    return sha256.lower().removeprefix("sha256:")


def file_digest(path: Path) -> str:
    """The sha256 of a file as 64 hex digits, read in pieces."""
    found = hashlib.sha256()
    for chunk in chunks_of(path):
        found.update(chunk)
    return found.hexdigest()


def git_blob_of(size: int, chunks: Iterable[bytes]) -> str:
    """The id (sha1) that git gives to a file's content, which is `size` bytes long."""
    found = hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    for chunk in chunks:
        found.update(chunk)
    return found.hexdigest()


def chunks_of(path: Path) -> Iterator[bytes]:
    """A file in pieces of 1 MiB."""
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            yield chunk


@dataclass(frozen=True)
class Arrived:
    """A content that has been written beside the cache's own and is not yet part of it."""

    path: Path
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Cache:
    """The cache below `root`; folders are made when something is written."""

    root: Path

    @classmethod
    def own(cls) -> Cache:
        """The user's cache."""
        return cls(cache_folder())

    @property
    def blobs(self) -> Path:
        """The folder of contents."""
        return self.root / "data" / "sha256"

    def blob(self, sha256: str) -> Path:
        """Where the content with this digest lies, whether or not it is there."""
        return self.blobs / plain(sha256)

    def has(self, sha256: str) -> bool:
        """Whether the content is there (its digest is checked by whoever reads it)."""
        return bool(sha256) and self.blob(sha256).is_file()

    def arrive(self, chunks: Iterable[bytes]) -> Arrived:
        """Write a content under a temporary name, hashing it. Whatever `chunks` raises removes it again."""
        self.blobs.mkdir(parents=True, exist_ok=True)
        self._sweep()
        found, size = hashlib.sha256(), 0
        path = self.blobs / f".part-{uuid4().hex}"
        try:
            with path.open("xb") as handle:
                for chunk in chunks:
                    found.update(chunk)
                    size += handle.write(chunk)
                handle.flush()
                os.fsync(handle.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Arrived(path, found.hexdigest(), size)

    def _sweep(self) -> None:
        """Remove what a killed process left behind, once it is a day old."""
        for path in self.blobs.glob(".part-*"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > A_DAY:
                    path.unlink()

    def keep(self, arrived: Arrived) -> Path:
        """Make an arrived content part of the cache, at once and whole."""
        return arrived.path.replace(self.blob(arrived.sha256))

    def of_git_blob(self, blob: str) -> str | None:
        """The sha256 of the content that was kept under this git blob id; None where none was."""
        try:
            return plain((self.root / "data" / "git" / blob.lower()).read_text(encoding="ascii").strip()) or None
        except (OSError, ValueError):
            return None

    def note_git_blob(self, blob: str, sha256: str) -> None:
        """Remember which content has this git blob id."""
        write_atomically(self.root / "data" / "git" / blob.lower(), plain(sha256) + "\n")

    def drop(self, arrived: Arrived) -> None:
        """Remove an arrived content that is not to be kept."""
        arrived.path.unlink(missing_ok=True)

    def accepted(self, name: str) -> str | None:
        """The digest that was accepted on purpose for a file of this name; None where none was."""
        try:
            data = json.loads(self._acceptance(name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        found = data.get("sha256") if isinstance(data, Mapping) else None
        return plain(found) if isinstance(found, str) and found else None

    def accept(self, file: DataFile, sha256: str) -> None:
        """Remember that this content is taken for the file although it is not the pinned one."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        data = {"name": file.name, "sha256": plain(sha256), "pinned": plain(file.sha256) or None, "at": at}
        write_atomically(self._acceptance(file.name), json.dumps(data, indent=1) + "\n")

    def withdraw(self, name: str) -> None:
        """Forget what was accepted for a file."""
        self._acceptance(name).unlink(missing_ok=True)

    def _acceptance(self, name: str) -> Path:
        return self.root / "data" / "accepted" / f"{quote(name, safe='')}.json"
