"""A labelled audit of this very run, where no cascade was declared: people labelled the answers that chance put first.
Given `answers`, `grades` and `variant`, adds rows to the tables `cascade` and `drawn_labels`. Never counts a label that
somebody chose.

Answers are ordered by their draw (`records.cascade.draw`, seed of the plan), which knows neither readings nor variants.
The longest run of them, from the first on, of which people labelled every one is a random sample of all; where it is
large enough each of its labels stands for 1 / share answers (`compare.cascade`). It is cut down to a multiple of ten,
so that an answer which somebody labelled for another reason does not lengthen it. Only overall cells take the estimate
(`compare.cells`): for one area such a sample is too thin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ftsafety_spec.records.base import digest_of
from ftsafety_spec.records.cascade import PEOPLE

if TYPE_CHECKING:
    import duckdb

LEAST = 100
LEAST_TUNED = 50
"""Labelled answers that an audit needs: in all, and of each compared variant."""
_STEP = 10
_ALL = "g"  # sorts after every draw


@dataclass(frozen=True)
class _Prefix:
    """The labelled prefix of one raw outcome: answers in it, of how many, the draw at which it ends."""

    raw: str
    length: int
    total: int
    line: str
    base: int
    tuned: int

    @property
    def enough(self) -> bool:
        return self.length >= LEAST and self.tuned >= LEAST_TUNED


def add_implied(db: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Add a row to `cascade` for each task and primary grader of an outcome that has no cascade and enough labels."""
    if not db.execute(f"SELECT count(*) FROM grades WHERE {_BY_PEOPLE}").fetchone()[0]:
        return
    db.execute(_RANKED.format(seed=int(seed)))
    for raw, first, total in db.execute(_FIRST_GAP).fetchall():
        prefix = _prefix(db, str(raw), int(first) - 1, int(total))
        db.execute("INSERT INTO drawn_labels VALUES (?, ?, ?)", [prefix.raw, prefix.base, prefix.tuned])
        if prefix.enough:
            share = prefix.length / prefix.total
            db.execute(_ROWS, [digest_of([PEOPLE]), share, prefix.line, share, prefix.raw])


def _prefix(db: duckdb.DuckDBPyConnection, raw: str, labelled: int, total: int) -> _Prefix:
    length = total if labelled == total else labelled // _STEP * _STEP
    following = db.execute("SELECT min(draw) FROM ranked WHERE raw = ? AND rank > ?", [raw, length]).fetchone()
    counts = db.execute(_BY_VARIANT, [raw, length]).fetchall()
    return _Prefix(
        raw=raw,
        length=length,
        total=total,
        line=(following and following[0]) or _ALL,
        base=sum(int(count) for tuned, count in counts if not tuned),
        tuned=min((int(count) for tuned, count in counts if tuned), default=0),
    )


_BY_PEOPLE = "role = 'adjudication' AND person IS NOT NULL AND state = 'scored' AND value BETWEEN 0 AND 1"

#: what can be labelled: answers with a text and one primary reading; the raw choices of `value_shift` have no truth
_RANKED = f"""
CREATE TABLE ranked AS
WITH read AS (
  SELECT answer, outcome, min(grader_identity) <> max(grader_identity) AS twice FROM grades
  WHERE role = 'primary' AND outcome <> 'value_shift' AND outcome NOT IN (SELECT raw FROM cascade)
  GROUP BY answer, outcome),
asked AS (
  SELECT DISTINCT answer FROM answers WHERE text IS NOT NULL AND channel = 'automated' AND state <> 'not_run'),
labelled AS (SELECT DISTINCT answer, outcome FROM grades WHERE {_BY_PEOPLE}),
drawn AS (
  SELECT r.outcome AS raw, r.answer, substr(sha256('{{seed}}:' || r.answer), 1, 12) AS draw,
         l.answer IS NOT NULL AS labelled
  FROM read r JOIN asked USING (answer) LEFT JOIN labelled l ON l.answer = r.answer AND l.outcome = r.outcome
  WHERE r.outcome NOT IN (SELECT outcome FROM read WHERE twice))
SELECT *, row_number() OVER (PARTITION BY raw ORDER BY draw, answer) AS rank FROM drawn;
"""

_FIRST_GAP = """
SELECT raw, coalesce(min(rank) FILTER (WHERE NOT labelled), count(*) + 1), count(*)
FROM ranked GROUP BY raw ORDER BY raw;
"""

_BY_VARIANT = """
SELECT v.against IS NOT NULL AS tuned, count(DISTINCT r.answer) FILTER (WHERE r.rank <= ?2)
FROM ranked r JOIN answers a USING (answer) JOIN variant v ON v.id = a.variant
WHERE r.raw = ?1 AND a.channel = 'automated' GROUP BY v.id, v.against ORDER BY v.id;
"""

_ROWS = f"""
INSERT INTO cascade
SELECT DISTINCT a.suite, a.task, g.outcome, coalesce(n.new, g.outcome), g.grader, '{PEOPLE}', g.grader_identity, ?1, 0,
       ?2, ?3, ?4, true
FROM answers a JOIN grades g USING (answer) LEFT JOIN renamed n ON n.old = g.outcome
WHERE g.role = 'primary' AND g.outcome = ?5 AND a.channel = 'automated' ORDER BY ALL;
"""
