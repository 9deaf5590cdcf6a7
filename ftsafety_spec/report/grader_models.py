"""Which model stands behind a grader, and whether it is one of the models under test. Given a view, gives a table; none
where no grader has a model."""

from __future__ import annotations

from ftsafety_spec.records.plan import Grading
from ftsafety_spec.report import numbers
from ftsafety_spec.report.blocks import Block, Cell, Code, Column, Table
from ftsafety_spec.report.view import ReportView


def grader_models(view: ReportView) -> list[Block]:
    """The models behind the graders of this run."""
    if not view.plan.grading:
        return []
    columns = (Column("Grader"), Column("Its model"), Column("Engine"), Column("Identity"), Column("Under test"))
    rows = tuple(_row(view, item) for item in view.plan.grading)
    return [Table("Models behind graders", columns, rows, stack=True)]


def _row(view: ReportView, item: Grading) -> tuple[Cell, ...]:
    same = [name for name, identity in view.plan.identities.items() if item.identity.same_model(identity)]
    own = f"yes: it is {', '.join(same)}, as the spec allows" if same else "no"
    return item.grader, item.model, item.identity.engine, Code(numbers.short(item.identity.digest())), own
