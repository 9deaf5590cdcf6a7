"""Conversations by turn (R-28): how many are without a failure up to each turn, base beside tuned.
Given the cells of a variant, gives a picture and its table; nothing where no conversation was held."""

from __future__ import annotations

from collections.abc import Sequence

from ftsafety_spec.records.comparison import Cell as Measured
from ftsafety_spec.report import numbers
from ftsafety_spec.report.blocks import Block, Cell, Column, Table
from ftsafety_spec.report.forest import Reading, forest

_COLUMNS = (
    Column("Up to turn"),
    Column("Base", numeric=True),
    Column("Tuned", numeric=True),
    Column("Below base, in points"),
    Column("Conversations", numeric=True),
    Column("Lost / gained", numeric=True),
)


def by_turn(cells: Sequence[Measured]) -> list[Block]:
    """A line for each turn: the share that survived it, and by how much tuned lies below base."""
    turns = sorted((cell for cell in cells if cell.by == "turn"), key=lambda cell: int(cell.of))
    if not turns:
        return []
    readings = [
        Reading(f"turn {cell.of}", cell.regression.points, cell.regression.points_interval, cell.prompts, None)
        for cell in turns
    ]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            cell.of,
            numbers.percent(cell.moments.mean_base),
            numbers.percent(cell.moments.mean_tuned),
            f"{numbers.points(cell.regression.points)} [{numbers.interval(cell.regression.points_interval)}]",
            numbers.count(cell.prompts),
            f"{numbers.count(cell.lost)} / {numbers.count(cell.gained)}",
        )
        for cell in turns
    )
    return [
        forest(
            "Conversations without a failure, by turn", "worse than base, in percentage points", readings, None, None
        ),
        Table("Conversations without a failure up to each turn", _COLUMNS, rows, stack=True),
    ]
