"""A file of people's labels for one run: JSONL, one row an answer. Given a path and the run's tables, gives labels that
are bound to the texts the run holds, or every bad row by line (FTS-128). Never shows a text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftsafety_spec.errors import InputError, Problem, SpecError, Where, suggest
from ftsafety_spec.graders.labels import LABELS
from ftsafety_spec.measure.labels import Label, LabelRole
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.certificate import FAMILY
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.json_rows import json_rows

NAMED = ("prompt_id", "variant", "condition", "repeat", "suite", "task")
KNOWN = ("answer", *NAMED, "outcome", "value", "label", "text", "response", "id", "prompt", "category", "kind", "turn")
STRAIGHT = frozenset({"refusal", "over_refusal"})
"""Outcomes that are high where the label's positive class is there; every other one is high where it is not."""
MOST_PROBLEMS = 50


@dataclass(frozen=True)
class _Given:
    """A row of the file, and where it stands."""

    row: Mapping[str, Any]
    where: Where


def read_label_file(path: Path, folder: RunFolder, person: str, role: LabelRole) -> list[Label]:
    """All labels of a file. A row without a `label` and a `value` is passed over: nobody has filled it in. Raises
    InputError FTS-111, FTS-100, and SpecError FTS-128 with every row that cannot be used."""
    problems: list[Problem] = []
    given = [item for item in _rows(path, problems) if item.row.get("label") or item.row.get("value") is not None]
    places = _places(given, folder)
    outcomes = _outcomes(folder, {row["answer"] for rows in places.values() for row in rows})
    made: dict[tuple[str, str, str, str], Label] = {}
    for item in given:
        label = _label(item, places, outcomes, person, role, problems)
        if label is not None and made.setdefault(label.key, label).value != label.value:
            problems.append(_bad(item, "label: the same text has another label above."))
    if not given and not problems:
        problems.append(Problem("FTS-128", "no row of the file has a label.", Where(str(path))))
    if problems:
        raise SpecError(sorted(problems, key=lambda problem: problem.where.line or 0)[:MOST_PROBLEMS])
    return list(made.values())


def _rows(path: Path, problems: list[Problem]) -> Iterator[_Given]:
    if not path.is_file():
        raise InputError("no such file of labels.", code="FTS-111", where=Where(str(path)))
    for where, row in json_rows(path, problems, "FTS-128", KNOWN):
        yield _Given(row, where)


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What names an answer: its key, else the prompt, variant, condition and repeat."""
    if row.get("answer") is not None:
        return (row["answer"],)
    return (row.get("prompt_id"), row.get("variant"), row.get("condition", "plain"), row.get("repeat", 0))


def _places(given: list[_Given], folder: RunFolder) -> dict[tuple[Any, ...], list[Mapping[str, Any]]]:
    """The answers that the rows name."""
    wanted = {_key(item.row) for item in given if all(_plain(part) for part in _key(item.row))}
    found: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in folder.rows("answers"):
        for key in ((row["answer"],), (row["prompt_id"], row["variant"], row["condition"], row["repeat"])):
            if key in wanted:
                found.setdefault(key, []).append(row)
    return found


def _plain(value: object) -> bool:
    return value is None or isinstance(value, str | int)


def _outcomes(folder: RunFolder, answers: set[str]) -> dict[str, set[str]]:
    """Answer to the outcomes that the run's graders read of it."""
    found: dict[str, set[str]] = {}
    for row in folder.rows("grades"):
        if row["role"] == "primary" and row["answer"] in answers:
            found.setdefault(row["answer"], set()).add(row["outcome"])
    return found


def _label(
    item: _Given,
    places: Mapping[tuple[Any, ...], list[Mapping[str, Any]]],
    outcomes: Mapping[str, set[str]],
    person: str,
    role: LabelRole,
    problems: list[Problem],
) -> Label | None:
    key = _key(item.row)
    rows = places.get(key, []) if all(_plain(part) for part in key) else []
    rows = [row for row in rows if all(item.row.get(name) in (None, row[name]) for name in ("suite", "task"))]
    if not rows:
        problems.append(_bad(item, "this run has no such answer."))
        return None
    if len({row["answer"] for row in rows}) > 1:
        problems.append(_bad(item, "several answers are meant; name `suite` and `task`, or `answer`."))
        return None
    answer = rows[0]
    outcome, known = item.row.get("outcome"), outcomes.get(answer["answer"], set())
    if outcome not in known:
        problems.append(
            _bad(item, f"no grader of this run reads {outcome!r} of this answer.", suggest(str(outcome), known))
        )
        return None
    text = item.row.get("text") or (digest_text(item.row["response"]) if _is_text(item.row.get("response")) else None)
    if answer["text"] is None or (text is not None and text != answer["text"]):
        problems.append(_bad(item, "the label is of another text than the run's answer has; label it again."))
        return None
    value = _value(item, str(outcome), problems)
    if value is None:
        return None
    return Label(answer["answer"], answer["prompt"], answer["text"], str(outcome), person, value, role)


def _value(item: _Given, outcome: str, problems: list[Problem]) -> float | None:
    word, number = item.row.get("label"), item.row.get("value")
    if word:
        words = LABELS.get(FAMILY.get(outcome, ""), {})  # type: ignore[call-overload]
        if number is not None or word not in words:
            hint = f"One of {', '.join(words)}." if words else "This outcome takes a number, `value`."
            problems.append(_bad(item, f"label: found {str(word)[:40]!r}.", hint))
            return None
        return value_of(outcome, str(word))
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        problems.append(_bad(item, "value: expected a number from 0 to 1."))
        return None
    if not 0 <= number <= 1:
        problems.append(_bad(item, f"value: found {number:g}, expected a number from 0 to 1."))
        return None
    return float(number)


def words_of(outcome: str) -> tuple[str, ...]:
    """The labels that people give answers of an outcome; empty where it takes a number."""
    return tuple(LABELS.get(FAMILY.get(outcome, ""), {}))  # type: ignore[call-overload]


def value_of(outcome: str, word: str) -> float:
    """What a label counts as, in the outcome's own direction. Raises KeyError for a word that is not one of its."""
    value = LABELS[FAMILY[outcome]][word]  # type: ignore[index]
    return float(value if outcome in STRAIGHT else 1.0 - value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _bad(item: _Given, message: str, hint: str | None = None) -> Problem:
    return Problem("FTS-128", message, item.where, hint)
