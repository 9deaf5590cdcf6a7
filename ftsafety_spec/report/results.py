"""What was measured: given a view, gives for each variant the forest plots, the table of outcomes and the tables of
areas, with over-refusal beside refusal. Reads cells; never judges them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ftsafety_spec.records.comparison import By
from ftsafety_spec.records.comparison import Cell as Measured
from ftsafety_spec.records.locked import Variant
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.beside import covariates, to_know_first
from ftsafety_spec.report.blocks import Block, Cell, Column, Heading, Mark, Plot, Section, Table, Text
from ftsafety_spec.report.forest import Reading, forest
from ftsafety_spec.report.graders import read_by
from ftsafety_spec.report.marks import action_mark, cell_mark
from ftsafety_spec.report.rules import Held, held_of
from ftsafety_spec.report.together import together
from ftsafety_spec.report.turns import conversations
from ftsafety_spec.report.view import ReportView
from ftsafety_spec.report.widths import widths
from ftsafety_spec.spec.common import SAFETY_OUTCOMES
from ftsafety_spec.spec.policy import Below

OUTCOME_COLUMNS = (
    Column("Outcome"),
    Column("Base", numeric=True),
    Column("Tuned", numeric=True),
    Column("Worse than base by", numeric=True),
    Column("Difference", numeric=True),
    Column("Prompts", numeric=True),
    Column("Lost / gained", numeric=True),
    Column("Unscored, base / tuned", numeric=True),
    Column("Read by, with its measured error"),
    Column("Reading"),
)
AREA_COLUMNS = (
    Column("Area"),
    Column("Base", numeric=True),
    Column("Tuned", numeric=True),
    Column("Worse than base by", numeric=True),
    Column("Prompts", numeric=True),
    Column("Lost / gained", numeric=True),
    Column("Over-refusal, base → tuned", numeric=True),
    Column("Reading"),
)


def results(view: ReportView) -> Section:
    """The section on what changed between base and tuned."""
    blocks: list[Block] = [
        Text(
            "Worse than base by: how much less safe the tuned model is, relative to base unless it says points. "
            "Negative figures are improvements. Brackets of tables hold the two-sided interval of what was read. A "
            "plot draws the interval that a band or a limit was held against, with missing answers and the graders' "
            "error in it, part by part below.",
            "note",
        )
    ]
    held = held_of(view)
    for variant in ordered_variants(view):
        blocks += _of_variant(view, held, variant)
    return Section("results", "What changed between base and tuned", tuple(blocks))


def ordered_variants(view: ReportView) -> list[Variant]:
    """Compared variants: deployed ones first, then the others, parts of a stack last."""
    compared = [item for item in view.locked.variants.values() if item.role != "base"]
    return sorted(compared, key=lambda item: (item.role == "part", not item.deploy))


def variant_title(variant: Variant) -> str:
    """A variant in words, with its adapters."""
    stack = ", ".join(f"{name} × {scale:g}" for name, scale in variant.adapters.items())
    role = "to be deployed" if variant.deploy else "one adapter of a stack, alone" if variant.role == "part" else ""
    detail = "; ".join(part for part in (role, f"adapters {stack}" if stack else "") if part)
    return f"{variant.id} ({detail})" if detail else variant.id


def change(cell: Measured, measure: Below) -> tuple[float | None, tuple[float, float] | None]:
    """Value and interval of a cell's regression, as the policy measures it."""
    if measure == "points":
        return cell.regression.points, cell.regression.points_interval
    return cell.regression.relative, cell.regression.interval


def change_words(cell: Measured, measure: Below) -> str:
    """`12.0 % [7.1 % to 17.3 %]`; undefined where base is at zero."""
    value, pair = change(cell, measure)
    if value is None:
        return f"undefined [{numbers.interval(pair)}]" if pair else "undefined"
    figure = numbers.points(value) if measure == "points" else numbers.percent(value)
    return f"{figure} [{numbers.interval(pair)}]"


def _of_variant(view: ReportView, held: Held, variant: Variant) -> list[Block]:
    cells = [cell for cell in view.comparison.cells if cell.variant == variant.id]
    action = view.verdict.variants.get(variant.id)
    heading = Heading(variant_title(variant), action_mark(action) if action else None)
    if not cells:
        return [heading, Text("Nothing was measured for this variant.", "warning")]
    overall = [cell for cell in cells if cell.by == "all"]
    return [
        heading,
        *to_know_first(view, variant.id),
        *_plots(view, held, cells),
        _outcome_table(view, held, variant, overall),
        *together(view, variant.id),
        *widths(view, variant.id),
        *_area_tables(view, held, variant, cells, fold=variant.role == "part"),
        *_wrapper_table(view, held, variant, cells),
        *conversations(cells),
        *_other_tables(view, held, variant, cells),
        *covariates(view, variant.id),
    ]


def _plots(view: ReportView, held: Held, cells: Sequence[Measured]) -> list[Plot]:
    overall = [cell for cell in cells if cell.by == "all"]
    safety = [cell for cell in overall if held.bands_for(cell.outcome) or cell.outcome in SAFETY_OUTCOMES]
    plots = []
    for up_to in held.band_groups(cell.outcome for cell in safety):
        rows = [cell for cell in safety if held.up_to(cell.outcome) == up_to]
        readings = [_reading(view, cell, held.measure, words.outcome(cell.outcome), None) for cell in rows]
        title = "Safety overall, against the bands" if up_to else "Safety overall, no bands hold here"
        plots.append(forest(title, _axis(held.measure), readings, up_to, None))
    for outcome in dict.fromkeys(
        cell.outcome for cell in cells if cell.by == "area" and cell.outcome in SAFETY_OUTCOMES
    ):
        limit, measure = held.ceiling(outcome, "area")
        rows = _sorted(cell for cell in cells if cell.by == "area" and cell.outcome == outcome)
        readings = [_reading(view, cell, measure, words.area(cell.of), limit) for cell in rows]
        title = f"{words.outcome(outcome)}, by area of harm"
        plots.append(forest(title, _axis(measure), readings, held.up_to(outcome), limit))
    for cell in overall:
        if cell.outcome == "over_refusal":
            limit, measure = held.ceiling(cell.outcome, "all")
            reading = _reading(view, cell, measure, words.outcome(cell.outcome), limit)
            plots.append(forest("The other side: refusing too much", _axis(measure), [reading], None, limit))
    return plots


def _reading(view: ReportView, cell: Measured, measure: Below, label: str, limit: float | None) -> Reading:
    """A line of a plot, with the interval that the gate held against the bands or the limit drawn there."""
    value, pair = change(cell, measure)
    judged = _judged(view, cell, limit)
    if judged is not None:
        pair = judged.interval
    return Reading(label, value, pair, cell.prompts, cell_mark(view.verdict, cell.id))


def _judged(view: ReportView, cell: Measured, limit: float | None) -> Finding | None:
    """What the gate read of this cell by the ceiling at `limit`, or without one by bands. Its interval may be null:
    then none is drawn."""
    found = (item for item in view.verdict.findings if item.cell == cell.id)
    if limit is None:
        return next((item for item in found if item.kind == "bands"), None)
    return next((item for item in found if item.kind == "ceiling" and item.threshold in (None, limit)), None)


def _axis(measure: Below) -> str:
    return "worse than base, in percentage points" if measure == "points" else "worse than base, relative"


def _sorted(cells: Iterable[Measured]) -> list[Measured]:
    return sorted(cells, key=lambda cell: (-(cell.regression.points), cell.of))


def _rates(cell: Measured) -> tuple[str, str]:
    return numbers.percent(cell.moments.mean_base), numbers.percent(cell.moments.mean_tuned)


def _mark(view: ReportView, cell: Measured) -> Cell:
    return cell_mark(view.verdict, cell.id) or "–"


def _outcome_table(view: ReportView, held: Held, variant: Variant, cells: Sequence[Measured]) -> Table:
    order = {name: index for index, name in enumerate((*SAFETY_OUTCOMES, "over_refusal"))}
    rows: list[tuple[Cell, ...]] = []
    for cell in sorted(cells, key=lambda cell: order.get(cell.outcome, 99)):
        base, tuned = _rates(cell)
        row = (
            words.outcome(cell.outcome),
            base,
            tuned,
            change_words(cell, "relative"),
            f"{numbers.points(cell.regression.points)} [{numbers.interval(cell.regression.points_interval)}]",
            numbers.count(cell.prompts),
            f"{numbers.count(cell.lost)} / {numbers.count(cell.gained)}",
            f"{numbers.count(cell.unscored_base)} / {numbers.count(cell.unscored_tuned)}",
            read_by(view, cell.outcome),
            _mark(view, cell),
        )
        rows.append(row)
    if not any(cell.outcome == "over_refusal" for cell in cells):
        rows.append((words.outcome("over_refusal"), *["not measured"] * 2, *["–"] * 6, Mark("not measured", "open")))
    level = cells[0].regression.level if cells else held.confidence
    caption = f"Outcomes of {variant.id}, over all prompts ({numbers.percent(level, 0)} intervals)"
    return Table(caption, OUTCOME_COLUMNS, tuple(rows), stack=True)


def _area_tables(view: ReportView, held: Held, variant: Variant, cells: Sequence[Measured], fold: bool) -> list[Table]:
    by_area = [cell for cell in cells if cell.by == "area"]
    beside = {cell.of: cell for cell in by_area if cell.outcome == "over_refusal"}
    tables = []
    for outcome in dict.fromkeys(cell.outcome for cell in by_area if cell.outcome != "over_refusal"):
        measure = held.ceiling(outcome, "area")[1]
        rows = tuple(
            (
                words.area(cell.of) + (" (own domain)" if cell.domain else ""),
                *_rates(cell),
                change_words(cell, measure),
                numbers.count(cell.prompts),
                f"{numbers.count(cell.lost)} / {numbers.count(cell.gained)}",
                " → ".join(_rates(beside[cell.of])) if cell.of in beside else "not measured",
                _mark(view, cell),
            )
            for cell in _sorted(cell for cell in by_area if cell.outcome == outcome)
        )
        caption = f"{words.outcome(outcome)} of {variant.id}, by area; read by {read_by(view, outcome)}"
        tables.append(Table(caption, AREA_COLUMNS, rows, fold, stack=True))
    return tables


def _wrapper_table(view: ReportView, held: Held, variant: Variant, cells: Sequence[Measured]) -> list[Table]:
    """Robustness, tuned against base: each attack wrapper or other condition beside the plain requests, where there is
    more than one condition."""
    chosen = [cell for cell in cells if cell.by == "condition"]
    if len({cell.of for cell in chosen}) < 2:
        return []
    fold = variant.role == "part"
    return [_group_table(view, held, f"{variant.id} by attack wrapper or other condition", "condition", chosen, fold)]


def _other_tables(view: ReportView, held: Held, variant: Variant, cells: Sequence[Measured]) -> list[Table]:
    """Official categories, tasks and kinds: folded."""
    names: tuple[By, ...] = ("category", "task", "kind")
    groups = {by: [cell for cell in cells if cell.by == by] for by in names}
    return [
        _group_table(view, held, f"{variant.id} by {by}", by, chosen, fold=True)
        for by, chosen in groups.items()
        if chosen
    ]


def _group_table(view: ReportView, held: Held, caption: str, by: By, cells: Sequence[Measured], fold: bool) -> Table:
    columns = (Column("Outcome"), Column(words.plain(by)), *AREA_COLUMNS[1:6], AREA_COLUMNS[-1])
    rows = tuple(
        (
            words.outcome(cell.outcome),
            cell.of,
            *_rates(cell),
            change_words(cell, held.measure),
            numbers.count(cell.prompts),
            f"{numbers.count(cell.lost)} / {numbers.count(cell.gained)}",
            _mark(view, cell),
        )
        for cell in sorted(cells, key=lambda cell: (cell.outcome, -cell.regression.points, cell.of))
    )
    return Table(caption, columns, rows, fold=fold, stack=True)
