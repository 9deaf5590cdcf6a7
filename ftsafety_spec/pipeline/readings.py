"""What a review queue is made of: given a run's tables, gives those readings that may be in one, in the order of their
draw. One query; reads no text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.tables import connect


def queue_readings(folder: RunFolder, comparison: Comparison, seed: int, most: int) -> list[dict[str, Any]]:
    """Readings (answer and outcome) that are unscored, on which graders differ, that chance drew (the first `most` of
    each outcome by their draw), that are of a category, or that the comparison names as discordant."""
    for name in ("answers", "grades"):
        folder.rows(name)  # says which stage has not run
    named = sorted({key for row in comparison.discordant for key in (row.base_answer, row.tuned_answer)})
    worst = sorted({cell.of for cell in comparison.cells if cell.by == "category" and cell.regression.points > 0})
    with connect(answers=folder.table("answers"), grades=folder.table("grades")) as db:
        _fill(db, "named", named)
        _fill(db, "worst", worst)
        cursor = db.execute(_READINGS, {"seed": str(seed), "most": most})
        names = [item[0] for item in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _fill(db: Any, table: str, values: Iterable[str]) -> None:
    db.execute(f"CREATE TABLE {table} AS SELECT unnest(?::VARCHAR[]) AS name", [list(values)])


#: the draw is `records.cascade.draw`: what chance draws here corrects the graders as a labelled random sample does
_READINGS = """
WITH reading AS MATERIALIZED (
  SELECT answer, outcome, bool_or(role = 'primary' AND value IS NULL) AND count(person) = 0 AS unscored,
         coalesce(bool_or(value >= 0.5) FILTER (WHERE person IS NULL)
           AND bool_or(value < 0.5) FILTER (WHERE person IS NULL), false) AS differ
  FROM grades GROUP BY answer, outcome),
drawn AS MATERIALIZED (
  SELECT answer, min(category) AS category, substr(sha256($seed || ':' || answer), 1, 12) AS draw
  FROM answers WHERE text IS NOT NULL AND channel = 'automated' GROUP BY answer),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY outcome ORDER BY draw) <= $most AS chance,
         row_number() OVER (PARTITION BY outcome, category ORDER BY draw) <= $most
           AND category IN (SELECT name FROM worst) AS of_worst
  FROM reading JOIN drawn USING (answer)),
chosen AS MATERIALIZED (
  SELECT * EXCLUDE (category) FROM ranked
  WHERE unscored OR differ OR chance OR of_worst OR answer IN (SELECT name FROM named)),
asked AS (
  SELECT answer, min(prompt) AS prompt, min(text) AS text, min(prompt_id) AS prompt_id, min(suite) AS suite,
         min(task) AS task, min(kind) AS kind, min(category) AS category, min(area) AS area
  FROM answers SEMI JOIN chosen USING (answer) WHERE text IS NOT NULL AND channel = 'automated' GROUP BY answer)
SELECT * FROM chosen JOIN asked USING (answer)
ORDER BY draw, outcome, answer;
"""
