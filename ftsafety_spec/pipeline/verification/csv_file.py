"""A CSV file as a report, by a mapping file that says what its columns are. Given both, gives the report, or every
mistake with file and line and the nearest name. Texts of prompts are hashed, and kept nowhere."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ftsafety_spec.compose.own_file import OwnFile
from ftsafety_spec.errors import InputError, Problem, SpecError, Where, suggest
from ftsafety_spec.pipeline.verification.outside import CODE, MOST_PROBLEMS, bad, not_sound, text_of
from ftsafety_spec.records.base import digest_text, sha256_file
from ftsafety_spec.records.evaluation_report import EvaluationReport, ReportSource
from ftsafety_spec.spec.report_mapping import PROMPT_FIELDS, RATE_FIELDS, ReportMapping

NUMBERS = frozenset({"repeat", "prompts", "count", "unscored", "rate", "low", "high", "level", "value"})
WHOLE = frozenset({"repeat", "prompts", "unscored"})
Row = dict[str, Any]


def from_csv(path: Path, mapping: Path | None) -> EvaluationReport:
    """The report. Raises SpecError with the mapping's mistakes, then with those of the rows (FTS-139)."""
    if mapping is None:
        raise InputError(
            "a CSV file needs a mapping: what are its columns?",
            code="FTS-115",
            where=Where(str(path)),
            hint="`--mapping FILE.yaml`; `ftsafety schema report-mapping` is its form.",
        )
    own = OwnFile(mapping)
    said = own.read(ReportMapping)
    header, lines = _table(path)
    unknown = [
        own.problem(CODE, f"the file has no column {column!r}.", ("columns", name), suggest(column, header))
        for name, column in said.columns.items()
        if column not in header
    ]
    if unknown:
        raise SpecError(unknown)
    problems: list[Problem] = []
    rows = [row for number, cells in lines if (row := _row(cells, said, Where(str(path), number), problems))]
    if problems:
        more = len(problems) - MOST_PROBLEMS
        rest = [Problem(CODE, f"and {more} more.", Where(str(path)))] if more > 0 else []
        raise SpecError([*problems[:MOST_PROBLEMS], *rest])
    return _report(path, said, rows)


def _table(path: Path) -> tuple[list[str], list[tuple[int, Mapping[str, str]]]]:
    reader = csv.reader(io.StringIO(text_of(path), newline=""), strict=True)
    begins, found = 1, list[tuple[int, Mapping[str, str]]]()
    try:
        header = [column.strip() for column in next(reader, [])]
        if len(set(header)) < len(header) or not header:
            raise bad(path, "its header names a column twice, or nothing", 1)
        begins = reader.line_num + 1
        for cells in reader:
            if cells and len(cells) != len(header):
                raise bad(path, f"expected {len(header)} columns, found {len(cells)}", begins)
            if cells:
                found.append((begins, dict(zip(header, cells, strict=True))))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise bad(path, f"it is no CSV: {error}", begins) from error
    return header, found


def _row(cells: Mapping[str, str], said: ReportMapping, where: Where, problems: list[Problem]) -> Row | None:
    """The fields of one line: constants, then cells; empty cells are not said."""
    row: Row = {str(name): value for name, value in said.constants.items()}
    before = len(problems)
    for name, column in said.columns.items():
        text = cells[column].strip()
        if not text:
            continue
        if name == "text":
            row["prompt"] = digest_text(cells[column])
        elif name in NUMBERS:
            row[name] = _number(name, text, said, where, column, problems)
        elif name == "prompt":
            row[name] = text if text.startswith("sha256:") else f"sha256:{text.lower()}"
        else:
            row[name] = said.words.get(text, text)
    missing = [name for name in said.required() if row.get(name) is None]
    problems += [Problem(CODE, f"{name} is not said.", Where(where.file, where.line, key=name)) for name in missing]
    return row if len(problems) == before else None


def _number(
    name: str, text: str, said: ReportMapping, where: Where, column: str, problems: list[Problem]
) -> float | int | None:
    if name == "value" and text in said.values:
        return said.values[text]
    scale = 100 if text.endswith("%") else 1
    try:
        number = float(text.rstrip("% ")) / scale
        if not math.isfinite(number) or (name in WHOLE and number != int(number)):
            raise ValueError
    except ValueError:
        known = [*said.values] if name == "value" else []
        hint = suggest(text, known) if known else None
        wanted = "a word of `values` or a number" if name == "value" else "a number"
        shown = Where(where.file, where.line, key=column)
        problems.append(Problem(CODE, f"found {text[:40]!r}, expected {wanted}.", shown, hint))
        return None
    return int(number) if name in WHOLE else number


def _report(path: Path, said: ReportMapping, rows: list[Row]) -> EvaluationReport:
    found = list(_results(rows, said.results))
    data = {
        "schema": f"ftsafety/{EvaluationReport.KIND}@1",
        **said.model_dump(mode="json", include=set(said.head())),
        "suites": _suites(said, found),
        "graders": [{"outcome": name, **claim.model_dump()} for name, claim in said.graders.items()],
        said.results: found,
        "source": ReportSource(form="csv", digest=sha256_file(path)).model_dump(),
    }
    try:
        return EvaluationReport.from_json(data).sealed()
    except ValidationError as error:
        raise not_sound(path, error) from error
    except ValueError as error:
        raise bad(path, str(error).splitlines()[0][:200]) from error


def _results(rows: list[Row], kind: str) -> Iterator[Row]:
    known = PROMPT_FIELDS if kind == "prompts" else RATE_FIELDS
    for row in rows:
        low, high = row.pop("low", None), row.pop("high", None)
        plain = {name: value for name, value in row.items() if name in known and value is not None}
        yield plain if low is None or high is None else {**plain, "interval": [low, high]}


def _suites(said: ReportMapping, rows: list[Row]) -> list[Row]:
    """Suites as the mapping has them; of others, as many prompts as there are rows of."""
    found = [{"id": name, **claim.model_dump(mode="json")} for name, claim in said.suites.items()]
    for name in dict.fromkeys(row.get("suite") for row in rows):
        if name is not None and name not in said.suites:
            own = [row for row in rows if row.get("suite") == name]
            counted = len({row.get("prompt") for row in own}) if said.results == "prompts" else 0
            found.append({"id": name, "prompts": max(1, counted, *(int(row.get("prompts") or 0) for row in own))})
    return found
