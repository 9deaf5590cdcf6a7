"""Benchmarks that point the other way than the overall figure, so that no sum hides them (Simpson 1951).
Given cells, gives a row for each task of which that is so."""

from __future__ import annotations

from collections.abc import Iterable

from ftsafety_spec.records.comparison import Cell, Disagreement

LEAST_SHARE = 0.1
"""Of an outcome's prompts: a smaller task is named only where its own interval leaves out 0."""


def disagreements(cells: Iterable[Cell]) -> list[Disagreement]:
    """Tasks whose own interval lies on the other side of 0 than the overall estimate (an overall 0 is on neither side,
    so that every task that is shown to differ is named), and tasks of a tenth of the prompts or more whose estimate
    does. In points; an outcome that one task alone measures has none."""
    rows = list(cells)
    overall = {(cell.variant, cell.outcome): cell for cell in rows if cell.by == "all"}
    tasks = [cell for cell in rows if cell.by == "task"]
    counted: dict[tuple[str, str], int] = {}
    for cell in tasks:
        counted[cell.variant, cell.outcome] = counted.get((cell.variant, cell.outcome), 0) + cell.prompts
    found = [_row(overall[cell.variant, cell.outcome], cell, counted[cell.variant, cell.outcome]) for cell in tasks]
    return [row for row in found if row is not None]


def _row(whole: Cell, own: Cell, prompts: int) -> Disagreement | None:
    overall, points, (low, high) = whole.regression.points, own.regression.points, own.regression.points_interval
    share = own.prompts / prompts if prompts else 0.0
    shown = (low > 0 and overall <= 0) or (high < 0 and overall >= 0)
    if share == 1.0 or not (shown or (share >= LEAST_SHARE and points * overall < 0)):
        return None
    return Disagreement(
        variant=own.variant,
        outcome=own.outcome,
        task=own.of,
        overall=overall,
        own=points,
        interval=(low, high),
        shown=shown,
        prompts=own.prompts,
        share=round(share, 6),
    )
