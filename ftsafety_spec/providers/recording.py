"""A file of recorded answers: JSONL, an optional header of claims, then one answer a row.
Given a path, gives claims and answers by prompt digest. All mistakes of a file at once, each with its line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ftsafety_spec.errors import InputError, Problem, Where, suggest
from ftsafety_spec.records.base import clean_text, digest_text

_MOST = 20


class RecordedRow(BaseModel):
    """One row. `repeat` counts from 0 and may be left out: equal prompts are then repeats in file order."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    prompt: str = Field(min_length=1)
    id: str | int | None = None
    answer: str | None = None
    repeat: int | None = Field(None, ge=0, le=1000)
    state: Literal["ok", "filtered", "truncated", "error", "not_run"] = "ok"
    metadata: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_an_answer(self) -> RecordedRow:
        if self.answer is None and self.state in ("ok", "truncated"):
            raise ValueError(f"state {self.state} needs an answer")
        return self


@dataclass(frozen=True)
class Recorded:
    """One recorded answer: its state, and its text where there is one."""

    state: str
    text: str | None


@dataclass(frozen=True)
class Recording:
    """Claims of the header, ids and texts of the prompts in file order, answers by (prompt digest, repeat)."""

    claims: dict[str, Any]
    prompts: tuple[tuple[str | None, str], ...]
    answers: dict[tuple[str, int], Recorded]


def read_recording(path: Path) -> Recording:
    """Read and check a file. Raises InputError FTS-111 where there is none, FTS-125 with every bad row."""
    if not path.is_file():
        raise InputError("no such file of recorded answers.", code="FTS-111", where=Where(file=str(path)))
    claims: dict[str, Any] = {}
    prompts: dict[str, tuple[str | None, str]] = {}
    answers: dict[tuple[str, int], Recorded] = {}
    problems: list[Problem] = []
    for number, line in _lines(path):
        try:
            data = _parse(line)
            if "recorded" in data and not answers and not claims:
                claims = _claims(data)
                continue
            _add(_row(data), prompts, answers)
        except ValueError as error:
            problems.append(Problem("FTS-125", f"{error}.", Where(file=str(path), line=number)))
            if len(problems) >= _MOST:
                break
    if not answers and not problems:
        problems.append(Problem("FTS-125", "this file holds no recorded answer.", Where(file=str(path))))
    if problems:
        raise InputError(f"{len(problems)} bad row(s) in {path.name}", problems=problems)
    return Recording(claims, tuple(prompts.values()), answers)


def prompts_of(path: Path) -> list[tuple[str | None, str]]:
    """Ids (None where left out) and texts of the prompts that were recorded, each once, in file order."""
    return list(read_recording(path).prompts)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as handle:
        for number, line in enumerate(handle, start=1):
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if line.strip():
                yield number, line


def _parse(line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line.decode("utf-8"), object_pairs_hook=_no_twins)
    except UnicodeDecodeError:
        raise ValueError("this row is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"this row is not JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise ValueError("this row is nested too deeply") from None
    if not isinstance(data, dict):
        raise ValueError(f"a row is an object with prompt and answer; found {type(data).__name__}")
    return data


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in this row")
    return found


def _claims(data: dict[str, Any]) -> dict[str, Any]:
    if set(data) != {"recorded"} or not isinstance(data["recorded"], dict):
        raise ValueError('the header is {"recorded": {…}} and nothing else')
    return data["recorded"]


def _row(data: dict[str, Any]) -> RecordedRow:
    unknown = sorted(set(data) - set(RecordedRow.model_fields))
    if unknown:
        hint = suggest(unknown[0], RecordedRow.model_fields).rstrip(".?")
        raise ValueError(f"unknown key {unknown[0]!r} ({hint[0].lower()}{hint[1:]})")
    try:
        return RecordedRow.model_validate({k: clean_text(v) if isinstance(v, str) else v for k, v in data.items()})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{key}: {message}" if key else message) from None


def _add(
    row: RecordedRow, prompts: dict[str, tuple[str | None, str]], answers: dict[tuple[str, int], Recorded]
) -> None:
    digest = digest_text(row.prompt)
    repeat = row.repeat
    if repeat is None:
        repeat = next(number for number in range(len(answers) + 1) if (digest, number) not in answers)
    if (digest, repeat) in answers:
        raise ValueError(f"repeat {repeat} of this prompt is recorded twice")
    prompts.setdefault(digest, (None if row.id is None else str(row.id), row.prompt))
    answers[digest, repeat] = Recorded(row.state, row.answer)
