"""Digests of everything in a run folder: tables by content and by bytes, other files by bytes.
Given a folder, gives name to digest. Left out: the manifest itself, locks, and verdicts under other policies, which
carry their own digests."""

from __future__ import annotations

from ftsafety_spec.records.base import sha256_file
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.tables import TABLES, read_parquet, table_digest

BESIDE = "policies/"
"""Where verdicts under other policies than the run's own lie."""


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
    """Relative file name to sha256 of its bytes."""
    names = (path.relative_to(folder.root).as_posix() for path in sorted(folder.root.rglob("*")) if path.is_file())
    return {name: sha256_file(folder.root / name) for name in names if not _is_left_out(name)}


def _is_left_out(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return name == "manifest.json" or name.startswith(BESIDE) or last.startswith(".") or last.endswith(".lock")
