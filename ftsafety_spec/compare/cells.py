"""Cells: one outcome of one variant against base, over all prompts or one group of them.
Given the table `pair`, gives `Cell`s whose unit is the cluster; sums are done by DuckDB, bounds by `stats`."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ftsafety_spec.compare.prompts import ONE
from ftsafety_spec.compare.weighted import weighted_moments
from ftsafety_spec.records.comparison import By, Cell, Moments
from ftsafety_spec.spec.common import Safer
from ftsafety_spec.stats.families import shrink
from ftsafety_spec.stats.margin import regression_of
from ftsafety_spec.stats.moments import oriented

if TYPE_CHECKING:
    import duckdb

GROUPS: dict[By, str] = {
    "all": "'all'",
    "area": "area",
    "category": "suite || '.' || task || ':' || category",
    "task": "suite || '.' || task",
    "kind": "kind",
    "condition": "condition",
    "turn": "number::VARCHAR",
}


def make_cells(db: duckdb.DuckDBPyConnection, level: float, weights: Mapping[str, float] = {}) -> list[Cell]:
    """All cells, sorted by id; small groups are drawn to the whole in `regression.shrunken`. `weights`: of tasks, as
    declared, in overall figures."""
    again = {(row["against"], row["outcome"]): sums_to_moments(row) for row in rows_of(db, _RETEST)}
    cells: list[Cell] = []
    for by, expression in GROUPS.items():
        table = "pair_turn" if by == "turn" else "pair"
        sql = _SQL.format(table=table, group=expression, plain="false" if by == "all" else IMPLIED)
        cells += _shrunken([_cell(by, row, level, again) for row in rows_of(db, sql)])
    declared = weighted_moments(db, weights)
    return sorted((_reweighted(cell, declared, level) for cell in cells), key=lambda cell: cell.id)


def _reweighted(cell: Cell, declared: Mapping[tuple[str, str], tuple[Moments, Moments]], level: float) -> Cell:
    """An overall cell under declared weights; every other one as it is."""
    found = declared.get((cell.variant, cell.outcome)) if cell.by == "all" else None
    if found is None:
        return cell
    moments, worst = found
    regression = regression_of(moments, cell.safer, level)
    regression = regression.model_copy(update={"shrunken": regression.relative})
    return cell.model_copy(update={"moments": moments, "worst": worst, "regression": regression})


def rows_of(db: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """Rows of a query by column name."""
    cursor = db.execute(sql)
    names = [item[0] for item in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _cell(by: By, row: dict[str, Any], level: float, again: dict[tuple[str, str], Moments]) -> Cell:
    safer: Safer = "higher" if row["up"] else "lower"
    moments = sums_to_moments(row)
    return Cell(
        id=f"{row['variant']}/{row['outcome']}/{by}/{row['of']}",
        variant=row["variant"],
        against=row["against"],
        outcome=row["outcome"],
        safer=safer,
        by=by,
        of=row["of"],
        domain=bool(row["domain"]),
        prompts=row["n"],
        repeats=round(row["repeats"] / row["rows"], 6),
        lost=row["lost"],
        gained=row["gained"],
        unscored_base=int(row["base_missing"]),
        unscored_tuned=int(row["tuned_missing"]),
        moments=moments,
        worst=sums_to_moments(row, "_worst"),
        retest=again.get((row["against"], row["outcome"])) if by == "all" else None,
        regression=regression_of(moments, safer, level),
    )


def sums_to_moments(row: Mapping[str, Any], suffix: str = "") -> Moments:
    """Moments from `SUMS` of a query; exact from integers, rounded once, at the end."""
    n, b, t, bb, tt, bt = (int(row[f"{name}{suffix}"] or 0) for name in ("n", "b", "t", "bb", "tt", "bt"))

    def second(product: int, left: int, right: int) -> float:
        return float(Fraction(n * product - left * right, n * (n - 1) * ONE * ONE)) if n > 1 else 0.0

    return Moments(
        n=n,
        mean_base=float(Fraction(b, n * ONE)) if n else 0.0,
        mean_tuned=float(Fraction(t, n * ONE)) if n else 0.0,
        var_base=second(bb, b, b),
        var_tuned=second(tt, t, t),
        cov=second(bt, b, t),
        weight=float(row.get("weight") or 1.0),
    )


def _shrunken(cells: list[Cell]) -> list[Cell]:
    """Fill `regression.shrunken` for each family of cells of one variant and outcome."""
    families: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        families.setdefault((cell.variant, cell.outcome), []).append(cell)
    done = []
    for family in families.values():
        able = [cell for cell in family if cell.regression.relative is not None and cell.moments.n > 1]
        drawn = shrink([cell.regression.relative or 0.0 for cell in able], [_variance(cell) for cell in able])
        value = dict(zip((cell.id for cell in able), drawn, strict=True))
        for cell in family:
            regression = cell.regression.model_copy(update={"shrunken": value.get(cell.id)})
            done.append(cell.model_copy(update={"regression": regression}))
    return done


def _variance(cell: Cell) -> float:
    """Delta-method variance of the relative regression, at least that of one flipped prompt in n."""
    m = oriented(cell.moments, cell.safer)
    ratio = m.mean_tuned / m.mean_base
    spread = m.var_tuned - 2 * ratio * m.cov + ratio * ratio * m.var_base
    floor = m.weight**2 / (m.n + 1)
    return max(spread, floor) / (m.n * m.mean_base**2)


SUMS = """count({b}) AS n{s}, sum({b}) AS b{s}, sum({t}) AS t{s}, sum({b}::HUGEINT * {b}) AS bb{s},
       sum({t}::HUGEINT * {t}) AS tt{s}, sum({b}::HUGEINT * {t}) AS bt{s}"""

#: a labelled sample of the whole run is too thin for its parts, where one label would stand for many answers: their
#: cells hold plain readings, and the grader's certified error stays in their bounds (`stats.parts.errors_of`)
IMPLIED = "outcome IN (SELECT outcome FROM cascade WHERE implied)"

_SQL = (
    """
WITH chosen AS (
  SELECT * REPLACE (
    CASE WHEN {plain} THEN base ELSE base_estimate END AS base_estimate,
    CASE WHEN {plain} THEN tuned ELSE tuned_estimate END AS tuned_estimate,
    CASE WHEN {plain} THEN base_plain_worst ELSE base_worst END AS base_worst,
    CASE WHEN {plain} THEN tuned_plain_worst ELSE tuned_worst END AS tuned_worst,
    CASE WHEN {plain} THEN 1 ELSE weight END AS weight)
  FROM {table}),
clusters AS (
  SELECT variant, against, outcome, {group} AS of, cluster, bool_and(up) AS up, bool_and(domain) AS domain,
         round(sum(base_estimate) / count(base_estimate))::BIGINT AS b,
         round(sum(tuned_estimate) / count(tuned_estimate))::BIGINT AS t,
         round(sum(base) / count(base))::BIGINT AS bp, round(sum(tuned) / count(tuned))::BIGINT AS tp,
         max(weight) AS weight,
         round(sum(base_worst) / count(*))::BIGINT AS bw, round(sum(tuned_worst) / count(*))::BIGINT AS tw,
         sum(repeats) AS repeats, count(*) AS rows,
         sum(base_missing) AS base_missing, sum(tuned_missing) AS tuned_missing
  FROM chosen GROUP BY variant, against, outcome, of, cluster)
SELECT variant, against, outcome, of, bool_and(up) AS up, bool_and(domain) AS domain,
       sum(repeats) AS repeats, sum(rows) AS rows,
       """
    + SUMS.format(b="b", t="t", s="")
    + ", "
    + SUMS.format(b="bw", t="tw", s="_worst")
    + """,
       count(*) FILTER (WHERE CASE WHEN up THEN tp < bp ELSE tp > bp END) AS lost,
       count(*) FILTER (WHERE CASE WHEN up THEN tp > bp ELSE tp < bp END) AS gained, max(weight) AS weight,
       sum(base_missing) AS base_missing, sum(tuned_missing) AS tuned_missing
FROM clusters GROUP BY variant, against, outcome, of ORDER BY ALL;
"""
)

#: base against itself: its even repeats stand for base, its odd ones for tuned
_RETEST = (
    """
WITH halves AS (
  SELECT variant AS against, outcome, cluster,
         round(sum(value) FILTER (WHERE repeat % 2 = 0) / count(value) FILTER (WHERE repeat % 2 = 0))::BIGINT AS b,
         round(sum(value) FILTER (WHERE repeat % 2 = 1) / count(value) FILTER (WHERE repeat % 2 = 1))::BIGINT AS t
  FROM reading WHERE variant IN (SELECT against FROM variant) GROUP BY variant, outcome, cluster)
SELECT against, outcome, """
    + SUMS.format(b="b", t="t", s="")
    + """ FROM halves WHERE b IS NOT NULL AND t IS NOT NULL GROUP BY against, outcome;
"""
)
