"""Digests of everything in a run folder: tables by content, other files by bytes. The journal is left out: it is what
the tables were made of. Given a folder, gives name to digest."""

from __future__ import annotations

from ftsafety_spec.records.base import sha256_file
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.tables import TABLES, read_parquet, table_digest

_LEFT_OUT = ("manifest.json", "lock")


def manifest_of(folder: RunFolder) -> dict[str, str]:
    """`table:NAME` to content digest, and relative file name to sha256."""
    found = {}
    for name in TABLES:
        if folder.table(name).exists():
            found[f"table:{name}"] = table_digest(read_parquet(folder.table(name)))
    for path in sorted(folder.root.rglob("*")):
        name = path.relative_to(folder.root).as_posix()
        if path.is_file() and not _is_left_out(name):
            found[name] = sha256_file(path)
    return found


def _is_left_out(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return name.startswith("journal/") or last in _LEFT_OUT or last.startswith(".") or last.endswith(".lock")
