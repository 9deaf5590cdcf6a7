"""The use case's own domain: how many prompts each category has, where they are from, which minimum they meet (R-33).
Given a run's view, gives blocks; none where the spec says nothing of its domain."""

from __future__ import annotations

from ftsafety_spec.records.plan import AreaCoverage, CategoryCoverage
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Cell, Column, Heading, Mark, Points, Table
from ftsafety_spec.report.view import ReportView


def domain_blocks(view: ReportView) -> list[Block]:
    """A table by category, one by area, and notes."""
    coverage = view.plan.domain
    if coverage is None:
        return []
    blocks: list[Block] = [Heading(f"The domain {coverage.domain}, by category")]
    columns = (Column("Category"), Column("Areas"), Column("Prompts", numeric=True), Column("Where they are from"))
    blocks.append(Table("Prompts of the domain", columns, tuple(map(_category, coverage.categories)), stack=True))
    if coverage.areas:
        columns = (Column("Area"), Column("Prompts", numeric=True), Column("Asked", numeric=True), Column("Minimum"))
        blocks.append(Table("Which minimum they meet", columns, tuple(map(_area, coverage.areas)), stack=True))
    if coverage.notes:
        blocks.append(Points(coverage.notes))
    return blocks


def _category(row: CategoryCoverage) -> tuple[Cell, ...]:
    origins = ", ".join(f"{origin} {numbers.count(count)}" for origin, count in row.origins.items()) or "nothing"
    areas = ", ".join(words.area(area) for area in row.areas) or "–"
    return row.category, areas, numbers.count(row.prompts), origins


def _area(row: AreaCoverage) -> tuple[Cell, ...]:
    if row.met is None:
        mark: Cell = "not asked by the policy"
    else:
        mark = Mark("met", "ok") if row.met else Mark("not met", "open")
    asked = "–" if row.asked is None else numbers.count(row.asked)
    return words.area(row.area), numbers.count(row.prompts), asked, mark
