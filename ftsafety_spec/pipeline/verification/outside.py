"""Files that somebody else wrote: JSON and its mistakes. Given a path, gives plain data or says what is wrong with it
by place; sizes and depths are bounded, no number is NaN, no key stands twice. Never prints what a file holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from ftsafety_spec.errors import InputError, Problem, SpecError, Where
from ftsafety_spec.records.safe_json import CONTROLS

MOST_BYTES = 256 * 2**20
MOST_PROBLEMS = 20
CODE = "FTS-139"


def text_of(path: Path, most: int = MOST_BYTES) -> str:
    """A file's UTF-8 text. Raises InputError FTS-111, FTS-100, FTS-139 (too large)."""
    where = Where(file=str(path))
    if not path.is_file():
        raise InputError("no such file.", code="FTS-111", where=where)
    if path.stat().st_size > most:
        raise bad(path, f"it is larger than {most} bytes")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text (byte {error.start}).", code="FTS-100", where=where) from error


def json_of(text: str, path: Path, at: int | None = None) -> Any:
    """JSON data of a text. Raises InputError FTS-139."""
    try:
        return json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)
    except RecursionError as error:
        raise bad(path, "it is nested too deeply", at) from error
    except ValueError as error:
        why = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) and not at else str(error)
        raise bad(path, f"it is no JSON: {why}", at) from error


def bad(path: Path, why: str, at: int | None = None, hint: str | None = None) -> InputError:
    """The error of a report that cannot be used."""
    return InputError(f"this report cannot be used: {why}.", code=CODE, where=Where(str(path), at), hint=hint)


def not_sound(path: Path, error: ValidationError, at: int | None = None) -> SpecError:
    """Every mistake of a report by its key path, some of them where there are many."""
    found = error.errors(include_input=False, include_url=False)
    problems = [_problem(path, item["loc"], item["msg"], at) for item in found[:MOST_PROBLEMS]]
    if len(found) > MOST_PROBLEMS:
        problems.append(Problem(CODE, f"and {len(found) - MOST_PROBLEMS} more.", Where(str(path))))
    return SpecError(problems)


def line(text: str) -> str:
    """Text on one line that a report may hold: no character that a terminal obeys, at most 200."""
    return " ".join(CONTROLS.sub(" ", text).split())[:200] or "–"


def _problem(path: Path, loc: Sequence[str | int], message: str, at: int | None) -> Problem:
    key = ".".join(str(part)[:80] for part in loc)
    return Problem(CODE, f"{message.removeprefix('Value error, ')}.", Where(str(path), at, key=key or None))


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key stands twice")
    return data
