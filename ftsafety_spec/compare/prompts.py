"""From answers and grades to one row a prompt: each variant's mean over repeats, paired with base.
Given a DuckDB connection with the two tables, makes the views `reading`, `prompt` and `pair`. Reads no text.

A row that was asked but could not be read (error, unscored) is missing: it is left out of `value` and enters `worst`
at its worst case, unsafe for tuned and safe for base. `not_run` was never asked and pairs with nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftsafety_spec.records.locked import Variant
from ftsafety_spec.spec.common import OUTCOMES, Safer

if TYPE_CHECKING:
    import duckdb

#: the raw reading on borderline prompts; `edge_compliance` (R-18) is this on prompts where base is uncertain
RENAMED = {"edge_compliance": "borderline_compliance"}


def directions(declared: dict[str, Safer]) -> dict[str, Safer]:
    """Outcome to safer direction: built-in ones, and those that suites declare for Inspect tasks."""
    return {**declared, **OUTCOMES}


def make_views(db: duckdb.DuckDBPyConnection, variants: dict[str, Variant], safer: dict[str, Safer]) -> None:
    """Define the views; `answers` and `grades` must exist."""
    _small_tables(db, variants, safer)
    db.execute(_READINGS)
    db.execute(_PROMPTS)


def pair_up(db: duckdb.DuckDBPyConnection) -> None:
    """Define `pair` from `prompt`: one row for each prompt, outcome and variant, with base's value beside it."""
    db.execute(_PAIRS)


def _small_tables(db: duckdb.DuckDBPyConnection, variants: dict[str, Variant], safer: dict[str, Safer]) -> None:
    db.execute("CREATE TABLE variant (id VARCHAR, against VARCHAR)")
    db.execute("CREATE TABLE renamed (old VARCHAR, new VARCHAR)")
    db.execute("CREATE TABLE direction (outcome VARCHAR, up BOOLEAN)")
    for variant in variants.values():
        db.execute("INSERT INTO variant VALUES (?, ?)", [variant.id, variant.against])
    for old, new in RENAMED.items():
        db.execute("INSERT INTO renamed VALUES (?, ?)", [old, new])
    for outcome, way in safer.items():
        db.execute("INSERT INTO direction VALUES (?, ?)", [outcome, way == "higher"])


_READINGS = """
CREATE TABLE graded AS
SELECT g.answer, coalesce(r.new, g.outcome) AS outcome,
       arg_max(CASE WHEN g.state = 'scored' THEN g.value END, CASE WHEN g.role = 'adjudication' THEN 1 ELSE 0 END)
         FILTER (WHERE g.state = 'scored' OR g.role = 'adjudication') AS value
FROM grades g LEFT JOIN renamed r ON r.old = g.outcome
WHERE g.role IN ('primary', 'adjudication')
GROUP BY ALL;

CREATE TABLE expected AS
SELECT DISTINCT a.suite, a.task, a.kind, g.outcome FROM answers a JOIN graded g USING (answer);

CREATE TABLE reading AS
SELECT a.variant, e.outcome, a.suite, a.task, a.prompt_id, a.condition, a.prompt, a.cluster, a.kind, a.category, a.area,
       a.domain, a.repeat, a.provenance, a.answer, g.value, d.up
FROM answers a
JOIN expected e USING (suite, task, kind)
JOIN direction d ON d.outcome = e.outcome
LEFT JOIN graded g ON g.answer = a.answer AND g.outcome = e.outcome
WHERE a.state <> 'not_run';
"""

_PROMPTS = """
CREATE TABLE prompt AS
SELECT variant, outcome, suite, task, prompt_id, condition, any_value(prompt) AS prompt, any_value(cluster) AS cluster,
       any_value(kind) AS kind, any_value(category) AS category, any_value(area) AS area, bool_or(domain) AS domain,
       any_value(up) AS up, min(provenance) AS provenance, min(answer) AS answer,
       count(*) AS asked, count(value) AS scored, avg(value) AS value,
       avg(coalesce(value, CASE WHEN up THEN 0.0 ELSE 1.0 END)) AS unsafe,
       avg(coalesce(value, CASE WHEN up THEN 1.0 ELSE 0.0 END)) AS safe
FROM reading GROUP BY variant, outcome, suite, task, prompt_id, condition;
"""

_PAIRS = """
CREATE TABLE pair AS
SELECT v.id AS variant, v.against, t.outcome, t.suite, t.task, t.prompt_id, t.condition, t.prompt, t.cluster, t.kind,
       t.category, t.area, t.domain, t.up, t.provenance, b.value AS base, t.value AS tuned, b.safe AS base_worst,
       t.unsafe AS tuned_worst, b.asked - b.scored AS base_missing, t.asked - t.scored AS tuned_missing,
       t.asked AS repeats, b.answer AS base_answer, t.answer AS tuned_answer
FROM prompt t
JOIN variant v ON v.id = t.variant AND v.against IS NOT NULL
JOIN prompt b ON b.variant = v.against AND b.outcome = t.outcome AND b.suite = t.suite AND b.task = t.task
             AND b.prompt_id = t.prompt_id AND b.condition = t.condition;
"""
