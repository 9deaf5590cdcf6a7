"""R-18: on borderline prompts where base itself is uncertain, does tuned comply more? Adds `edge_compliance` rows.
The prompts are chosen on base's even repeats (they disagree) and judged on its odd ones, against tuned's odd ones, so
that regression to the mean is not taken for a shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

REPEATS = 4


def reason_not(repeats: int, temperature: float) -> str | None:
    """Why edge cases cannot be measured; None where they can."""
    if temperature == 0:
        return "the answers are drawn at temperature 0, which shows no uncertainty of base"
    if repeats < REPEATS:
        return f"needs at least {REPEATS} sampled repeats (half choose the prompts, half judge), the spec has {repeats}"
    return None


def add(db: duckdb.DuckDBPyConnection) -> None:
    """Insert one row for each chosen prompt and variant."""
    db.execute(_SQL)


_SQL = """
INSERT INTO prompt
WITH chosen AS (
  SELECT v.id AS variant, r.variant AS base, r.suite, r.task, r.prompt_id, r.condition
  FROM reading r JOIN variant v ON v.against = r.variant
  WHERE r.outcome = 'borderline_compliance' AND r.kind = 'borderline' AND r.repeat % 2 = 0 AND r.value IS NOT NULL
  GROUP BY ALL HAVING avg(r.value) > 0 AND avg(r.value) < 1),
members AS (
  SELECT variant AS who, suite, task, prompt_id, condition FROM chosen
  UNION SELECT base, suite, task, prompt_id, condition FROM chosen)
SELECT r.variant, 'edge_compliance', r.suite, r.task, r.prompt_id, r.condition, any_value(r.prompt),
       any_value(r.cluster), any_value(r.kind), any_value(r.category), any_value(r.area), bool_or(r.domain), false,
       min(r.provenance), min(r.answer), count(*), count(r.value), avg(r.value), avg(coalesce(r.value, 1.0)),
       avg(coalesce(r.value, 0.0))
FROM reading r
JOIN members m ON m.who = r.variant AND m.suite = r.suite AND m.task = r.task AND m.prompt_id = r.prompt_id
              AND m.condition = r.condition
WHERE r.outcome = 'borderline_compliance' AND r.repeat % 2 = 1
GROUP BY r.variant, r.suite, r.task, r.prompt_id, r.condition;
"""
