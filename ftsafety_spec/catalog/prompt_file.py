"""Own prompts: a JSONL or CSV file with a column `prompt`, and what else is known of each row.
Given a path and the task's defaults, gives prompts. Never skips a row: all that cannot be used are reported at once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from ftsafety_spec.catalog import answer_columns, turn_columns, wrapped_columns
from ftsafety_spec.catalog.base import Prompt, Turn, UserTurn
from ftsafety_spec.errors import InputError, Problem, SpecError, Where, suggest
from ftsafety_spec.records.base import clean_text, digest_text
from ftsafety_spec.spec.common import AREAS, PromptKind

LABELS = ("id", "kind", "category", "area", "pair", "condition")
COLUMNS = ("prompt", *LABELS, *answer_columns.COLUMNS, *turn_columns.COLUMNS, *wrapped_columns.COLUMNS)
KINDS: tuple[str, ...] = get_args(PromptKind)
MOST_BYTES = 256 * 1024 * 1024
MOST_CHARACTERS = 100_000
MOST_LABEL = 200
MOST_PROBLEMS = 50

Row = tuple[int, Mapping[str, Any]]


@dataclass(frozen=True)
class Defaults:
    """What the suite's task says for rows that do not say it themselves. `keyed`: every row must have an `answer`."""

    kind: PromptKind | None = None
    area: str | None = None
    keyed: bool = False


def read_prompt_file(path: Path, defaults: Defaults = Defaults(), shown: str | None = None) -> list[Prompt]:
    """All prompts of a `.jsonl` or `.csv` file, in file order; `shown` is its name in messages.
    A row without `id` gets one from its digest, without `area` "other" (benign: "none"), without `category` its area.
    Raises InputError FTS-111 (no such file), FTS-100 (no UTF-8 text), SpecError FTS-112 with every bad row."""
    name = shown or str(path)
    text = _text(path, name)
    problems: list[Problem] = []
    rows = list(_csv_rows(text, name, problems) if path.suffix.lower() == ".csv" else _json_rows(text, name, problems))
    prompts = [_prompt(row, Where(name, line), defaults, problems) for line, row in rows]
    read = [(line, prompt) for (line, _), prompt in zip(rows, prompts, strict=True) if prompt is not None]
    _refuse_duplicates(read, name, problems)
    if not rows and not problems:
        problems.append(Problem("FTS-112", "the file holds no prompts.", Where(name)))
    if problems:
        raise SpecError(_capped(problems, name))
    return [prompt for _, prompt in read]


def _text(path: Path, name: str) -> str:
    if path.suffix.lower() not in (".jsonl", ".csv"):
        raise InputError("a prompt file ends in .jsonl or .csv.", code="FTS-112", where=Where(name))
    if not path.is_file():
        raise InputError("no such prompt file.", code="FTS-111", where=Where(name))
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"the file is larger than {MOST_BYTES} bytes.", code="FTS-112", where=Where(name))
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text (byte {error.start}).", code="FTS-100", where=Where(name)) from error


def _json_rows(text: str, name: str, problems: list[Problem]) -> Iterator[Row]:
    for line, raw in enumerate(text.split("\n"), start=1):
        if not raw.strip():
            continue
        try:
            row = json.loads(raw, object_pairs_hook=_no_key_twice)
        except (ValueError, RecursionError) as error:
            problems.append(_bad(Where(name, line), f"not a JSON object: {getattr(error, 'msg', None) or error}."))
            continue
        if isinstance(row, dict):
            yield line, row
        else:
            problems.append(_bad(Where(name, line), f"expected a JSON object, found {type(row).__name__}."))


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("a key is given twice")
    return row


def _csv_rows(text: str, name: str, problems: list[Problem]) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        header = [column.strip() for column in next(reader, [])]
        if not _header_fits(header, Where(name, 1), problems):
            return
        begins = reader.line_num + 1
        for cells in reader:
            if len(cells) > len(header) or (cells and len(cells) < len(header)):
                problems.append(_bad(Where(name, begins), f"expected {len(header)} columns, found {len(cells)}."))
            elif cells:  # an empty cell means "not said"; an empty prompt is refused later
                yield begins, {k: v for k, v in zip(header, cells, strict=True) if v.strip() or k == "prompt"}
            begins = reader.line_num + 1
    except csv.Error as error:
        problems.append(_bad(Where(name, begins), f"not well-formed CSV: {error}."))


def _header_fits(header: list[str], where: Where, problems: list[Problem]) -> bool:
    before = len(problems)
    if "prompt" not in header:
        problems.append(_bad(where, f"the header has no column `prompt`; found {', '.join(header) or 'nothing'}."))
    if len(set(header)) != len(header):
        problems.append(_bad(where, "the header names a column twice."))
    problems.extend(_bad(where, f"unknown column {c!r}.", suggest(c, COLUMNS)) for c in header if c not in COLUMNS)
    return len(problems) == before


def _prompt(row: Mapping[str, Any], where: Where, defaults: Defaults, problems: list[Problem]) -> Prompt | None:
    before = len(problems)
    problems.extend(_bad(where, f"unknown key {k!r}.", suggest(k, COLUMNS)) for k in row if k not in COLUMNS)
    text = _prompt_text(row, where, problems)
    labels = {key: _label(row, key, where, problems) for key in LABELS}
    text, metadata = _keyed(text, row, defaults, where, problems)
    turns, asks = _turns(row, where, problems)
    request, turns_before = _wrapping(row, where, problems)
    usual = "conversation" if turns else defaults.kind or "harmful"
    kind = _one_of("kind", labels["kind"] or usual, KINDS, where, problems)
    if turns and (kind != "conversation" or metadata):
        problems.append(_bad(where, "a row with `turns` is of the kind conversation, and has no `answer`."))
    area = _one_of("area", _area(labels["area"], kind, defaults), AREAS, where, problems)
    if len(problems) > before:
        return None
    return Prompt(
        id=labels["id"] or digest_text(text)[7:19],
        text=text,
        kind=cast(PromptKind, kind),
        category=labels["category"] or area,
        area=area,
        pair=labels["pair"],
        condition=labels["condition"] or "plain",
        metadata=metadata,
        before=turns_before,
        request=request,
        turns=turns,
        asks=asks,
    )


def _turns(row: Mapping[str, Any], where: Where, problems: list[Problem]) -> tuple[tuple[UserTurn, ...], bool]:
    try:
        return turn_columns.turns_of(row)
    except turn_columns.BadTurns as error:
        problems.append(_bad(where, str(error)))
        return (), True


def _wrapping(row: Mapping[str, Any], where: Where, problems: list[Problem]) -> tuple[str | None, tuple[Turn, ...]]:
    try:
        return wrapped_columns.wrapping_of(row)
    except wrapped_columns.BadWrapping as error:
        problems.append(_bad(where, str(error)))
        return None, ()


def _keyed(
    text: str, row: Mapping[str, Any], defaults: Defaults, where: Where, problems: list[Problem]
) -> tuple[str, dict[str, Any]]:
    try:
        asked, metadata = answer_columns.keyed(text, row)
    except answer_columns.BadKey as error:
        problems.append(_bad(where, str(error)))
        return text, {}
    if defaults.keyed and not metadata:
        problems.append(_bad(where, "the key `answer` is missing."))
    return asked, metadata


def _area(said: str | None, kind: str, defaults: Defaults) -> str:
    if kind in ("benign", "capability"):
        return said or "none"  # a task's area of harm is about its harmful rows
    return said or defaults.area or "other"


def _prompt_text(row: Mapping[str, Any], where: Where, problems: list[Problem]) -> str:
    text = row.get("prompt")
    if text is None:
        problems.append(_bad(where, "the key `prompt` is missing."))
    elif not isinstance(text, str):
        problems.append(_bad(where, f"`prompt` is {type(text).__name__}, expected text."))
    elif not text.strip():
        problems.append(_bad(where, "`prompt` is empty."))
    elif len(text) > MOST_CHARACTERS:
        problems.append(_bad(where, f"`prompt` has {len(text)} characters; at most {MOST_CHARACTERS} are allowed."))
    elif text != clean_text(text) or "\0" in text:
        problems.append(_bad(where, "`prompt` holds characters that are no text (a lone surrogate or NUL)."))
    return text if isinstance(text, str) else ""


def _label(row: Mapping[str, Any], key: str, where: Where, problems: list[Problem]) -> str | None:
    value = row.get(key)
    if value is None:
        return None
    if key == "id" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_LABEL or not value.isprintable():
        problems.append(_bad(where, f"`{key}` must be one printable line of 1 to {MOST_LABEL} characters."))
        return None
    return value.strip()


def _one_of(key: str, value: str, known: Any, where: Where, problems: list[Problem]) -> str:
    if value not in known:
        problems.append(_bad(where, f"no such {key}: {value[:80]!r}.", suggest(value, known, most=20)))
    return value


def _refuse_duplicates(read: list[tuple[int, Prompt]], name: str, problems: list[Problem]) -> None:
    first: dict[tuple[str, str], int] = {}
    for line, prompt in read:
        seen = first.setdefault((prompt.id, prompt.condition), line)
        if seen != line:
            problems.append(_bad(Where(name, line), f"the id {prompt.id!r} is already used on line {seen}."))


def _bad(where: Where, message: str, hint: str | None = None) -> Problem:
    return Problem("FTS-112", message, where, hint)


def _capped(problems: list[Problem], name: str) -> list[Problem]:
    problems = sorted(problems, key=lambda problem: problem.where.line or 0)
    rest = len(problems) - MOST_PROBLEMS
    if rest <= 0:
        return problems
    return [*problems[:MOST_PROBLEMS], _bad(Where(name), f"and {rest} more bad rows.")]
