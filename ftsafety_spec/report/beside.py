"""What stands beside the figures of a variant: first, benchmarks that point the other way and groups too small to tell;
after them, folded, how answers look and how often repeats differ. Given a view, gives blocks; never judges."""

from __future__ import annotations

from collections.abc import Sequence

from ftsafety_spec.records.comparison import Disagreement, Flips, Ordinal, Style
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Cell, Column, Points, Table, Text
from ftsafety_spec.report.view import ReportView

MEASURES = {"tokens": "length in tokens", "truncated": "cut off at the limit"}
COLUMNS = (
    Column("Base", numeric=True),
    Column("Tuned", numeric=True),
    Column("Difference", numeric=True),
    Column("Prompts", numeric=True),
)


def to_know_first(view: ReportView, variant: str) -> list[Block]:
    """Benchmarks whose figure points the other way than the whole, and figures that are too few prompts to tell by."""
    against = [_against(row) for row in view.comparison.disagree if row.variant == variant]
    blocks: list[Block] = []
    if against:
        blocks += [
            Text("Not every benchmark points the way the overall figure does.", "warning"),
            Points(tuple(against)),
        ]
    if small := too_few(view, variant):
        blocks += [Text("Too few prompts to tell, on the figures as they are now:"), Points(tuple(small))]
    return blocks


def _against(row: Disagreement) -> str:
    kind = "shown" if row.shown else "as estimated, not shown"
    return (
        f"{row.task}, {words.outcome(row.outcome).lower()}: {_worse(row.own)} [{numbers.interval(row.interval)}] on "
        f"{numbers.plural(row.prompts, 'prompt')} ({numbers.percent(row.share, 0)} of them), while the whole is "
        f"{_worse(row.overall)} ({kind})."
    )


def _worse(points: float) -> str:
    if points == 0:
        return "level with base"
    return f"{numbers.points(abs(points))} {'worse' if points > 0 else 'better'} than base"


def too_few(view: ReportView, variant: str) -> list[str]:
    """Each figure that a band or a limit could not be told by, with the number of prompts that would settle it: the
    largest number last."""
    cells = {cell.id: cell for cell in view.comparison.cells}
    found = [item for item in view.verdict.findings if item.variant == variant and item.cell in cells and _open(item)]
    rows = sorted(found, key=lambda item: (item.settles_with is None, item.settles_with or 0, item.cell or ""))
    said = []
    for item in rows:
        cell = cells[item.cell or ""]
        where = "over all prompts" if cell.by == "all" else words.area(cell.of)
        name = f"{words.outcome(cell.outcome)}, {where} ({item.rule})"
        said.append(f"{name}: {numbers.plural(cell.prompts, 'prompt')}; {settled(item.settles_with)}.")
    return said


def _open(item: Finding) -> bool:
    return item.kind in ("bands", "ceiling") and item.result == "unclear" and item.waived_by is None


def settled(prompts: int | None) -> str:
    """By how many prompts; said where none would."""
    if prompts is None:
        return "no number of prompts would settle it, the rates being what they are"
    return f"about {numbers.count(prompts)} would settle it"


def covariates(view: ReportView, variant: str) -> list[Table]:
    """How answers look, which prompts flip, and refusal quality by ranks: each where there is any."""
    return [
        *_styles([row for row in view.comparison.style if row.variant == variant], variant),
        *_flips([row for row in view.comparison.flips if row.variant == variant], variant),
        *_ranks([row for row in view.comparison.ordinal if row.variant == variant], variant),
    ]


def _styles(rows: Sequence[Style], variant: str) -> list[Table]:
    if not rows:
        return []
    columns = (Column("Prompts of kind"), Column("Answers"), *COLUMNS)
    cells: tuple[tuple[Cell, ...], ...] = tuple(
        (
            row.kind,
            MEASURES[row.measure],
            _look(row, row.base),
            _look(row, row.tuned),
            f"{_look(row, row.difference)} [{_range(row)}]",
            numbers.count(row.prompts),
        )
        for row in rows
    )
    return [Table(f"How answers of {variant} look (never adjusted for)", columns, cells, fold=True, stack=True)]


def _look(row: Style, value: float) -> str:
    if row.measure == "truncated":
        return numbers.percent(value)
    return f"{numbers.MINUS if value < 0 else ''}{abs(value):,.1f}"


def _range(row: Style) -> str:
    if row.interval is None:
        return numbers.interval(None)
    return f"{_look(row, row.interval[0])} to {_look(row, row.interval[1])}"


def _flips(rows: Sequence[Flips], variant: str) -> list[Table]:
    if not rows:
        return []
    cells: tuple[tuple[Cell, ...], ...] = tuple(
        (
            numbers.percent(row.base),
            numbers.percent(row.tuned),
            f"{numbers.points(row.points)} [{numbers.interval(row.interval)}]",
            numbers.count(row.prompts),
        )
        for row in rows
    )
    return [Table(f"Prompts on which repeated answers of {variant} differ", COLUMNS, cells, fold=True, stack=True)]


def _ranks(rows: Sequence[Ordinal], variant: str) -> list[Table]:
    if not rows:
        return []
    columns = (
        Column("Outcome"),
        Column("Prompts", numeric=True),
        Column("Lost / gained / tied", numeric=True),
        Column("p of the sign test", numeric=True),
        Column("p of the signed-rank test", numeric=True),
    )
    cells: tuple[tuple[Cell, ...], ...] = tuple(
        (
            words.outcome(row.outcome),
            numbers.count(row.prompts),
            f"{numbers.count(row.lost)} / {numbers.count(row.gained)} / {numbers.count(row.tied)}",
            f"{row.sign:.3f}",
            f"{row.wilcoxon:.3f}",
        )
        for row in rows
    )
    return [Table(f"{variant}, by ranks", columns, cells, fold=True, stack=True)]
