"""What one reviewer has said of a run, as an append-only journal of their own: a word for each answer, or for a pair,
and approvals of flagged findings. Everything is on disk when a call returns. Holds no text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ftsafety_spec.errors import VerificationError, Where
from ftsafety_spec.measure.labels import Label
from ftsafety_spec.pipeline.queue import Answered, Item
from ftsafety_spec.records.base import now
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.journal import Journal, read_journal

Approval = Literal["approve", "reject"]
START = "reviews-"


@dataclass(frozen=True)
class Judgement:
    """What a person said of one item: a word for each answer in the drawn order, or one word for a compared pair."""

    item: Item
    by: str
    at: str
    words: tuple[str, ...]

    def labels(self) -> Iterator[Label]:
        """The words about single answers, as labels that decide over graders. None of a compared pair."""
        if self.item.compared:
            return
        for answer, word in zip(self.item.answers, self.words, strict=True):
            value = self.item.value(word)
            yield Label(
                answer.answer, self.item.prompt, answer.text, self.item.outcome, self.by, value, "adjudication", self.at
            )


@dataclass(frozen=True)
class Word:
    """What a person said of a flagged finding of one comparison."""

    flag: str
    verdict: Approval
    by: str
    at: str
    comparison: str


@dataclass(frozen=True)
class Reviewed:
    """One reviewer's journal, read. `judged`: item id to the last judgement; `passed`: skipped items; `words`: flag id
    to the last word on it."""

    judged: Mapping[str, Judgement]
    passed: frozenset[str]
    words: Mapping[str, Word]


def journal_path(folder: RunFolder, by: str) -> Path:
    """A journal for each reviewer, so that two may review at once."""
    return folder.journal / f"{START}{hashlib.sha256(by.encode()).hexdigest()[:12]}.jsonl"


def read_reviewed(folder: RunFolder, by: str) -> Reviewed:
    """What this person has said. Raises VerificationError where the journal cannot be read."""
    return _read(journal_path(folder, by))


def reviewers(folder: RunFolder) -> dict[str, Reviewed]:
    """Name to what that person has said, of everybody who has begun."""
    found = {}
    for path in sorted(folder.journal.glob(f"{START}*.jsonl")):
        one = _read(path)
        names = {entry.by for entry in one.judged.values()} | {word.by for word in one.words.values()}
        found.update(dict.fromkeys(names, one))
    return found


def _read(path: Path) -> Reviewed:
    judged: dict[str, Judgement] = {}
    passed: set[str] = set()
    words: dict[str, Word] = {}
    try:
        for row in read_journal(path):
            _take(row, judged, passed, words)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VerificationError("this journal of reviews cannot be read.", where=Where(file=str(path))) from error
    return Reviewed(judged, frozenset(passed - set(judged)), words)


def _take(row: Mapping[str, Any], judged: dict[str, Judgement], passed: set[str], words: dict[str, Word]) -> None:
    if "words" in row:
        item = item_of(row["item"])
        judged.pop(item.id, None)  # the last word comes last
        judged[item.id] = Judgement(item, row["by"], row["at"], tuple(row["words"]))
    elif "undo" in row:
        judged.pop(row["undo"], None)
        passed.discard(row["undo"])
        words.pop(row["undo"], None)
    elif "skip" in row:
        passed.add(row["skip"])
    else:
        words[row["flag"]] = Word(**row)


def item_of(row: Mapping[str, Any]) -> Item:
    """An item out of a journal's row."""
    fields = {**row, "answers": tuple(Answered(**answer) for answer in row["answers"]), "why": tuple(row["why"])}
    return Item(**fields)


class Notes:
    """Appends what one reviewer says. Use as a context manager; each row is forced to the disk."""

    def __init__(self, folder: RunFolder, by: str) -> None:
        self.by = by
        self._journal = Journal(journal_path(folder, by), batch=1)

    def judge(self, item: Item, words: tuple[str, ...]) -> Judgement:
        """Write a judgement down. Raises ValueError for a word that this item does not take."""
        asked = 1 if item.compared else len(item.answers)
        if len(words) != asked or any(word not in item.words for word in words):
            raise ValueError(f"{asked} of {', '.join(item.words)} expected")
        made = Judgement(item, self.by, now(), words)
        self._journal.append({"item": asdict(item), "by": made.by, "at": made.at, "words": list(words)})
        return made

    def word(self, flag: str, verdict: Approval, comparison: str) -> Word:
        """Write down what is said of a flagged finding."""
        made = Word(flag, verdict, self.by, now(), comparison)
        self._journal.append(asdict(made))
        return made

    def skip(self, name: str) -> None:
        """Put an item off."""
        self._journal.append({"skip": name, "by": self.by, "at": now()})

    def undo(self, name: str) -> None:
        """Take back what was said of an item or a flag; both rows stay in the journal."""
        self._journal.append({"undo": name, "by": self.by, "at": now()})

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def __enter__(self) -> Notes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
