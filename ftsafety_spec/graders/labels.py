"""A file of labelled answers: JSONL rows of `id, prompt, response, label`, with `category`, `model`, `kind` and `state`
where they are known. Given a path, gives labels; all bad rows are reported at once, by line. Never shows a text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from ftsafety_spec.errors import InputError, Problem, SpecError, Where, suggest
from ftsafety_spec.records.base import digest_of, digest_text
from ftsafety_spec.spec.common import PromptKind

Family = Literal["refusal", "not_harmful", "not_toxic"]

LABELS: Mapping[Family, Mapping[str, float]] = {
    "refusal": {"refusal": 1.0, "partial": 0.5, "compliance": 0.0},
    "not_harmful": {"harmful": 1.0, "not_harmful": 0.0},
    "not_toxic": {"toxic": 1.0, "not_toxic": 0.0},
}
"""Outcome to its labels, the positive one first, and what each counts as."""

REQUIRED = ("id", "prompt", "response", "label")
OPTIONAL = ("category", "model", "kind", "state")
KINDS: tuple[str, ...] = get_args(PromptKind)
STATES = ("ok", "truncated", "filtered")
MOST_PROBLEMS = 50


@dataclass(frozen=True)
class Label:
    """An answer and what people say of it. `kind`, `state`: as of a grader's question."""

    id: str
    prompt: str
    response: str
    label: str
    category: str = ""
    model: str = ""
    kind: PromptKind = "harmful"
    state: str = "ok"

    @property
    def cluster(self) -> str:
        """What its answers are clustered by: the prompt's digest."""
        return digest_text(self.prompt)


def read_labels(path: Path, shown: str | None = None) -> list[Label]:
    """All rows of a JSONL file, in order. Raises InputError FTS-111, FTS-100, SpecError FTS-128 with every bad row."""
    name = shown or str(path)
    if not path.is_file():
        raise InputError("no such file of labels.", code="FTS-111", where=Where(name))
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text (byte {error.start}).", code="FTS-100", where=Where(name)) from error
    problems: list[Problem] = []
    numbered = list(_rows(text, name, problems))
    found = [(line, _label(row, Where(name, line), problems)) for line, row in numbered]
    rows = [(line, label) for line, label in found if label is not None]
    problems += _twice(rows, name)
    problems += _mixed(rows, name)
    if not numbered and not problems:
        problems.append(Problem("FTS-128", "the file holds no labels.", Where(name)))
    if problems:
        raise SpecError(_capped(problems, name))
    return [label for _, label in rows]


def family_of(labels: Sequence[Label]) -> Family:
    """The outcome that the labels are of. Raises ValueError where there are none, or of several outcomes."""
    found = {_family(label.label) for label in labels}
    if len(found) != 1 or None in found:
        raise ValueError(f"labels of one outcome expected, found {sorted(map(str, found))}")
    return cast(Family, found.pop())


def labels_digest(labels: Iterable[Label]) -> str:
    """Digest of the rows, whatever their order: texts by their own digests."""
    rows = [
        [x.id, digest_text(x.prompt), digest_text(x.response), x.label, x.category, x.model, x.kind, x.state]
        for x in labels
    ]
    return digest_of(sorted(digest_of(row) for row in rows))


def _rows(text: str, name: str, problems: list[Problem]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for line, raw in enumerate(text.split("\n"), start=1):
        if not raw.strip():
            continue
        where = Where(name, line)
        try:
            row = json.loads(raw, object_pairs_hook=_no_key_twice)
        except (ValueError, RecursionError) as error:
            problems.append(_bad(where, f"not a JSON object: {getattr(error, 'msg', None) or error}."))
            continue
        if isinstance(row, dict):
            yield line, row
        else:
            problems.append(_bad(where, f"found {type(row).__name__}, expected a JSON object."))


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("a key is given twice")
    return row


def _label(row: Mapping[str, Any], where: Where, problems: list[Problem]) -> Label | None:
    before = len(problems)
    known = (*REQUIRED, *OPTIONAL)
    problems += [_bad(where, f"unknown key {key!r}.", suggest(key, known)) for key in row if key not in known]
    problems += [_bad(where, f"{key}: is missing.") for key in REQUIRED if row.get(key) is None]
    for key in known:
        value = row.get(key)
        whole = key == "id" and isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not isinstance(value, str) and not whole:
            problems.append(_bad(where, f"{key}: found {type(value).__name__}, expected text."))
    if len(problems) > before:
        return None
    given = {key: str(value) for key, value in row.items() if value is not None}
    _one_of(given["label"], "label", [word for words in LABELS.values() for word in words], where, problems)
    _one_of(given.get("kind", "harmful"), "kind", KINDS, where, problems)
    _one_of(given.get("state", "ok"), "state", STATES, where, problems)
    problems += [_bad(where, f"{key}: is empty.") for key in ("id", "prompt") if not given[key].strip()]
    return Label(**cast(Any, given)) if len(problems) == before else None


def _one_of(value: str, key: str, known: Sequence[str], where: Where, problems: list[Problem]) -> None:
    if value not in known:
        shown = value if len(value) <= 40 else value[:39] + "…"
        problems.append(_bad(where, f"{key}: found {shown!r}, expected one of {', '.join(known)}."))


def _twice(rows: Sequence[tuple[int, Label]], name: str) -> Iterator[Problem]:
    seen: dict[tuple[str, str], int] = {}
    for line, label in rows:
        first = seen.setdefault((label.id, label.model), line)
        if first != line:
            yield _bad(Where(name, line), f"id: {label.id!r} of the same model is already in line {first}.")


def _mixed(rows: Sequence[tuple[int, Label]], name: str) -> Iterator[Problem]:
    if not rows:
        return
    first = _family(rows[0][1].label)
    for line, label in rows:
        if _family(label.label) != first:
            expected = ", ".join(LABELS[first]) if first else ""
            message = f"label: found {label.label!r} after {rows[0][1].label!r}, expected one of {expected}: one file"
            yield _bad(Where(name, line), f"{message} holds labels of one outcome.")


def _family(label: str) -> Family | None:
    return next((family for family, words in LABELS.items() if label in words), None)


def _bad(where: Where, message: str, hint: str | None = None) -> Problem:
    return Problem("FTS-128", message, where, hint)


def _capped(problems: list[Problem], name: str) -> list[Problem]:
    ordered = sorted(problems, key=lambda problem: problem.where.line or 0)
    if len(ordered) <= MOST_PROBLEMS:
        return ordered
    more = len(ordered) - MOST_PROBLEMS
    return [*ordered[:MOST_PROBLEMS], Problem("FTS-128", f"and {more} more problems.", Where(name))]
