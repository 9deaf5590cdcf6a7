"""Digests of everything in a run folder: tables by content and by bytes, other files by bytes.
Given a folder, gives name to digest. Left out: the manifest itself, which holds a digest of its own, and the empty
lock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ftsafety_spec.records.base import digest_bytes, sha256_file
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.tables import TABLES, read_parquet, table_digest

BESIDE = "policies/"
"""Where verdicts under other policies than the run's own lie."""
MANIFEST, LOCK = "manifest.json", "journal/.lock"
"""Never in the manifest: it holds a digest of its own instead, and a lock is an empty file that comes and goes."""


def manifest_of(folder: RunFolder) -> dict[str, str]:
    """`table:NAME` to content digest, and relative file name to sha256."""
    return {**table_digests(folder), **file_digests(folder)}


def table_digests(folder: RunFolder) -> dict[str, str]:
    """`table:NAME` to the digest of its rows, for the tables that are there."""
    return {
        f"table:{name}": table_digest(read_parquet(folder.table(name)))
        for name in TABLES
        if folder.table(name).exists()
    }


def file_digests(folder: RunFolder) -> dict[str, str]:
    """Relative file name to sha256 of its bytes; hidden files as well. A file that a writer is still filling, or left
    when it was killed, is none of the run's."""
    return {name: digest for name, digest in everything(folder).items() if not _is_unfinished(name)}


def everything(folder: RunFolder) -> dict[str, str]:
    """As `file_digests`, with unfinished files: what verification holds against the manifest."""
    return {name: _digest(folder.root / name) for name in sorted(_names(folder)) if not _is_outside(folder, name)}


def _names(folder: RunFolder) -> Iterator[str]:
    for path in folder.root.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            yield path.relative_to(folder.root).as_posix()


def _digest(path: Path) -> str:
    """Of a link, the digest of where it leads; a link is never followed, a pipe never read."""
    if path.is_symlink():
        return digest_bytes(b"link to " + os.fsencode(path.readlink()))
    return sha256_file(path) if path.is_file() else digest_bytes(b"no file")


def _is_outside(folder: RunFolder, name: str) -> bool:
    """The lock is outside only while it is empty: with content it is a file like any other."""
    path = folder.root / name
    return name == MANIFEST or (name == LOCK and not path.is_symlink() and path.stat().st_size == 0)


def _is_unfinished(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return last.startswith(".") and last.endswith(".tmp")
