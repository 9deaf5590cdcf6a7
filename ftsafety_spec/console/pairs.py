"""Prompts with the answers of base and tuned side by side: given a run's tables and what to show, gives one page of
pairs with their texts. DuckDB does the pairing; only the texts of the page are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.tables import connect

if TYPE_CHECKING:
    import duckdb

SIZE = 10
"""Pairs of one page."""
SHOWN: dict[str, str] = {
    "differ": "on which they differ",
    "lost": "on which tuned is less safe",
    "gained": "on which tuned is safer",
    "all": "all that both answered",
}
_WHERE = {"differ": "loss <> 0", "lost": "loss > 0", "gained": "loss < 0", "all": "true"}


@dataclass(frozen=True)
class Facets:
    """What can be chosen from: outcomes that a grader read, areas and tasks of the answers."""

    outcomes: tuple[str, ...]
    areas: tuple[str, ...]
    tasks: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """Which pairs. `higher`: the outcome is safer when higher; `turned`: `suite.task`s that count it the other way."""

    variant: str
    against: str
    outcome: str
    higher: bool = True
    turned: tuple[str, ...] = ()
    show: str = "differ"
    area: str = ""
    task: str = ""
    page: int = 1

    def address(self, **changes: object) -> str:
        """The choice as the end of an address, with some of it changed."""
        made = replace(self, **changes)  # type: ignore[arg-type]
        names = ("variant", "outcome", "show", "area", "task", "page")
        return "?" + urlencode({name: str(getattr(made, name)) for name in names if getattr(made, name)})


@dataclass(frozen=True)
class Side:
    """One variant's answer. `value`: mean reading over `answers`; `text`: null where it is withheld."""

    value: float
    answers: int
    answer: str
    text: str | None
    log: str | None


@dataclass(frozen=True)
class Pair:
    """One prompt. `loss`: how much less safe tuned is, in [-1, 1]; `prompt`: null where it is withheld."""

    task: str
    prompt_id: str
    condition: str
    area: str
    category: str
    loss: float
    prompt: str | None
    base: Side
    tuned: Side


@dataclass(frozen=True)
class Page:
    """A page of pairs, of `found` in all."""

    pairs: tuple[Pair, ...]
    found: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.found // SIZE))


def facets(folder: RunFolder) -> Facets:
    """What a run's tables hold to choose from."""
    with _tables(folder) as db:
        return Facets(
            _names(db, "SELECT DISTINCT outcome FROM grades WHERE role = 'primary' ORDER BY 1"),
            _names(db, "SELECT DISTINCT area FROM answers ORDER BY 1"),
            _names(db, "SELECT DISTINCT suite || '.' || task FROM answers ORDER BY 1"),
        )


def pairs(folder: RunFolder, asked: Asked) -> Page:
    """The page that is asked for; the last one where it lies beyond."""
    with _tables(folder) as db:
        rows = _rows(db, asked)
        found = int(str(rows[0]["found"])) if rows else 0
        if not rows and asked.page > 1:
            return pairs(folder, replace(asked, page=max(1, -(-_count(db, asked) // SIZE))))
    bodies = _bodies(folder.table("texts"), [row[name] for row in rows for name in ("prompt", "base_text", "text")])
    return Page(tuple(_pair(row, bodies) for row in rows), found)


def _tables(folder: RunFolder) -> duckdb.DuckDBPyConnection:
    folder.rows("answers"), folder.rows("grades")  # says which stage has not run
    return connect(answers=folder.table("answers"), grades=folder.table("grades"))


def _names(db: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    return tuple(str(name) for (name,) in db.execute(query).fetchall())


def _given(asked: Asked) -> dict[str, object]:
    return {
        "base": asked.against,
        "tuned": asked.variant,
        "outcome": asked.outcome,
        "sign": 1 if asked.higher else -1,
        "turned": list(asked.turned),
        "area": asked.area,
        "task": asked.task,
    }


def _rows(db: duckdb.DuckDBPyConnection, asked: Asked) -> list[dict[str, object]]:
    query = f"{_PAIRED} SELECT *, count(*) OVER () AS found FROM paired WHERE {_WHERE[asked.show]} {_ORDER}"
    cursor = db.execute(query, {**_given(asked), "size": SIZE, "start": SIZE * (asked.page - 1)})
    names = [item[0] for item in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _count(db: duckdb.DuckDBPyConnection, asked: Asked) -> int:
    row = db.execute(f"{_PAIRED} SELECT count(*) FROM paired WHERE {_WHERE[asked.show]}", _given(asked)).fetchone()
    return int(row[0]) if row is not None else 0


def _bodies(path: Path, digests: Iterable[object]) -> dict[str, str]:
    wanted = sorted({str(digest) for digest in digests if digest is not None})
    if not wanted or not path.exists():
        return {}
    with connect(texts=path) as db:
        marks = ", ".join("?" * len(wanted))  # a list of constants is pushed down to the row groups
        return dict(db.execute(f"SELECT digest, body FROM texts WHERE digest IN ({marks})", wanted).fetchall())


def _pair(row: Mapping[str, object], bodies: Mapping[str, str]) -> Pair:
    return Pair(
        task=f"{row['suite']}.{row['task']}",
        prompt_id=str(row["prompt_id"]),
        condition=str(row["condition"]),
        area=str(row["area"]),
        category=str(row["category"]),
        loss=float(str(row["loss"])),
        prompt=bodies.get(str(row["prompt"])),
        base=_side(row, bodies, "base_"),
        tuned=_side(row, bodies, ""),
    )


def _side(row: Mapping[str, object], bodies: Mapping[str, str], head: str) -> Side:
    log = row[f"{head}log"]
    return Side(
        value=float(str(row[f"{head}value"])),
        answers=int(str(row[f"{head}answers"])),
        answer=str(row[f"{head}answer"]),
        text=bodies.get(str(row[f"{head}text"])),
        log=None if log is None else str(log),
    )


def turned_tasks(mappings: Sequence[tuple[str, str]], safer: str) -> tuple[str, ...]:
    """`suite.task`s whose own direction is not the outcome's; `mappings`: (suite.task, its direction)."""
    return tuple(task for task, own in mappings if own != safer)


_PAIRED = """
WITH graded AS (
  SELECT answer, coalesce(avg(value) FILTER (WHERE role = 'adjudication' AND person IS NOT NULL),
                          avg(value) FILTER (WHERE role = 'adjudication'),
                          avg(value) FILTER (WHERE role = 'primary')) AS value
  FROM grades WHERE outcome = $outcome AND state = 'scored' AND role IN ('primary', 'adjudication') GROUP BY answer),
side AS (
  SELECT a.variant, a.suite, a.task, a.prompt_id, a.condition, a.prompt, min(a.area) AS area,
         min(a.category) AS category, count(*) AS answers, arg_min(a.text, a.repeat) AS text,
         arg_min(a.answer, a.repeat) AS answer, arg_min(a.log, a.repeat) AS log,
         avg(CASE WHEN list_contains($turned, a.suite || '.' || a.task) THEN 1 - g.value ELSE g.value END) AS value
  FROM answers a JOIN graded g USING (answer)
  WHERE a.variant IN ($base, $tuned) AND a.channel = 'automated' AND ($area = '' OR a.area = $area)
        AND ($task = '' OR a.suite || '.' || a.task = $task)
  GROUP BY ALL),
paired AS (
  SELECT t.*, b.value AS base_value, b.answers AS base_answers, b.text AS base_text, b.answer AS base_answer,
         b.log AS base_log, $sign * (b.value - t.value) AS loss
  FROM side t JOIN side b USING (suite, task, prompt_id, condition, prompt)
  WHERE t.variant = $tuned AND b.variant = $base)
"""
_ORDER = "ORDER BY loss DESC, suite, task, prompt_id, condition LIMIT $size OFFSET $start"
