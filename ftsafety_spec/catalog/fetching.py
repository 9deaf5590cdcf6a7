"""Bring a benchmark's files into the cache: from their canonical home, or from a local copy.
Given data files, gives what became of each. Never keeps a content that is neither pinned nor accepted on purpose."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ftsafety_spec.catalog.base import DataFile, Gate
from ftsafety_spec.catalog.cache import Arrived, Cache, chunks_of, file_digest, git_blob_of, plain
from ftsafety_spec.catalog.data_door import is_pinned, unexpected
from ftsafety_spec.catalog.download import Cut, Limits, Refused, opened, shown
from ftsafety_spec.errors import InputError, NotFoundError

State = Literal["fetched", "at hand", "accepted"]
Progress = Callable[[str, int, int | None], None]
"""Told the file's name, the bytes so far and the bytes announced."""


@dataclass(frozen=True)
class Fetched:
    """One file that is in the cache now. `state`: at hand: it was there before; accepted: not the pinned content."""

    name: str
    sha256: str
    bytes: int
    state: State


def fetch(
    file: DataFile,
    cache: Cache,
    *,
    gate: Gate | None = None,
    source: Path | None = None,
    accept: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    progress: Progress = lambda _name, _done, _size: None,
) -> Fetched:
    """Bring one file into the cache. `source`: a folder to copy from; `accept`: the digest that is taken although it is
    not the pinned one. Raises InputError: FTS-121 where `source` does not hold it, FTS-122 for another content,
    FTS-123 for a token that is not set, FTS-129 where it cannot be fetched."""
    there = _there(file, cache, accept)
    if there is not None:
        return there
    arrived = _copied(file, source, cache) if source is not None else _downloaded(file, gate, cache, limits, progress)
    try:
        return _judged(file, arrived, cache, accept)
    finally:
        cache.drop(arrived)


def copy_of(file: DataFile, source: Path) -> Path | None:
    """Where a local copy holds the file: under its name, or under the bare file name; None where it does not."""
    for path in (source / file.name, source / Path(file.name).name):
        if path.is_file():
            return path
    return None


def _there(file: DataFile, cache: Cache, accept: str | None) -> Fetched | None:
    """What is in the cache already and whole; a damaged content is removed, so that it is fetched again. Without
    `accept`, what was accepted before only stays while nothing is pinned: else the pinned content is meant again."""
    pinned = file.sha256 or cache.of_git_blob(file.git_blob) or ""
    wanted: list[tuple[str, State]] = [(pinned, "at hand")]
    if accept is not None and plain(accept) != plain(pinned):
        wanted = [(plain(accept), "accepted")]
    elif not (file.sha256 or file.git_blob):
        wanted.append((cache.accepted(file.name) or "", "accepted"))
    for digest, state in wanted:
        if not cache.has(digest):
            continue
        path = cache.blob(digest)
        if file_digest(path) != plain(digest):
            path.unlink(missing_ok=True)
            continue
        if state == "accepted":
            cache.accept(file, digest)
        else:
            cache.withdraw(file.name)
        return Fetched(file.name, plain(digest), path.stat().st_size, state)
    return None


def _judged(file: DataFile, arrived: Arrived, cache: Cache, accept: str | None) -> Fetched:
    """Keep what is pinned, or what was accepted; refuse everything else."""
    blob = git_blob_of(arrived.bytes, chunks_of(arrived.path)) if file.git_blob else ""
    if is_pinned(file, arrived.sha256, blob):
        cache.keep(arrived)
        if blob:
            cache.note_git_blob(blob, arrived.sha256)
        cache.withdraw(file.name)
        return Fetched(file.name, arrived.sha256, arrived.bytes, "fetched")
    if arrived.sha256 not in (plain(accept or ""), cache.accepted(file.name)):
        raise unexpected(file, arrived.sha256)
    cache.keep(arrived)
    cache.accept(file, arrived.sha256)
    return Fetched(file.name, arrived.sha256, arrived.bytes, "accepted")


def _copied(file: DataFile, source: Path, cache: Cache) -> Arrived:
    path = copy_of(file, source)
    if path is None:
        raise InputError(
            f"{file.name} is not in {source}.",
            code="FTS-121",
            hint=f"Its home is {file.source}; without --from it is fetched from there.",
        )
    return cache.arrive(chunks_of(path))


def _downloaded(file: DataFile, gate: Gate | None, cache: Cache, limits: Limits, progress: Progress) -> Arrived:
    token = _token(file, gate)
    for number in range(1, limits.tries + 1):
        try:
            with opened(file.source, token, limits) as (size, pieces):
                return cache.arrive(_counted(file.name, pieces, size, progress))
        except Refused as refused:
            raise _refused(file, gate, refused, asked=token is not None) from refused
        except Cut as cut:
            if number == limits.tries:
                raise InputError(
                    f"{file.name} cannot be fetched from {shown(file.source)}: {cut} ({number} tries).",
                    code="FTS-129",
                    hint="Try again later, or name a local copy by --from DIR.",
                ) from cut
            time.sleep(limits.pause * number)
    raise AssertionError("at least one try is made")


def _counted(name: str, pieces: Iterable[bytes], size: int | None, progress: Progress) -> Iterator[bytes]:
    done = 0
    for piece in pieces:
        done += len(piece)
        progress(name, done, size)
        yield piece


def _token(file: DataFile, gate: Gate | None) -> str | None:
    if gate is None:
        return None
    token = os.environ.get(gate.token_env, "").strip()
    if not token:
        raise InputError(
            f"{file.name} is gated: its makers hand it out on request, and the environment variable {gate.token_env} "
            "that should hold your token is not set.",
            code="FTS-123",
            hint=f"Access is granted at {gate.page}; then `export {gate.token_env}=…`, or name a copy by --from DIR.",
        )
    return token


def _refused(file: DataFile, gate: Gate | None, refused: Refused, *, asked: bool) -> InputError:
    if gate is not None and asked and refused.status in (401, 403):
        return InputError(
            f"{file.name} is gated, and the token in {gate.token_env} was refused (status {refused.status}).",
            code="FTS-129",
            hint=f"Ask for access at {gate.page}, with the account that the token belongs to.",
        )
    return InputError(
        f"{file.name} cannot be fetched: {refused}.",
        code="FTS-129",
        hint="If it has moved, name a copy by --from DIR: what counts is its content.",
    )


def by_name(names: Mapping[str, str], files: Iterable[DataFile]) -> dict[str, str]:
    """`--accept NAME=SHA256` by full file name; the bare file name will do where only one file has it.
    Raises InputError FTS-104 for a file that is not among these, FTS-106 for what is no sha256."""
    known = {file.name for file in files}
    found: dict[str, str] = {}
    for name, digest in names.items():
        full = [item for item in sorted(known) if name == item or name == Path(item).name]
        if len(full) != 1:
            raise NotFoundError("data file among those to be fetched", name, known)
        if len(plain(digest)) != 64 or set(plain(digest)) - set("0123456789abcdef"):
            raise InputError(f"--accept {name}: a sha256 is 64 hex digits.", code="FTS-106")
        found[full[0]] = plain(digest)
    return found
