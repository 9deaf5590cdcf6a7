"""A review queue as a file, for people without a terminal of ours: JSONL out with texts and empty `words`, and back in.
Every bad row is named by its line (FTS-128), and then nothing is taken in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ftsafety_spec.errors import Problem, SpecError, Where, suggest
from ftsafety_spec.pipeline.judgements import Approval, Notes, read_reviewed
from ftsafety_spec.pipeline.queue import MOST, Flag, Item
from ftsafety_spec.pipeline.reviews import open_flags, review_queue, texts_for
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.folder import RunFolder, write_atomically
from ftsafety_spec.records.json_rows import json_rows
from ftsafety_spec.records.safe_json import safe_json

KNOWN = ("item", "finding", "words", "verdict", "outcome", "category", "prompt", "answers", "takes", "sentence")
VERDICTS = ("approve", "reject")


def export_queue(folder: RunFolder, path: Path, by: str, as_of: date, most: int = MOST) -> int:
    """Write what this person has not judged yet; returns how many rows. No model is named in it."""
    judged = read_reviewed(folder, by).judged
    items = [item for item in review_queue(folder, as_of, by, most).items if item.id not in judged]
    texts = texts_for(folder, items)
    rows: list[dict[str, Any]] = [
        {
            "item": item.id,
            "outcome": item.outcome,
            "category": item.category,
            "prompt": texts[item.prompt],
            "answers": [texts[answer.text] for answer in item.answers],
            "takes": list(item.words),
            "words": [],
        }
        for item in items
    ]
    flags = open_flags(folder, as_of, by, most)
    rows += [{"finding": flag.id, "sentence": flag.sentence, "takes": list(VERDICTS), "verdict": ""} for flag in flags]
    write_atomically(path, "".join(safe_json(row) + "\n" for row in rows))
    return len(rows)


def take_answers(folder: RunFolder, path: Path, by: str, as_of: date, most: int = MOST) -> int:
    """Write down what a file says; returns how many judgements. Rows that nobody filled in are passed over. Raises
    SpecError FTS-128 with every row that cannot be used, InputError FTS-100 where it is not UTF-8."""
    queue = review_queue(folder, as_of, by, most)
    items = {item.id: item for item in (*queue.items, *(one.item for one in read_reviewed(folder, by).judged.values()))}
    flags = {flag.id: flag for flag in queue.flags}
    problems: list[Problem] = []
    made: list[tuple[Item, tuple[str, ...]] | tuple[Flag, Approval]] = []
    for where, row in json_rows(path, problems, "FTS-128", KNOWN):
        found = _item(row, items, where, problems) if row.get("finding") is None else _flag(row, flags, where, problems)
        if found is not None:
            made.append(found)
    if not made and not problems:
        problems.append(Problem("FTS-128", "no row of the file is filled in.", Where(str(path))))
    if problems:
        raise SpecError(problems)
    digest = folder.read(Comparison).compute_digest()
    with Notes(folder, by) as notes:
        for what, said in made:
            if isinstance(what, Item):
                notes.judge(what, tuple(said))
            else:
                notes.word(what.id, "approve" if said == "approve" else "reject", digest)
    return len(made)


def _item(
    row: Mapping[str, Any], items: Mapping[str, Item], where: Where, problems: list[Problem]
) -> tuple[Item, tuple[str, ...]] | None:
    item = items.get(row["item"]) if isinstance(row.get("item"), str) else None
    if item is None:
        problems.append(
            Problem("FTS-128", "item: this queue has no such item.", where, suggest(str(row.get("item")), items))
        )
        return None
    words = [row["words"]] if isinstance(row.get("words"), str) and row["words"] else row.get("words") or []
    asked = 1 if item.compared else len(item.answers)
    if not words:
        return None
    if not _words(words, item.words) or len(words) != asked:
        wanted = f"{asked} of {', '.join(item.words)}"
        problems.append(Problem("FTS-128", f"words: expected {wanted}, in the order of the answers.", where))
        return None
    return item, tuple(words)


def _words(words: object, known: Sequence[str]) -> bool:
    return isinstance(words, list) and all(isinstance(word, str) and word in known for word in words)


def _flag(
    row: Mapping[str, Any], flags: Mapping[str, Flag], where: Where, problems: list[Problem]
) -> tuple[Flag, Approval] | None:
    flag = flags.get(str(row["finding"]))
    if flag is None:
        problems.append(
            Problem("FTS-128", "finding: none with this id is flagged.", where, suggest(str(row["finding"]), flags))
        )
        return None
    verdict = row.get("verdict")
    if not verdict:
        return None
    if verdict not in VERDICTS:
        problems.append(Problem("FTS-128", "verdict: expected approve or reject.", where))
        return None
    return flag, "approve" if verdict == "approve" else "reject"
