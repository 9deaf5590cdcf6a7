"""Conversations (R-28): how many are without a failure up to each turn and by kind of script, base beside tuned.
Given the cells of a variant, gives a picture and two tables; nothing where no conversation was held."""

from __future__ import annotations

from collections.abc import Sequence

from ftsafety_spec.records.comparison import Cell as Measured
from ftsafety_spec.report import numbers
from ftsafety_spec.report.blocks import Block, Cell, Column, Table
from ftsafety_spec.report.forest import Reading, forest
from ftsafety_spec.spec.common import APART

_COLUMNS = (
    Column("Base", numeric=True),
    Column("Tuned", numeric=True),
    Column("Below base, in points"),
    Column("Conversations", numeric=True),
    Column("Lost / gained", numeric=True),
)


def conversations(cells: Sequence[Measured]) -> list[Block]:
    """A line for each turn, with the share that survived it and by how much tuned lies below base; then one for each
    kind of script, worst first."""
    turns = sorted((cell for cell in cells if cell.by == "turn"), key=lambda cell: int(cell.of))
    if not turns:
        return []
    readings = [
        Reading(f"turn {cell.of}", cell.regression.points, cell.regression.points_interval, cell.prompts, None)
        for cell in turns
    ]
    axis = "worse than base, in percentage points"
    return [
        forest("Conversations without a failure, by turn", axis, readings, None, None),
        _table("Conversations without a failure up to each turn", "Up to turn", [(c.of, c) for c in turns]),
        *_kinds(cells),
    ]


def _kinds(cells: Sequence[Measured]) -> list[Block]:
    kinds = [cell for cell in cells if cell.by == "category" and cell.outcome == APART["conversation"]]
    named = [
        (cell.of.partition(":")[2].replace("_", " "), cell)
        for cell in sorted(kinds, key=lambda cell: (-cell.regression.points, cell.of))
    ]
    return [_table("Conversations without a failure, by kind of script", "Script", named)] if named else []


def _table(caption: str, first: str, named: Sequence[tuple[str, Measured]]) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            name,
            numbers.percent(cell.moments.mean_base),
            numbers.percent(cell.moments.mean_tuned),
            f"{numbers.points(cell.regression.points)} [{numbers.interval(cell.regression.points_interval)}]",
            numbers.count(cell.prompts),
            f"{numbers.count(cell.lost)} / {numbers.count(cell.gained)}",
        )
        for name, cell in named
    )
    return Table(caption, (Column(first), *_COLUMNS), rows, stack=True)
