"""How tuned's prompts met base's, and on which prompts they differ.
Given the tables of `prompts`, gives counts, ids and digests; never a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ftsafety_spec.compare.prompts import ONE
from ftsafety_spec.records.comparison import Discordant, Pairing

if TYPE_CHECKING:
    import duckdb

MOST_DISCORDANT = 500


def pairings(db: duckdb.DuckDBPyConnection, variants: Iterable[str]) -> list[Pairing]:
    """One row for each compared variant. Counts are of distinct prompts (clusters), over outcomes."""
    return [_pairing(db, variant) for variant in variants]


def _pairing(db: duckdb.DuckDBPyConnection, variant: str) -> Pairing:
    def counted(column: str, where: str = "true") -> dict[str, int]:
        rows = db.execute(
            f"SELECT {column}, count(DISTINCT cluster) FROM pair "
            f"WHERE variant = ? AND base IS NOT NULL AND tuned IS NOT NULL AND {where} GROUP BY 1 ORDER BY 1",
            [variant],
        ).fetchall()
        return {str(name): int(count) for name, count in rows}

    row = db.execute(_COUNTS, [variant]).fetchone()
    base_only, tuned_only = row if row is not None else (0, 0)
    found = db.execute(_STATES, {"variant": variant}).fetchall()
    states = {f"{state} ({'tuned' if tuned else 'base'})": int(count) for tuned, state, count in found}
    return Pairing(
        variant=variant,
        paired=sum(counted("'all'").values()),
        base_only=int(base_only),
        tuned_only=int(tuned_only),
        excluded={name: count for name, count in states.items() if not name.startswith(("filtered", "truncated"))},
        states=states,
        paired_by_kind=counted("kind"),
        paired_by_provenance=counted("provenance"),
        domain_by_area=counted("area", "domain AND kind IN ('harmful', 'borderline')"),
    )


def discordant(db: duckdb.DuckDBPyConnection) -> list[Discordant]:
    """Prompts on which the two differ, the greatest loss first, at most 500 for each variant and outcome."""
    cursor = db.execute(_DISCORDANT, [MOST_DISCORDANT])
    names = [item[0] for item in cursor.description]
    return [Discordant(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def measured_span(db: duckdb.DuckDBPyConnection) -> tuple[Any, Any]:
    """First and last moment at which an answer was given; nulls where no answer carries one."""
    row = db.execute(_SPAN).fetchone()
    return row if row is not None else (None, None)


def not_run(db: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Why answers that were planned were never asked for, to how many."""
    return dict(db.execute(_NOT_RUN).fetchall())


_COUNTS = """
SELECT count(DISTINCT prompt) FILTER (WHERE base_answer IS NOT NULL AND tuned_answer IS NULL),
       count(DISTINCT prompt) FILTER (WHERE base_answer IS NULL AND tuned_answer IS NOT NULL)
FROM pair WHERE variant = ?;
"""

_STATES = """
SELECT a.variant = $variant AS tuned, a.state, count(*) FROM answers a
WHERE a.variant IN (SELECT unnest([id, against]) FROM variant WHERE id = $variant) AND a.state <> 'ok'
  AND a.channel = 'automated'
GROUP BY ALL ORDER BY ALL;
"""

_DISCORDANT = f"""
SELECT variant, outcome, task, prompt_id, prompt, area, base / {ONE}::DOUBLE AS base, tuned / {ONE}::DOUBLE AS tuned,
       base_answer, tuned_answer FROM (
  SELECT *, row_number() OVER (PARTITION BY variant, outcome
            ORDER BY CASE WHEN up THEN tuned - base ELSE base - tuned END, suite, task, prompt_id, condition, prompt)
            AS rank
  FROM pair WHERE base <> tuned)
WHERE rank <= ? ORDER BY variant, outcome, rank;
"""

_NOT_RUN = """
SELECT coalesce(reason, 'not asked') AS why, count(*) FROM answers WHERE state = 'not_run' AND channel = 'automated'
GROUP BY why ORDER BY why;
"""

_SPAN = """
SELECT min("at"), max("at") FROM answers WHERE state <> 'not_run' AND channel = 'automated';
"""
