"""An answer's value where a cheap grader decides and a stronger one corrects it on a drawn share. Given the tables
`answers` and `grades` and a plan, makes the table `cascaded`; reads no text.

The estimate is that of a difference estimator under Poisson sampling (Horvitz and Thompson 1952; Särndal, Swensson and
Wretman 1992, section 6.3; prediction-powered inference, Angelopoulos et al. 2023, has the same form): where the cheap
grader is not sure, the stronger value; where it is sure, the cheap value c; and where chance, with probability p, had
the stronger one read that as well, c + (s - c) / p. Its mean is that of the stronger grader over all answers, whatever
the cheap one gets wrong, so single values may leave [0, 1]. `plain` is the best single reading of an answer: for counts
of prompts, never for rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ftsafety_spec.compare.implied import add_implied
from ftsafety_spec.records.plan import GraderUse, Plan

if TYPE_CHECKING:
    import duckdb


def make_cascaded(db: duckdb.DuckDBPyConnection, plan: Plan, renamed: Mapping[str, str], one: int) -> None:
    """Make `cascade` (one row for each task's outcome that is read in two levels, be it that people labelled a random
    sample) and `cascaded` (one row for each answer that was read so). `one`: the integer that stands for a rate of
    1."""
    make_levels(db)
    rows = [_row(use, renamed) for use in plan.graders if use.cascade is not None]
    if rows:
        db.executemany(f"INSERT INTO cascade VALUES ({', '.join('?' * len(rows[0]))})", list(dict.fromkeys(rows)))
    add_implied(db, plan.order_seed)
    db.execute(_CASCADED.format(one=one, seed=int(plan.order_seed)))


def make_levels(db: duckdb.DuckDBPyConnection) -> None:
    """Make `cascade` and `drawn_labels`, empty."""
    db.execute(_CASCADE)


def _row(use: GraderUse, renamed: Mapping[str, str]) -> tuple[object, ...]:
    level = use.cascade
    assert level is not None
    outcome = renamed.get(use.outcome, use.outcome)
    names = (level.grader, use.grader)
    places = (use.suite, use.task, use.outcome, outcome)
    return (*places, *names, level.identity, use.identity, level.below, level.audit, level.line, level.share, False)


_CASCADE = """
CREATE TABLE cascade (suite VARCHAR, task VARCHAR, raw VARCHAR, outcome VARCHAR, cheap VARCHAR, strong VARCHAR,
                      cheap_identity VARCHAR, strong_identity VARCHAR, below DOUBLE, audit DOUBLE, line VARCHAR,
                      share DOUBLE, implied BOOLEAN);
CREATE TABLE drawn_labels (raw VARCHAR, base BIGINT, tuned BIGINT);
"""

#: `sure`: the cheap grader decides; `drawn`: chance has it read again; `low`, `high`: with what is missing at 0, at 1
_CASCADED = """
CREATE TABLE cascaded AS
WITH scored AS (
  SELECT answer, outcome, role, person, grader_identity, sure,
         CASE WHEN state = 'scored' AND value BETWEEN 0 AND 1 THEN round(value * {one})::BIGINT END AS value
  FROM grades),
cheap AS (
  SELECT answer, outcome, grader_identity, round(sum(value) / count(value))::BIGINT AS value, min(sure) AS sure
  FROM scored WHERE role = 'primary' GROUP BY ALL),
strong AS (
  SELECT answer, outcome, grader_identity, round(sum(value) / count(value))::BIGINT AS value
  FROM scored WHERE role = 'adjudication' AND person IS NULL GROUP BY ALL),
people AS (
  SELECT answer, outcome, round(sum(value) / count(value))::BIGINT AS value
  FROM scored WHERE role = 'adjudication' AND person IS NOT NULL GROUP BY ALL),
levels AS (
  SELECT a.answer, a.suite, a.task, k.outcome, k.cheap AS cheap_name, k.strong AS strong_name, k.below, k.audit,
         k.implied, k.share, c.value AS cheap,
         coalesce(c.value IS NOT NULL AND (k.implied OR c.sure >= k.below), false) AS sure,
         substr(sha256('{seed}:' || a.answer), 1, 12) < k.line AND (a.text OR NOT k.implied) AS drawn,
         coalesce(p.value, s.value) AS strong
  FROM (SELECT answer, suite, task, bool_or(text IS NOT NULL) AS text FROM answers
        WHERE state <> 'not_run' GROUP BY ALL) a
  JOIN cascade k USING (suite, task)
  JOIN cheap c ON c.answer = a.answer AND c.outcome = k.raw AND c.grader_identity = k.cheap_identity
  LEFT JOIN strong s ON s.answer = a.answer AND s.outcome = k.raw AND s.grader_identity = k.strong_identity
  LEFT JOIN people p ON p.answer = a.answer AND p.outcome = k.raw),
corrected AS (
  SELECT *, CASE WHEN NOT sure THEN 1 ELSE nullif(share, 0) END AS p, CASE WHEN sure THEN cheap ELSE 0 END AS c
  FROM levels)
SELECT answer, suite, task, outcome, cheap_name, strong_name, below, audit, implied, sure, drawn, cheap, strong,
       CASE WHEN sure AND NOT drawn THEN cheap ELSE strong END AS plain,
       CASE WHEN sure AND NOT drawn THEN cheap ELSE c + round((strong - c) / p)::BIGINT END AS estimate,
       CASE WHEN sure AND NOT drawn THEN cheap ELSE c + round((coalesce(strong, 0) - c) / p)::BIGINT END AS low,
       CASE WHEN sure AND NOT drawn THEN cheap ELSE c + round((coalesce(strong, {one}) - c) / p)::BIGINT END AS high,
       1 / coalesce(p, 1) AS weight
FROM corrected;
"""
