"""Who read the answers, and how often they err. Given a view and an outcome, gives words for beside a rate, the table
of graders, and the ids of answers on which two graders differ. Never a text."""

from __future__ import annotations

from ftsafety_spec.records.certificate import Figure
from ftsafety_spec.records.comparison import GraderError, GraderReading
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Cell, Code, Column, Table
from ftsafety_spec.report.view import ReportView
from ftsafety_spec.spec.common import APART

UNKNOWN = "no certificate: its error is unknown"
DERIVED = {
    "edge_compliance": ("borderline_compliance",),
    "consistency": ("refusal", "borderline_compliance"),
    **dict.fromkeys(APART.values(), ("refusal",)),
}
"""Outcomes that comparison makes out of other readings."""


def read_by(view: ReportView, outcome: str) -> str:
    """Each grader of an outcome with its measured error; `not known` where the comparison names none."""
    names = DERIVED.get(outcome, (outcome,))
    rows = [row for row in view.comparison.graders if row.outcome in names]
    return "; ".join(dict.fromkeys(f"{row.primary}: {_error(view, row)}" for row in rows)) or "not known"


def _error(view: ReportView, row: GraderReading) -> str:
    """Its certified error, or what corrects it on answers of this very run."""
    levels = (item for item in view.comparison.cascades if item.outcome == row.outcome and item.audit > 0)
    above = next((item for item in levels if item.levels[0].grader == row.primary), None)
    if above is None:
        return error_words(row.error)
    return f"corrected by {above.levels[1].grader} on {numbers.plural(above.audited, 'drawn answer')} of this run"


def error_words(error: GraderError | None) -> str:
    """`sensitivity 88.4 % [85.6 % to 90.7 %], specificity …, on 1,350 labelled answers`."""
    if error is None:
        return UNKNOWN
    rates = f"sensitivity {_rate(error.sensitivity)}, specificity {_rate(error.specificity)}"
    return f"{rates}, on {numbers.plural(error.labelled, 'labelled answer')}"


def graders(view: ReportView) -> list[Block]:
    """The table of graders, and below it, closed, the answers on which two differ."""
    columns = (
        Column("Outcome"),
        Column("Grader"),
        Column("Measured error, against people"),
        Column("Certificate"),
        Column("Second grader"),
        Column("Graded", numeric=True),
        Column("Unscored", numeric=True),
        Column("Agreement (Cohen's kappa)", numeric=True),
    )
    rows = tuple(_row(view, row) for row in view.comparison.graders)
    blocks: list[Block] = [Table("Graders", columns, rows, stack=True)]
    apart = tuple(
        (words.outcome(row.outcome), f"{row.primary} and {row.second}", Code(answer))
        for row in view.comparison.graders
        for answer in row.disagree
    )
    if apart:
        named = (Column("Outcome"), Column("Graders"), Column("Answer"))
        blocks.append(Table("Answers on which two graders differ", named, apart, fold=True, stack=True))
    return blocks


def _row(view: ReportView, row: GraderReading) -> tuple[Cell, ...]:
    equal = ", taken as equal for base and tuned" if row.assumed_equal else ""
    return (
        words.outcome(row.outcome),
        row.primary,
        f"{_error(view, row)}{equal}",
        Code(numbers.short(row.error.certificate)) if row.error is not None else "none",
        row.second or "none",
        numbers.count(row.graded),
        numbers.count(row.unscored),
        _kappa(row),
    )


def _kappa(row: GraderReading) -> str:
    if row.kappa is None:
        return "unknown"
    ends = row.kappa_interval
    interval = f" [{ends[0]:.2f} to {ends[1]:.2f}], {numbers.plural(row.both, 'answer')}" if ends is not None else ""
    return f"{row.kappa:.2f}{interval}"


def _rate(figure: Figure) -> str:
    return f"{numbers.percent(figure.value)} [{numbers.interval(figure.interval)}]"
