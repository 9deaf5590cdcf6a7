"""The one door to benchmark data: a folder of files as their makers published them, then the cache of fetched ones.
Given a folder (or none) and a `DataFile`, gives checked content. Never hands on bytes that differ from what a card
pins, unless they were accepted on purpose; then it tells whoever listens."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ftsafety_spec.catalog.base import DataFile
from ftsafety_spec.catalog.cache import Cache, git_blob_of, plain
from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.records.base import digest_bytes

ENVIRONMENT = "FTSAFETY_DATA"

Place = Literal["folder", "cache"]

_LISTENING: ContextVar[dict[str, str] | None] = ContextVar("ftsafety_accepted_data", default=None)


@dataclass(frozen=True)
class Found:
    """Where a data file lies. Its content is not checked yet."""

    path: Path
    place: Place


def data_folder(option: Path | None) -> Path | None:
    """The folder of benchmark data: the option, else the environment variable FTSAFETY_DATA, else None.
    Raises InputError FTS-111 where the named folder does not exist."""
    named = option if option is not None else os.environ.get(ENVIRONMENT) or None
    if named is None:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        asked = "--data" if option is not None else ENVIRONMENT
        raise InputError(f"the folder of benchmark data {folder} ({asked}) does not exist.", code="FTS-111")
    return folder


def find(data: Path | None, file: DataFile, cache: Cache | None = None) -> Found | None:
    """Where a data file lies: in the folder, else in the cache: the content that was accepted on purpose, if any, else
    the pinned one."""
    if data is not None and (data / file.name).is_file():
        return Found(data / file.name, "folder")
    cache = cache or Cache.own()
    for digest in (cache.accepted(file.name), file.sha256, cache.of_git_blob(file.git_blob)):
        if digest and cache.has(digest):
            return Found(cache.blob(digest), "cache")
    return None


def read_bytes(data: Path | None, file: DataFile) -> bytes:
    """The content of a data file, its sha256 checked.
    Raises InputError: FTS-121 where it is missing, FTS-122 where it is another content."""
    cache = Cache.own()
    found = find(data, file, cache)
    if found is None:
        raise _missing(data, file)
    content = found.path.read_bytes()
    digest = plain(digest_bytes(content))
    if not is_pinned(file, digest, git_blob_of(len(content), [content]) if file.git_blob else ""):
        if digest != cache.accepted(file.name):
            raise unexpected(file, digest, found)
        listening = _LISTENING.get()
        if listening is not None:
            listening[file.name] = f"sha256:{digest}"
    return content


def is_pinned(file: DataFile, sha256: str, git_blob: str) -> bool:
    """Whether a content with these digests is the one that the card pins; by sha256 where it states one."""
    return sha256 == plain(file.sha256) if file.sha256 else bool(git_blob) and git_blob == file.git_blob.lower()


def read_text(data: Path | None, file: DataFile) -> str:
    """A UTF-8 text file, a byte order mark aside. Raises as `read_bytes` does."""
    return read_bytes(data, file).decode("utf-8-sig")


def read_csv(data: Path | None, file: DataFile) -> list[dict[str, str]]:
    """The rows of a CSV file with a header, in file order. Raises as `read_bytes` does."""
    return list(csv.DictReader(io.StringIO(read_text(data, file), newline="")))


def read_json(data: Path | None, file: DataFile) -> Any:
    """The value that a JSON file holds. Raises as `read_bytes` does."""
    return json.loads(read_text(data, file))


def count_rows(data: Path | None, file: DataFile) -> int:
    """How many rows a data file holds: of a CSV file, of a JSON list, or lines that are not empty."""
    suffix = Path(file.name).suffix.lower()
    if suffix == ".csv":
        return len(read_csv(data, file))
    if suffix == ".json":
        return len(read_json(data, file))
    return sum(bool(line.strip()) for line in read_text(data, file).splitlines())


@contextmanager
def noting_accepted() -> Iterator[dict[str, str]]:
    """File name to digest of every content that is read inside and is not the pinned one."""
    noted: dict[str, str] = {}
    token = _LISTENING.set(noted)
    try:
        yield noted
    finally:
        _LISTENING.reset(token)


def unexpected(file: DataFile, sha256: str, found: Found | None = None) -> InputError:
    """The error for a content that is not the pinned one: expected, found, and the way to accept it on purpose."""
    where = Where(str(found.path)) if found is not None else None
    if found is not None and found.place == "cache":
        return InputError(
            f"{file.name}: its content in the cache has been damaged: found sha256:{sha256}.",
            code="FTS-122",
            where=where,
            hint=f"`ftsafety data fetch {file.name}` gets it again.",
        )
    expected = f"sha256:{plain(file.sha256)}" if file.sha256 else f"git blob {file.git_blob}" if file.git_blob else ""
    if expected:
        message = f"{file.name}: the content is not the pinned one: expected {expected}, found sha256:{sha256}."
        first = f"Take it unaltered from {file.source}."
    else:
        message = f"{file.name}: no content is pinned for this file: found sha256:{sha256}."
        first = "Look at where it comes from."
    return InputError(
        message,
        code="FTS-122",
        where=where,
        hint=f"{first} To use this very content on purpose, which plans and reports will then say: "
        f"`ftsafety data fetch {file.name} --accept {file.name}={sha256}`, with `--from DIR` for a copy at hand.",
    )


def _missing(data: Path | None, file: DataFile) -> InputError:
    looked = f"neither at {data / file.name} nor in the cache" if data is not None else "it is not in the cache"
    return InputError(
        f"the benchmark data {file.name} is not at hand: {looked}.",
        code="FTS-121",
        hint=f"`ftsafety data fetch {file.name}` (or `--spec SPEC`, for all that a spec needs) gets it from "
        f"{file.source}; or name a folder that holds it by --data DIR or {ENVIRONMENT}.",
    )
