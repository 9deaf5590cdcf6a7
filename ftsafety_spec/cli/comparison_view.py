"""A comparison for a terminal: what each outcome was at base and at tuned, over all prompts and by area."""

from __future__ import annotations

from pathlib import Path

from ftsafety_spec.cli.output import console, table
from ftsafety_spec.cli.text import interval, one_line, percent
from ftsafety_spec.records.comparison import Cell, Comparison

_COLUMNS = (
    *("variant", "outcome", "of", "prompts", "base", "tuned"),
    *("less safe, points", "relative to base", "lost", "gained"),
)


def print_comparison(comparison: Comparison, run: Path) -> None:
    """Print the cells over all prompts, then those by area, then adapters put together against their sum; what could
    not be measured is named."""
    out = console()
    cells = [cell for by in ("all", "area", "interaction") for cell in comparison.cells if cell.by == by]
    out.print(table(_COLUMNS, map(_row, cells), right=range(3, 10)))
    for name, reason in comparison.not_measured.items():
        out.print(f"not measured: {one_line(name)}: {one_line(reason)}")
    out.print(f"Next: ftsafety gate {one_line(str(run))}")


def _row(cell: Cell) -> tuple[object, ...]:
    regression = cell.regression
    relative = f"{percent(regression.relative)} ({interval(regression.interval)})" if regression.interval else None
    return (
        cell.variant,
        cell.outcome,
        f"{cell.of}, against added up" if cell.by == "interaction" else cell.of,
        cell.prompts,
        percent(cell.moments.mean_base),
        percent(cell.moments.mean_tuned),
        f"{percent(regression.points)} ({interval(regression.points_interval)})",
        relative,
        cell.lost,
        cell.gained,
    )
