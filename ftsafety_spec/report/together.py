"""Adapters put together (R-59): beside base and each adapter alone, what they add up to and what they do together.
Given a view and a combination, gives one table, one row an outcome; nothing for a variant of one adapter."""

from __future__ import annotations

from collections.abc import Sequence

from ftsafety_spec.records.comparison import Cell as Measured
from ftsafety_spec.records.stacks import Stack, stacks_of
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Cell, Column, Table
from ftsafety_spec.report.marks import finding_mark
from ftsafety_spec.report.view import ReportView


def together(view: ReportView, variant: str) -> list[Table]:
    """How much less safe the combination is than its adapters alone add up to, in points, with its interval."""
    cells = [c for c in view.comparison.cells if (c.variant, c.by) == (variant, "interaction")]
    stack = stacks_of(view.locked.variants.values()).get(variant)
    if stack is None or not cells:
        return []
    level = numbers.percent(cells[0].regression.level, 0)
    caption = f"{variant}: {stack.title} put together, against what each does alone ({level} intervals)"
    return [Table(caption, _columns(stack), tuple(_row(view, stack, cell) for cell in _sorted(cells)), stack=True)]


def _columns(stack: Stack) -> tuple[Column, ...]:
    return (
        Column("Outcome"),
        Column("Base", numeric=True),
        *(Column(f"{name} alone", numeric=True) for name in stack.alone),
        Column("Added up", numeric=True),
        Column("Together", numeric=True),
        Column("Worse than added up by", numeric=True),
        Column("Prompts", numeric=True),
        Column("Lost / gained", numeric=True),
        Column("Reading"),
    )


def _row(view: ReportView, stack: Stack, cell: Measured) -> tuple[Cell, ...]:
    own = _overall(view, stack.variant, cell.outcome)
    alone = [_overall(view, part, cell.outcome) for part in stack.alone.values()]
    regression = cell.regression
    return (
        words.outcome(cell.outcome),
        "–" if own is None else numbers.percent(own.moments.mean_base),
        *("–" if part is None else numbers.percent(part.moments.mean_tuned) for part in alone),
        numbers.percent(cell.moments.mean_base),
        numbers.percent(cell.moments.mean_tuned),
        f"{numbers.points(regression.points)} [{numbers.interval(regression.points_interval)}]",
        numbers.count(cell.prompts),
        f"{numbers.count(cell.lost)} / {numbers.count(cell.gained)}",
        finding_mark(view.verdict, cell.id) or "–",
    )


def _overall(view: ReportView, variant: str, outcome: str) -> Measured | None:
    """The cell over all prompts; None where nothing was measured."""
    key = (variant, outcome, "all")
    return next((cell for cell in view.comparison.cells if (cell.variant, cell.outcome, cell.by) == key), None)


def _sorted(cells: Sequence[Measured]) -> list[Measured]:
    return sorted(cells, key=lambda cell: (-cell.regression.points, cell.outcome))
