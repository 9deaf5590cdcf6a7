"""Outcomes that are read in two levels, and how far people agree. Given a view, gives tables of counts and cost; where
nothing corrects the first level, says so."""

from __future__ import annotations

from collections.abc import Sequence

from ftsafety_spec.records.comparison import CascadeReading, GraderLevel, PeopleReading
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Cell, Column, Table, Text
from ftsafety_spec.report.view import ReportView


def cascades(view: ReportView) -> list[Block]:
    """Nothing for a run without cascades and without people's labels."""
    return [*_two_levels(view.comparison.cascades), *_people(view.comparison.people)]


def _two_levels(rows: Sequence[CascadeReading]) -> list[Block]:
    if not rows:
        return []
    columns = (
        Column("Outcome"),
        Column("Level"),
        Column("Asked about"),
        Column("Answers", numeric=True),
        Column("Unscored", numeric=True),
        Column("USD", numeric=True),
        Column("Seconds", numeric=True),
    )
    levels = tuple(cells for row in rows for cells in _levels(row))
    said = [Text(_said(row), "warning" if _loose(row) else "plain") for row in rows]
    return [Table("Graders in two levels", columns, levels, stack=True), *said]


def _people(rows: Sequence[PeopleReading]) -> list[Block]:
    if not rows:
        return []
    columns = (
        Column("Outcome"),
        Column("People", numeric=True),
        Column("Answers", numeric=True),
        Column("Texts that several labelled", numeric=True),
        Column("Agreement (Fleiss' kappa)", numeric=True),
    )
    cells: tuple[tuple[Cell, ...], ...] = tuple(
        (
            words.outcome(row.outcome),
            numbers.count(row.people),
            numbers.count(row.answers),
            numbers.count(row.shared),
            "unknown" if row.kappa is None else f"{row.kappa:.2f}",
        )
        for row in rows
    )
    return [Table("Labels by people", columns, cells, stack=True)]


def _levels(row: CascadeReading) -> list[tuple[Cell, ...]]:
    first, second = row.levels
    passed = f"{numbers.count(row.escalated)} passed on, {numbers.count(row.audited)} drawn"
    decides = "every answer" if row.implied else f"every answer; decides from {row.below:g} on"
    return [_level(row, first, decides), _level(row, second, passed)]


def _level(row: CascadeReading, level: GraderLevel, what: str) -> tuple[Cell, ...]:
    return (
        words.outcome(row.outcome),
        level.grader,
        what,
        numbers.count(level.answers),
        numbers.count(level.unscored),
        "–" if level.usd is None else f"{float(level.usd):.2f}",
        "–" if level.seconds is None else f"{level.seconds:.1f}",
    )


def _loose(row: CascadeReading) -> bool:
    return row.waiting > 0 or (row.audit == 0 and row.sure > 0)


def _said(row: CascadeReading) -> str:
    """One sentence on what corrects the first level."""
    first, name = row.levels[0].grader, words.outcome(row.outcome)
    if row.audit == 0:
        said = f"{name}: nothing was drawn, so what {first} gets wrong where it is sure is not corrected."
    else:
        share = numbers.percent(row.audit)
        said = (
            f"{name}: of the answers that {first} {'read' if row.implied else 'was sure of'}, {share} were drawn and "
            f"{'labelled by people' if row.implied else 'read again'}; the "
            f"readings differ on {row.moved:,} of {row.audited:,}, and rates are corrected by them."
        )
    if row.waiting:
        said += f" {numbers.plural(row.waiting, 'answer')} still wait for a person's label and count at their worst."
    return said
