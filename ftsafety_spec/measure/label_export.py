"""What people are asked to label: rows of ids and texts, blinded. Given a run's tables and what is wanted, writes JSONL
with an empty `label` in each row: no variant is named, equal texts stand there once, the order is drawn.

A random sample is the first answers of each outcome in the order of their draw, over all variants: the comparison takes
labels of the answers that come first in it for a sample that chance chose (`compare.implied`), so that whoever stops
half-way has labelled a smaller sample."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.measure.labels import labels_of
from ftsafety_spec.records.cascade import PEOPLE, draw
from ftsafety_spec.records.folder import RunFolder, write_atomically
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.safe_json import safe_json
from ftsafety_spec.records.tables import connect

Row = dict[str, Any]
WHAT = ("escalated", "audit", "disagreements", "random:N")


def export_labels(folder: RunFolder, path: Path, what: str, by: str | None = None) -> int:
    """Write what is to be labelled; returns how many rows. `what`: one of `WHAT`; `by`: leaves out what this person has
    labelled. Raises InputError FTS-115 for another word, FTS-130 where tables or texts are not there."""
    chosen = _chosen(folder, what)
    done = {label.key for labels in labels_of(folder).values() for label in labels if label.person == by}
    rows: dict[tuple[str, str, str], Row] = {}
    for row in chosen:
        rows.setdefault((row["prompt"], row["text"], row["outcome"]), row)
    ordered = [row for key, row in rows.items() if (*key, by) not in done]
    if not what.startswith("random"):
        seed = folder.read(Plan).order_seed
        ordered.sort(key=lambda row: hashlib.sha256(f"{seed}:label:{row['answer']}".encode()).digest())
    texts = texts_of(folder, {row[name] for row in ordered for name in ("prompt", "text")})
    lines = [safe_json(_shown(row, texts)) for row in ordered]
    write_atomically(path, "".join(f"{line}\n" for line in lines))
    return len(lines)


def _shown(row: Row, texts: Mapping[str, str]) -> Row:
    name = hashlib.sha256(f"{row['answer']} {row['outcome']}".encode()).hexdigest()[:12]
    return {
        "id": name,
        "answer": row["answer"],
        "text": row["text"],
        "outcome": row["outcome"],
        "kind": row["kind"],
        "category": row["category"],
        "prompt": texts[row["prompt"]],
        **({} if row["turn"] is None else {"turn": row["turn"] + 1}),
        "response": texts[row["text"]],
        "label": "",
    }


def _chosen(folder: RunFolder, what: str) -> list[Row]:
    word, _, number = what.partition(":")
    rows = list(_readings(folder))
    if word in ("escalated", "audit") and not number:
        return [row for row in rows if _why(folder.read(Plan), row) == word]
    if word == "disagreements" and not number:
        return [row for row in rows if row["differ"]]
    if word == "random" and number.isdecimal() and int(number) > 0:
        return _first(rows, int(number), folder.read(Plan).order_seed)
    raise InputError(
        f"--what: found {what!r}, expected one of {', '.join(WHAT)}.", code="FTS-115", hint="For example random:100."
    )


def _first(rows: list[Row], number: int, seed: int) -> list[Row]:
    """The first answers of each outcome by their draw; an answer that several tasks or variants share counts once."""
    found: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=lambda row: (draw(row["answer"], seed), row["outcome"])):
        found.setdefault((row["outcome"], row["answer"]), row)
    count: Counter[str] = Counter()
    chosen = []
    for (outcome, _), row in found.items():
        count[outcome] += 1
        if count[outcome] <= number:
            chosen.append(row)
    return chosen


def _why(plan: Plan, row: Row) -> str | None:
    for use in plan.graders:
        level = use.cascade
        if level is not None and (use.suite, use.task, use.outcome) == (row["suite"], row["task"], row["outcome"]):
            return level.why(row, row["answer"], plan.order_seed) if row["grader_identity"] == level.identity else None
    return None


def _readings(folder: RunFolder) -> Iterator[Row]:
    """Each answer's primary reading, and whether another grader's differs from it."""
    for name in ("answers", "grades", "texts"):
        folder.rows(name)  # says which one is missing
    with connect(answers=folder.table("answers"), grades=folder.table("grades")) as db:
        cursor = db.execute(_READINGS, [PEOPLE])
        names = [item[0] for item in cursor.description]
        while batch := cursor.fetchmany(4096):
            for row in batch:
                yield dict(zip(names, row, strict=True))


_READINGS = """
SELECT a.answer, a.prompt, a.text, a.suite, a.task, a.kind, a.category, a.turn, g.outcome, g.value, g.sure,
       g.grader_identity,
       coalesce(bool_or((o.value >= 0.5) <> (g.value >= 0.5)), false) AS differ
FROM answers a JOIN grades g ON g.answer = a.answer AND g.role = 'primary'
LEFT JOIN grades o ON o.answer = g.answer AND o.outcome = g.outcome AND o.role <> 'primary' AND o.grader <> ?
WHERE a.text IS NOT NULL AND a.channel = 'automated' GROUP BY ALL ORDER BY ALL;
"""


def texts_of(folder: RunFolder, wanted: set[str]) -> dict[str, str]:
    """Digest to body. Raises InputError FTS-130 where one is not there."""
    found = {row["digest"]: row["body"] for row in folder.rows("texts") if row["digest"] in wanted}
    if len(found) < len(wanted):
        raise InputError(
            f"{len(wanted) - len(found)} texts were taken out of this run, so nobody can label them.",
            code="FTS-130",
            where=Where(file=str(folder.table("texts"))),
        )
    return found
