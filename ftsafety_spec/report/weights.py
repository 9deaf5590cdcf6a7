"""What analyses of the weights found (R-55): a picture of where the change lies, layer by module, and what stands out.
Given a view, gives blocks. Says that none of it measures safety."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ftsafety_spec.records.activations import of_files
from ftsafety_spec.records.weights import WeightReport, weight_report_in
from ftsafety_spec.report import numbers
from ftsafety_spec.report.blocks import Block, Cell, Column, Heading, Heat, HeatRow, Mark, Section, Table, Text
from ftsafety_spec.report.view import ReportView

NOTE = (
    "Supporting signals. Sizes, ranks and directions of updates did not separate eroded fine-tunes from harmless ones "
    "where this was measured; they show where a fine-tune reached, and what came along with it."
)
_TONES = {"high": "block", "medium": "review", "low": "info"}
_COLUMNS = (Column("Severity"), Column("What"), Column("In words"))


def weights(view: ReportView) -> Section | None:
    """The section on weights; None where nobody analysed them and nobody could say why."""
    reports = list(latest_reports(view, of_files))
    reasons = {key: text for key, text in view.plan.not_possible.items() if key.startswith("weights of ")}
    if not reports and not reasons:
        return None
    blocks: list[Block] = [Text(NOTE, "note")] if reports else []
    for name, report in reports:
        blocks += [Heading(name), *_of_variant(report)]
    blocks += [Text(f"Not possible here, {key}: {reason}.") for key, reason in sorted(reasons.items())]
    return Section("weights", "What changed in the weights", tuple(blocks))


def latest_reports(view: ReportView, wanted: Callable[[WeightReport], object]) -> Iterator[tuple[str, WeightReport]]:
    """Variant to the latest wanted report of `weights` evidence. What cannot be read is left out: the gate says so."""
    found: dict[str, WeightReport] = {}
    for item in view.evidence:
        if item.kind == "weights":
            try:
                report = weight_report_in(item.body)
            except ValueError:
                continue
            if report is not None and wanted(report):
                found[report.variant or "tuned"] = report
    yield from found.items()


def _of_variant(report: WeightReport) -> Iterator[Block]:
    figures = report.analyses.get("delta") or report.analyses.get("adapters") or {}
    changed, tensors = figures.get("changed"), figures.get("tensors")
    rank = report.analyses.get("rank") or {}
    if changed is not None and tensors is not None:
        ranks = f" The change has rank {rank['least']} to {rank['most']}." if rank.get("most") is not None else ""
        yield Text(f"{numbers.count(changed)} of {numbers.plural(tensors, 'tensor')} changed.{ranks}")
    heat = _heat(figures.get("sizes") or [])
    if heat is not None:
        yield heat
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (Mark(item.severity, _TONES[item.severity]), item.title, item.sentence) for item in report.findings
    )
    if rows:
        yield Table("What deserves a look", _COLUMNS, rows, stack=True)


def _heat(sizes: Sequence[dict[str, Any]]) -> Heat | None:
    placed = {
        (str(row["module"]), int(row["layer"])): float(row["relative"]) for row in sizes if row.get("layer") is not None
    }
    largest = max(placed.values(), default=0.0)
    if largest <= 0:
        return None
    layers = sorted({layer for _, layer in placed})
    rows = tuple(
        HeatRow(
            module, tuple(_strength(placed.get((module, layer)), largest) for layer in layers), _most(placed, module)
        )
        for module in sorted({module for module, _ in placed})
    )
    return Heat(
        title="Size of the change by module and layer",
        axis=f"layer {layers[0]} to {layers[-1]}; the darkest is {numbers.percent(largest, 2)} of base's norm",
        rows=rows,
    )


def _strength(value: float | None, largest: float) -> float | None:
    return None if value is None else round(value / largest, 3)


def _most(placed: dict[tuple[str, int], float], module: str) -> str:
    value, layer = max((value, layer) for (name, layer), value in placed.items() if name == module)
    return f"{numbers.percent(value, 2)} in layer {layer}"
