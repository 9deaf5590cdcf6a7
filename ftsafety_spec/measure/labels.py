"""People's labels as grades. Given a run's append-only `journal/labels.jsonl`, adds a row to its table of grades for
every answer whose text a person has labelled; a label of another text never counts. Reads no text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ftsafety_spec.records.base import digest_of, now
from ftsafety_spec.records.cascade import PEOPLE, WAITING
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.identity import grade_key
from ftsafety_spec.records.journal import Journal, read_journal
from ftsafety_spec.records.tables import TABLES, write_parquet

LabelRole = Literal["adjudication", "second"]
Row = dict[str, Any]


@dataclass(frozen=True)
class Label:
    """What one person says of one text in answer to one prompt. `value` in [0, 1], in the outcome's own direction."""

    answer: str
    prompt: str
    text: str
    outcome: str
    person: str
    value: float
    role: LabelRole = "adjudication"
    at: str | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What a later label of the same person replaces."""
        return self.prompt, self.text, self.outcome, self.person

    def grade(self, answer: str) -> Row:
        """The row of the table of grades, for an answer with this text."""
        identity = person_identity(self.person)
        return {
            **dict.fromkeys(TABLES["grades"].model_fields),
            "grade": grade_key(self.text, self.prompt, identity, self.outcome),
            "answer": answer,
            "grader": PEOPLE,
            "grader_identity": identity,
            "person": self.person,
            "outcome": self.outcome,
            "value": self.value,
            "role": self.role,
            "state": "scored",
            "at": self.at,
        }


def person_identity(person: str) -> str:
    """Digest of a person as a grader."""
    return digest_of([PEOPLE, person])


def append_labels(folder: RunFolder, labels: Iterable[Label]) -> None:
    """Append labels to the run's journal."""
    with Journal(folder.journal / "labels.jsonl") as journal:
        for label in labels:
            journal.append({**label.__dict__, "at": label.at or now()})


def labels_of(folder: RunFolder) -> dict[tuple[str, str], list[Label]]:
    """(prompt digest, text digest) to labels: of each person and outcome the last one."""
    last = {label.key: label for label in (Label(**row) for row in read_journal(folder.journal / "labels.jsonl"))}
    found: dict[tuple[str, str], list[Label]] = {}
    for label in last.values():
        found.setdefault((label.prompt, label.text), []).append(label)
    return found


def with_labels(
    grades: Iterable[Row], answers: Iterable[Mapping[str, Any]], labels: Mapping[tuple[str, str], list[Label]]
) -> Iterator[Row]:
    """The grades, with a row for each label of each answer. Rows that waited for a person go where one has come, and
    so does an older label of the same person. Holds labelled answers in memory, no others."""
    done: set[tuple[str, str, str | None]] = set()
    for answer in answers if labels else ():
        for label in labels.get((answer["prompt"], answer["text"]), ()):
            key = (answer["answer"], label.outcome, label.person)
            if key not in done:
                done |= {key, (*key[:2], None)} if label.role == "adjudication" else {key}
                yield label.grade(answer["answer"])
    for row in grades:
        waits = row["person"] is None and row["reason"] == WAITING
        gone = (row["answer"], row["outcome"], row["person"]) in done and (waits or row["person"] is not None)
        if not gone:
            yield row


def rebuild_grades(folder: RunFolder) -> None:
    """Write the table of grades anew, with the labels of the journal. Raises InputError FTS-130 without tables."""
    rows = with_labels(folder.rows("grades"), folder.rows("answers"), labels_of(folder))
    write_parquet(folder.table("grades"), "grades", rows)
