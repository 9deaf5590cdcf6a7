"""Rows of a file of training data, as texts. Given a JSONL, JSON or Parquet file in one of the usual shapes (messages,
prompt and completion, instruction and output, plain text), gives what the user says and what the model answers.
Streams; runs nothing; what it cannot read is counted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ASKED = ("prompt", "instruction", "question", "input", "query")
ANSWERED = ("completion", "response", "output", "answer", "chosen")
LONGEST = 20_000
"""Characters of a row that are looked at."""


@dataclass(frozen=True)
class Row:
    """One example: what stands before the answer, and the answer; either may be empty."""

    asked: str
    answer: str

    @property
    def text(self) -> str:
        """Both."""
        return f"{self.asked}\n{self.answer}"


def rows_of(path: Path) -> Iterator[Row | None]:
    """Each row; None for one in no known shape. Raises OSError, and ValueError for a file that is none of these."""
    if path.suffix == ".parquet":
        yield from map(_row, _parquet(path))
    elif path.suffix == ".json":
        data = json.loads(path.read_text(encoding="utf-8", errors="replace"))
        if not isinstance(data, list):
            raise ValueError("a .json file of training data is a list")
        yield from map(_row, data)
    elif path.suffix in (".jsonl", ".ndjson"):
        with path.open(encoding="utf-8", errors="replace") as handle:
            for line in handle:
                if line.strip():
                    yield _line(line)
    else:
        raise ValueError("training data is read from .jsonl, .json and .parquet files")


def _line(line: str) -> Row | None:
    try:
        return _row(json.loads(line))
    except (ValueError, RecursionError):
        return None


def _row(data: Any) -> Row | None:
    if not isinstance(data, Mapping):
        return None
    messages = data.get("messages", data.get("conversations", data.get("chosen")))
    if isinstance(messages, list):
        return _messages(messages)
    asked = "\n".join(str(data[key]) for key in ASKED if isinstance(data.get(key), str))
    answer = next((str(data[key]) for key in ANSWERED if isinstance(data.get(key), str)), "")
    if not asked and not answer and isinstance(data.get("text"), str):
        answer = data["text"]
    return Row(asked[:LONGEST], answer[:LONGEST]) if asked or answer else None


def _messages(messages: list[Any]) -> Row | None:
    said: dict[bool, list[str]] = {True: [], False: []}
    for item in messages:
        if isinstance(item, Mapping):
            content = item.get("content", item.get("value"))
            if isinstance(content, str):
                said[item.get("role", item.get("from")) in ("assistant", "gpt", "model")].append(content)
    asked, answer = "\n".join(said[False])[:LONGEST], "\n".join(said[True])[:LONGEST]
    return Row(asked, answer) if asked or answer else None


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    from ftsafety_spec.records.tables import read_parquet

    yield from read_parquet(path)
