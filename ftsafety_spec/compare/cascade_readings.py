"""What each level of a cascade read and what it cost. Given the tables `cascaded`, `cascade` and `grades`, gives one
row for each outcome and pair of levels; counts only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftsafety_spec.compare.prompts import ONE
from ftsafety_spec.records.cascade import PEOPLE
from ftsafety_spec.records.comparison import CascadeReading, GraderLevel

if TYPE_CHECKING:
    import duckdb


def cascade_readings(db: duckdb.DuckDBPyConnection) -> list[CascadeReading]:
    """One row for each cascade, over the answers of all variants; an answer that several tasks share counts once."""
    return [_reading(db, row) for row in db.execute(_COUNTS).fetchall()]


def _reading(db: duckdb.DuckDBPyConnection, row: tuple[Any, ...]) -> CascadeReading:
    outcome, cheap, strong, below, audit, implied, sure, escalated, audited, moved, missing, unread, read, total = row
    passed_on, missing = (int(read), 0) if implied else (int(escalated) + int(audited), int(missing))
    base, tuned = _labelled(db, str(outcome)) if implied else (None, None)
    costs = {role: (usd, seconds) for role, usd, seconds in db.execute(_COSTS, [outcome, cheap, strong]).fetchall()}
    return CascadeReading(
        outcome=outcome,
        below=below,
        audit=audit,
        sure=sure,
        escalated=escalated,
        audited=audited,
        moved=moved,
        waiting=missing if strong == PEOPLE else 0,
        levels=(
            _level(cheap, int(total), int(unread), costs.get("primary")),
            _level(strong, passed_on, missing, costs.get("adjudication")),
        ),
        implied=bool(implied),
        labelled_base=base,
        labelled_tuned=tuned,
    )


def _labelled(db: duckdb.DuckDBPyConnection, outcome: str) -> tuple[int, int]:
    row = db.execute(DRAWN, [outcome]).fetchone()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def _level(grader: str, answers: int, unscored: int, cost: tuple[Any, Any] | None) -> GraderLevel:
    usd, seconds = cost or (None, None)
    return GraderLevel(
        grader=grader,
        answers=answers,
        unscored=unscored,
        usd=None if usd is None else f"{usd:.8f}",
        seconds=None if seconds is None else round(float(seconds), 3),
    )


DRAWN = """
SELECT d.base, d.tuned FROM drawn_labels d LEFT JOIN renamed r ON r.old = d.raw WHERE coalesce(r.new, d.raw) = ?;
"""

_COUNTS = f"""
WITH once AS (
  SELECT DISTINCT answer, outcome, cheap_name, strong_name, below, audit, implied, sure, drawn, cheap, strong
  FROM cascaded)
SELECT outcome, cheap_name, strong_name, below, audit, implied, count(*) FILTER (WHERE sure),
       count(*) FILTER (WHERE NOT sure), count(*) FILTER (WHERE sure AND drawn),
       count(*) FILTER (WHERE sure AND drawn AND (2 * cheap >= {ONE}) <> (2 * strong >= {ONE})),
       count(*) FILTER (WHERE strong IS NULL AND (drawn OR NOT sure)), count(*) FILTER (WHERE cheap IS NULL),
       count(strong) FILTER (WHERE drawn OR NOT sure), count(*)
FROM once GROUP BY outcome, cheap_name, strong_name, below, audit, implied ORDER BY ALL;
"""

_COSTS = """
WITH mine AS (SELECT DISTINCT raw, cheap_identity, strong_identity FROM cascade
              WHERE outcome = ? AND cheap = ? AND strong = ?),
once AS (
  SELECT DISTINCT g.grade, g.role, g.usd::DECIMAL(38, 10) AS usd, g.seconds FROM grades g JOIN mine m
  ON g.outcome = m.raw AND g.person IS NULL AND (g.role = 'primary' AND g.grader_identity = m.cheap_identity
     OR g.role = 'adjudication' AND g.grader_identity = m.strong_identity))
SELECT role, sum(usd), sum(seconds ORDER BY grade) FROM once GROUP BY role ORDER BY role;
"""
