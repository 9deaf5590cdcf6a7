"""Cells: one outcome of one variant against base, over all prompts or one group of them.
Given the table `pair`, gives `Cell`s whose unit is the cluster; sums are done by DuckDB, bounds by `stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
}


def make_cells(db: duckdb.DuckDBPyConnection, level: float) -> list[Cell]:
    """All cells, sorted by id; small groups are drawn to the whole in `regression.shrunken`."""
    cells: list[Cell] = []
    for by, expression in GROUPS.items():
        cursor = db.execute(_SQL.format(group=expression))
        names = [item[0] for item in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        cells += _shrunken([_cell(by, row, level) for row in rows])
    return sorted(cells, key=lambda cell: cell.id)


def _cell(by: By, row: dict[str, Any], level: float) -> Cell:
    safer: Safer = "higher" if row["up"] else "lower"
    moments = _moments(row, "")
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
        repeats=float(row["repeats"]),
        lost=row["lost"],
        gained=row["gained"],
        unscored_base=int(row["base_missing"]),
        unscored_tuned=int(row["tuned_missing"]),
        moments=moments,
        worst=_moments(row, "_worst"),
        regression=regression_of(moments, safer, level),
    )


def _moments(row: dict[str, Any], suffix: str) -> Moments:
    def number(name: str) -> float:
        value = row[f"{name}{suffix}"]
        return 0.0 if value is None else float(value)

    return Moments(
        n=int(row[f"n{suffix}"]),
        mean_base=number("mean_base"),
        mean_tuned=number("mean_tuned"),
        var_base=max(0.0, number("var_base")),
        var_tuned=max(0.0, number("var_tuned")),
        cov=number("cov"),
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
    floor = 1.0 / (m.n + 1)
    return max(spread, floor) / (m.n * m.mean_base**2)


_SQL = """
WITH clusters AS (
  SELECT variant, against, outcome, {group} AS of, cluster, bool_or(up) AS up, bool_or(domain) AS domain,
         avg(base) FILTER (WHERE base IS NOT NULL AND tuned IS NOT NULL) AS b,
         avg(tuned) FILTER (WHERE base IS NOT NULL AND tuned IS NOT NULL) AS t,
         avg(base_worst) AS bw, avg(tuned_worst) AS tw, avg(repeats) AS repeats,
         sum(base_missing) AS base_missing, sum(tuned_missing) AS tuned_missing
  FROM pair GROUP BY variant, against, outcome, of, cluster)
SELECT variant, against, outcome, of, bool_or(up) AS up, bool_or(domain) AS domain, avg(repeats) AS repeats,
       count(b) AS n, avg(b) AS mean_base, avg(t) AS mean_tuned, var_samp(b) AS var_base, var_samp(t) AS var_tuned,
       covar_samp(b, t) AS cov,
       count(*) AS n_worst, avg(bw) AS mean_base_worst, avg(tw) AS mean_tuned_worst, var_samp(bw) AS var_base_worst,
       var_samp(tw) AS var_tuned_worst, covar_samp(bw, tw) AS cov_worst,
       count(*) FILTER (WHERE CASE WHEN up THEN t < b - 1e-12 ELSE t > b + 1e-12 END) AS lost,
       count(*) FILTER (WHERE CASE WHEN up THEN t > b + 1e-12 ELSE t < b - 1e-12 END) AS gained,
       sum(base_missing) AS base_missing, sum(tuned_missing) AS tuned_missing
FROM clusters GROUP BY variant, against, outcome, of ORDER BY ALL;
"""
