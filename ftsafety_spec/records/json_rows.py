"""Rows of a JSONL file that people filled in. Given a path, gives each object with its place; a line that is none is a
problem with its number. Never shows what a line holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ftsafety_spec.errors import InputError, Problem, Where, suggest


def json_rows(
    path: Path, problems: list[Problem], code: str, known: Sequence[str] | None = None
) -> Iterator[tuple[Where, dict[str, Any]]]:
    """Place and object of every line that is not blank. Lines that hold no object, and keys beside the `known` ones,
    are added to `problems` under `code`. Raises InputError FTS-100 where the file is not UTF-8."""
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text.", code="FTS-100", where=Where(str(path))) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where, row = Where(str(path), number), _object(line)
        if row is None:
            problems.append(Problem(code, "expected a JSON object.", where))
            continue
        unknown = [] if known is None else [key for key in row if key not in known]
        problems += [Problem(code, f"unknown key {key!r}.", where, suggest(key, known or ())) for key in unknown]
        yield where, row


def _object(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None
