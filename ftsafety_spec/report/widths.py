"""How much of an interval each part is responsible for: missing answers at their worst, several looks, the graders'
error. Given a view and a variant, gives tables of the unsafe end that bands and limits are held against; the same
figures as explanations give. Never judges."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ftsafety_spec.errors import InputError
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Cell, Column, Table
from ftsafety_spec.report.explain_interval import Reader
from ftsafety_spec.report.explain_terms import Terms
from ftsafety_spec.report.explain_view import ExplainView
from ftsafety_spec.report.view import ReportView
from ftsafety_spec.spec.policy import Bands, Ceiling
from ftsafety_spec.stats.margin import Below
from ftsafety_spec.stats.parts import Ends, Part

TITLES: dict[Part, str] = {
    "sampling": "Unsafe end, of what was read",
    "missing": "With missing answers at their worst",
    "looks": "With several looks",
    "grader_error": "With the graders' error",
}


def widths(view: ReportView, variant: str) -> list[Table]:
    """Of each figure over all prompts open, of each group folded; nothing where no band or limit was held."""
    found = readers(view, variant)
    whole = [item for item in found if item[1].cell.by == "all"]
    groups = [item for item in found if item[1].cell.by != "all"]
    title = f"Unsafe ends of {variant}, part by part"
    tables = [(title, whole, False), (f"{title}, by group", groups, True)]
    return [_table(view, caption, rows, fold) for caption, rows, fold in tables if rows]


def readers(view: ReportView, variant: str) -> list[tuple[Finding, Reader]]:
    """Each finding of a band or a limit with its cell as that rule reads it."""
    terms = Terms(ExplainView(view.locked, view.policy, view.plan, view.comparison, view.verdict))
    cells = {cell.id: cell for cell in view.comparison.cells}
    try:
        rules = terms.rules
    except InputError:  # the gate would have refused this policy; a report of an old run is still drawn
        return []
    return [
        (finding, Reader(cells[finding.cell], terms, rule))
        for finding in view.verdict.findings
        if finding.variant == variant and finding.cell in cells
        for rule in [rules.get(finding.rule)]
        if isinstance(rule, Bands | Ceiling)
    ]


def _table(view: ReportView, caption: str, rows: Sequence[tuple[Finding, Reader]], fold: bool) -> Table:
    parts: list[Part] = ["sampling", "missing", "looks", "grader_error"]
    if view.comparison.looks == (1.0,):
        parts.remove("looks")
    columns = (
        Column("Figure"),
        Column("Rule"),
        Column(TITLES["sampling"], numeric=True),
        Column("Missing, base / tuned", numeric=True),
        *(Column(TITLES[part], numeric=True) for part in parts[1:]),
    )
    return Table(caption, columns, tuple(_row(finding, reader, parts) for finding, reader in rows), fold, stack=True)


def _row(finding: Finding, reader: Reader, parts: Sequence[Part]) -> tuple[Cell, ...]:
    cell, found = reader.cell, dict(reader.parts())
    where = "" if cell.by == "all" else f", {words.area(cell.of)}"
    steps = [found.get(part) for part in parts]
    pairs = itertools.pairwise(steps)
    return (
        f"{words.outcome(cell.outcome)}{where}",
        finding.rule,
        _end(steps[0], None, reader.below),
        f"{numbers.count(cell.unscored_base)} / {numbers.count(cell.unscored_tuned)}",
        *(_end(now, before, reader.below) for before, now in pairs),
    )


def _end(now: Ends | None, before: Ends | None, below: Below) -> str:
    """`7.9 % (+0.8)`: an end, and what this part added to it."""
    if now is None:
        return "none certified"
    if now.high is None:
        return "undefined"
    high = min(now.high, 1.0)
    figure = numbers.points(high) if below == "points" else numbers.percent(high)
    if before is None or before.high is None:
        return figure
    added = 100 * (high - min(before.high, 1.0))
    sign = numbers.MINUS if added < -0.05 else "+"
    return f"{figure} ({sign}{abs(added):.1f})"
