"""How far people agree who labelled the same answers. Given the table `grades`, gives one row for each outcome; counts
only, no names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftsafety_spec.records.comparison import PeopleReading
from ftsafety_spec.stats.raters import fleiss_kappa

if TYPE_CHECKING:
    import duckdb


def people_readings(db: duckdb.DuckDBPyConnection) -> list[PeopleReading]:
    """One row for each outcome that people labelled. Labels are compared as three classes: low, partial, high."""
    found = []
    for outcome, people, answers in db.execute(_LABELS).fetchall():
        counts = [list(row) for row in db.execute(_COUNTS, [outcome]).fetchall()]
        agree, kappa = fleiss_kappa(counts)
        row = {"outcome": outcome, "people": people, "answers": answers, "shared": len(counts)}
        found.append(PeopleReading(**row, agree=agree, kappa=kappa))
    return found


_LABELS = """
SELECT coalesce(r.new, g.outcome) AS outcome, count(DISTINCT person), count(DISTINCT answer)
FROM grades g LEFT JOIN renamed r ON r.old = g.outcome
WHERE person IS NOT NULL AND state = 'scored' GROUP BY ALL ORDER BY 1;
"""

#: one row a labelled text, not an answer: equal texts share their labels and would count them twice
_COUNTS = """
WITH label AS (
  SELECT DISTINCT a.prompt, a.text, g.person, g.value FROM grades g
  JOIN answers a USING (answer) LEFT JOIN renamed r ON r.old = g.outcome
  WHERE g.person IS NOT NULL AND g.state = 'scored' AND coalesce(r.new, g.outcome) = ?)
SELECT count(*) FILTER (WHERE value < 0.25), count(*) FILTER (WHERE value >= 0.25 AND value < 0.75),
       count(*) FILTER (WHERE value >= 0.75)
FROM label GROUP BY prompt, text HAVING count(DISTINCT person) > 1 ORDER BY prompt, text;
"""
