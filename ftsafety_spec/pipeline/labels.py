"""People's labels on a run folder: taken in as grades, or given out to be filled in. Never prints a text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ftsafety_spec.measure.busy import only_writer
from ftsafety_spec.measure.label_export import export_labels
from ftsafety_spec.measure.label_file import read_label_file
from ftsafety_spec.measure.labels import Label, LabelRole, append_labels, rebuild_grades
from ftsafety_spec.records.cascade import WAITING
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.verify import manifest_of


@dataclass(frozen=True)
class Labelled:
    """What a file of labels did. `answers`: rows of the table of grades that are a person's now; `aside`: labels of
    answers that a cascade neither passed on nor drew, which no rate counts; `waiting`: answers that still wait."""

    labels: int
    answers: int
    aside: int
    waiting: int


def label_run(folder: RunFolder, path: Path, by: str, role: LabelRole = "adjudication") -> Labelled:
    """Append a person's labels and write the table of grades anew. Raises SpecError FTS-128 with every bad row; then
    nothing is written."""
    with only_writer(folder):
        labels = read_label_file(path, folder, by, role)
        append_labels(folder, labels)
        rebuild_grades(folder)
        folder.write_manifest(manifest_of(folder))
    return _result(folder, labels)


def label_export(folder: RunFolder, path: Path, what: str, by: str | None = None) -> int:
    """Write the rows that people are to label; returns how many."""
    return export_labels(folder, path, what, by)


def _result(folder: RunFolder, labels: list[Label]) -> Labelled:
    people = waiting = 0
    for row in folder.rows("grades"):
        people += row["person"] is not None
        waiting += row["person"] is None and row["reason"] == WAITING
    adjudged = {(label.answer, label.outcome) for label in labels if label.role == "adjudication"}
    aside = adjudged & _decided(folder, {answer for answer, _ in adjudged})
    return Labelled(len(labels), people, len(aside), waiting)


def _decided(folder: RunFolder, answers: set[str]) -> set[tuple[str, str]]:
    """Of some answers, those that a cascade's cheap grader decided by itself and chance did not draw."""
    plan = folder.read(Plan)
    levels = {use.cascade.identity: use.cascade for use in plan.graders if use.cascade is not None}
    return {
        (row["answer"], row["outcome"])
        for row in folder.rows("grades")
        if row["role"] == "primary"
        and row["answer"] in answers
        and row["grader_identity"] in levels
        and levels[row["grader_identity"]].why(row, row["answer"], plan.order_seed) is None
    }
