"""The run's tables, compacted from its journal. Given work and journals, gives answers, grades and texts as Parquet:
one answer row for each variant, task, prompt, condition and repeat. Streams; reads no clock, asks nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ftsafety_spec.measure.grading import Uses, finished_answers, readings_needed
from ftsafety_spec.measure.labels import labels_of, with_labels
from ftsafety_spec.measure.work import Item, Keys, Work
from ftsafety_spec.records.base import clean_text
from ftsafety_spec.records.cascade import PEOPLE, WAITING
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.journal import read_journal
from ftsafety_spec.records.store import StoredRows
from ftsafety_spec.records.tables import TABLES, write_parquet

_MEASURED = ("state", "reason", "text", "tokens_in", "tokens_out", "usd", "seconds", "at", "log")


def write_tables(
    folder: RunFolder,
    work: Work,
    uses: Uses,
    identities: Mapping[str, Identity],
    not_run: str,
    asked: Work | None = None,
) -> None:
    """Write all three tables. `not_run`: the reason given for what was never asked; `asked`: the part of the work that
    counts, where that is not all: answers beyond it are as if they had not been asked."""
    asked = asked or work
    folder.tables.mkdir(parents=True, exist_ok=True)
    answers = finished_answers(folder)
    readings = StoredRows(folder.journal / "grades.jsonl", "grade")
    write_parquet(folder.table("texts"), "texts", _texts(folder, work))
    labels = labels_of(folder)
    labelled = _answers(work, asked, answers, identities, not_run) if labels else ()
    grades = with_labels(_grades(asked, uses, answers, readings), labelled, labels)
    write_parquet(folder.table("grades"), "grades", grades)
    write_parquet(folder.table("answers"), "answers", _answers(work, asked, answers, identities, not_run))


def _answers(
    work: Work, asked: Work, answers: Mapping[str, dict[str, Any]], identities: Mapping[str, Identity], not_run: str
) -> Iterator[dict[str, Any]]:
    for item in work.items():
        row = (answers.get(item.key) if asked.asks(item) else None) or {"state": "not_run", "reason": not_run}
        recorded = identities[item.variant].kind == "recorded"
        yield _answer(item, row, "recorded" if recorded else "measured")


def _answer(item: Item, row: Mapping[str, Any], provenance: str) -> dict[str, Any]:
    prompt, task = item.prompt, item.task
    return {
        **dict.fromkeys(TABLES["answers"].model_fields),
        "answer": item.key,
        "generation_key": item.generation_key,
        "variant": item.variant,
        "suite": task.suite,
        "task": task.task,
        "prompt": prompt.digest,
        "prompt_id": prompt.id,
        "cluster": prompt.cluster,
        "kind": prompt.kind,
        "category": prompt.category,
        "area": prompt.area,
        "domain": task.use == "domain",
        "condition": prompt.condition,
        "repeat": item.repeat,
        "turn": item.turn,
        "asks": item.asks,
        "draw": item.draw,
        "provenance": provenance,
        "channel": "automated",
        **{name: row.get(name) for name in _MEASURED},
    }


def _grades(
    work: Work, uses: Uses, answers: Mapping[str, dict[str, Any]], readings: Mapping[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for wanted in readings_needed(work, uses, answers, readings):
        lacking = WAITING if wanted.use.grader == PEOPLE else "not graded"
        found = readings.get(wanted.key) or {"state": "unscored", "reason": lacking}
        yield {
            **dict.fromkeys(TABLES["grades"].model_fields),
            "grade": wanted.key,
            "answer": wanted.item.key,
            "grader": wanted.use.grader,
            "grader_identity": wanted.use.identity,
            "outcome": wanted.use.outcome,
            "role": wanted.use.role,
            **{name: found.get(name) for name in ("value", "sure", "state", "reason", "usd", "seconds", "at")},
        }


def _texts(folder: RunFolder, work: Work) -> Iterator[dict[str, Any]]:
    """Answers that this run's journal holds, and the prompts."""
    seen = Keys()
    for row in read_journal(folder.journal / "texts.jsonl"):
        if row["digest"] not in seen:
            seen.add(row["digest"])
            yield {"digest": row["digest"], "body": row["body"]}
    for task in work.tasks:
        for draw in work.draws(task):
            prompt = task.prompts[draw]
            if prompt.digest not in seen:
                seen.add(prompt.digest)
                yield {"digest": prompt.digest, "body": clean_text(prompt.transcript)}
