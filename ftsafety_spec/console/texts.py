"""Single texts and answers of a run, by digest: given a run's tables, gives what a page shows. Never reads a whole
table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.tables import connect


def bodies(folder: RunFolder, digests: Iterable[str | None]) -> dict[str, str]:
    """Digest to text; what is not in it is withheld."""
    return dict(_found(folder.table("texts"), "digest, body", "digest", digests))


def variants_of(folder: RunFolder, answers: Iterable[str]) -> dict[str, list[str]]:
    """Answer key to the variants that gave it."""
    found: dict[str, list[str]] = {}
    for answer, variant in sorted(set(_found(folder.table("answers"), "answer, variant", "answer", answers))):
        found.setdefault(answer, []).append(variant)
    return found


def _found(path: Path, columns: str, by: str, names: Iterable[str | None]) -> list[tuple[str, str]]:
    wanted = sorted({name for name in names if name is not None})
    if not wanted or not path.exists():
        return []
    marks = ", ".join("?" * len(wanted))  # constants are pushed down to the row groups, a list would not be
    with connect(rows=path) as db:
        rows = db.execute(f"SELECT {columns} FROM rows WHERE {by} IN ({marks})", wanted).fetchall()
    return [(str(first), str(second)) for first, second in rows]
