"""Overall figures by declared weights of tasks (benchmarks). Given the table `pair` and the weights that suites
declare, gives moments of every variant and outcome of which some task declares one; all others stay by prompts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ftsafety_spec.compare.prompts import ONE
from ftsafety_spec.records.comparison import Moments
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.stats.stratified import Sums, weighted

if TYPE_CHECKING:
    import duckdb

Key = tuple[str, str]
"""Variant and outcome."""


def declared(locked: LockedSpec) -> dict[str, float]:
    """`suite.task` to the weight that it declares."""
    return {
        f"{suite_id}.{task_id}": task.weight
        for suite_id, suite in sorted(locked.spec.suites.items())
        for task_id, task in sorted(suite.tasks.items())
        if task.weight is not None
    }


def weighted_moments(db: duckdb.DuckDBPyConnection, weights: Mapping[str, float]) -> dict[Key, tuple[Moments, Moments]]:
    """Variant and outcome to moments over what was read, and with what is missing at its worst. A task that declares
    no weight beside one that does weighs 1."""
    if not weights:
        return {}
    seen, worst = (
        _sums(db, columns) for columns in (("base_estimate", "tuned_estimate"), ("base_worst", "tuned_worst"))
    )
    found = {}
    for key, sums in sorted(worst.items()):
        tasks = sorted({task for task, _ in sums})
        if set(tasks) & set(weights):
            given = {task: weights.get(task, 1.0) for task in tasks}
            found[key] = (weighted(seen.get(key, {}), given, ONE), weighted(sums, given, ONE))
    return found


def _sums(db: duckdb.DuckDBPyConnection, columns: tuple[str, str]) -> dict[Key, dict[tuple[str, str], Sums]]:
    found: dict[Key, dict[tuple[str, str], Sums]] = {}
    for variant, outcome, one, other, *numbers in db.execute(_SQL.format(*columns)).fetchall():
        n, b, t, b2, t2, bb, tt, bt, weight = numbers
        sums = Sums(int(n), int(b), int(t), int(b2), int(t2), int(bb), int(tt), int(bt), float(weight))
        found.setdefault((str(variant), str(outcome)), {})[str(one), str(other)] = sums
    return found


_SQL = """
WITH clusters AS (
  SELECT variant, outcome, suite || '.' || task AS task, cluster, max(weight) AS weight,
         round(sum({0}) / count({0}))::BIGINT AS b, round(sum({1}) / count({1}))::BIGINT AS t
  FROM pair GROUP BY ALL HAVING count({0}) > 0)
SELECT x.variant, x.outcome, x.task, y.task, count(*), sum(x.b), sum(x.t), sum(y.b), sum(y.t),
       sum(x.b::HUGEINT * y.b), sum(x.t::HUGEINT * y.t), sum(x.b::HUGEINT * y.t), max(x.weight)
FROM clusters x JOIN clusters y USING (variant, outcome, cluster) GROUP BY ALL ORDER BY ALL;
"""
