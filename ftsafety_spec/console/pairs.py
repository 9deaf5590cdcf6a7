"""Prompts with the answers of base and tuned side by side: given a run's tables and what to show, gives one page of
pairs with their texts. DuckDB does the pairing; only the texts of the page are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ftsafety_spec.console.texts import bodies
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.tables import connect

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]
Key = tuple[str, ...]

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
    """One prompt, or one turn of a conversation (`turn`, from 1). `loss`: how much less safe tuned is, in [-1, 1];
    `prompt`: null where it is withheld."""

    task: str
    prompt_id: str
    condition: str
    area: str
    category: str
    loss: float
    prompt: str | None
    base: Side
    tuned: Side
    turn: int | None = None


@dataclass(frozen=True)
class Page:
    """A page of pairs, of `found` in all."""

    pairs: tuple[Pair, ...]
    found: int
    page: int

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


def paired(folder: RunFolder, asked: Asked) -> duckdb.DuckDBPyConnection:
    """The run's tables with a table `paired` of every prompt that both variants answered; pages are taken from it."""
    db = _tables(folder)
    given = {"base": asked.against, "tuned": asked.variant, "outcome": asked.outcome, "turned": list(asked.turned)}
    db.execute(_PAIRED, {**given, "sign": 1 if asked.higher else -1})
    return db


def pairs(folder: RunFolder, db: duckdb.DuckDBPyConnection, asked: Asked) -> Page:
    """The page that is asked for, of the table that `paired` made in `db`; the last one where it lies beyond."""
    with db.cursor() as own:  # one connection serves one thread
        where = (
            f"{_WHERE[asked.show]} AND ($area = '' OR area = $area) AND ($task = '' OR suite || '.' || task = $task)"
        )
        chosen: dict[str, object] = {"area": asked.area, "task": asked.task}
        found = int(_rows(own, f"SELECT count(*) AS found FROM paired WHERE {where}", chosen)[0]["found"])
        page = min(asked.page, max(1, -(-found // SIZE)))
        place = {"size": SIZE, "start": SIZE * (page - 1)}
        keys = _rows(own, f"SELECT * FROM paired WHERE {where} {_ORDER}", {**chosen, **place})
        sides = _sides(own, asked, keys)
    found_texts = bodies(folder, [*(row["prompt"] for row in keys), *(side["text"] for side in sides.values())])
    made = [_pair(row, asked, sides, found_texts) for row in keys]
    return Page(tuple(made), found, page)


def _tables(folder: RunFolder) -> duckdb.DuckDBPyConnection:
    for name in ("answers", "grades"):
        folder.rows(name)  # says which stage has not run
    return connect(answers=folder.table("answers"), grades=folder.table("grades"))


def _names(db: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    return tuple(str(name) for (name,) in db.execute(query).fetchall())


def _rows(db: duckdb.DuckDBPyConnection, query: str, given: dict[str, object]) -> list[Row]:
    cursor = db.execute(query, given)
    names = [item[0] for item in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _sides(db: duckdb.DuckDBPyConnection, asked: Asked, keys: Sequence[Row]) -> dict[Key, Row]:
    """The first answer of each variant to the prompts of the page, and how many there are."""
    ids = sorted({row["prompt_id"] for row in keys})
    given: dict[str, object] = {"ids": ids, "variants": [asked.variant, asked.against]}
    return {(*_key(row), str(row["variant"])): row for row in _rows(db, _SIDES, given)} if ids else {}


def _key(row: Row) -> Key:
    return tuple(str(row[name]) for name in ("suite", "task", "prompt_id", "condition", "prompt", "turn"))


def _pair(row: Row, asked: Asked, sides: Mapping[Key, Row], texts: Mapping[str, str]) -> Pair:
    base, tuned = sides[*_key(row), asked.against], sides[*_key(row), asked.variant]
    return Pair(
        task=f"{row['suite']}.{row['task']}",
        prompt_id=row["prompt_id"],
        condition=row["condition"],
        area=row["area"],
        category=tuned["category"],
        loss=row["loss"],
        prompt=texts.get(row["prompt"]),
        base=_side(base, row["base"], texts),
        tuned=_side(tuned, row["tuned"], texts),
        turn=None if row["turn"] is None else row["turn"] + 1,
    )


def _side(row: Row, value: float, texts: Mapping[str, str]) -> Side:
    return Side(value, row["answers"], row["answer"], texts.get(row["text"]), row["log"])


def turned_tasks(mappings: Sequence[tuple[str, str]], safer: str) -> tuple[str, ...]:
    """`suite.task`s whose own direction is not the outcome's; `mappings`: (suite.task, its direction)."""
    return tuple(task for task, own in mappings if own != safer)


_PAIRED = """
CREATE TABLE paired AS
WITH graded AS (
  SELECT answer, coalesce(avg(value) FILTER (WHERE role = 'adjudication' AND person IS NOT NULL),
                          avg(value) FILTER (WHERE role = 'adjudication'),
                          avg(value) FILTER (WHERE role = 'primary')) AS value
  FROM grades WHERE outcome = $outcome AND state = 'scored' AND role IN ('primary', 'adjudication') GROUP BY answer),
read AS (
  SELECT a.*, CASE WHEN list_contains($turned, a.suite || '.' || a.task) THEN 1 - g.value ELSE g.value END AS value
  FROM answers a JOIN graded g USING (answer) WHERE a.variant IN ($base, $tuned) AND a.channel = 'automated')
SELECT *, $sign * (base - tuned) AS loss
FROM (SELECT suite, task, prompt_id, condition, prompt, turn, min(area) AS area,
             avg(value) FILTER (WHERE variant = $base) AS base, avg(value) FILTER (WHERE variant = $tuned) AS tuned
      FROM read GROUP BY suite, task, prompt_id, condition, prompt, turn)
WHERE base IS NOT NULL AND tuned IS NOT NULL
"""
_SIDES = """
SELECT variant, suite, task, prompt_id, condition, prompt, turn, min(category) AS category, count(*) AS answers,
       arg_min(answer, repeat) AS answer, arg_min(text, repeat) AS text, arg_min(log, repeat) AS log
FROM answers
WHERE variant IN (SELECT unnest($variants)) AND prompt_id IN (SELECT unnest($ids)) AND channel = 'automated'
GROUP BY variant, suite, task, prompt_id, condition, prompt, turn
"""
_ORDER = "ORDER BY loss DESC, suite, task, prompt_id, condition, turn LIMIT $size OFFSET $start"
