"""What base and tuned make of the same prompts inside (R-55): a picture by layer with intervals, and first tokens.
Given a view, gives blocks. Says that they support what was measured and pass nothing by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ftsafety_spec.records.activations import Activations, FirstToken, Layer, activations_in, first_token_in
from ftsafety_spec.records.certificate import Figure
from ftsafety_spec.records.weights import WeightReport
from ftsafety_spec.report import numbers
from ftsafety_spec.report.blocks import Block, Cell, Column, Heading, Plot, Points, Row, Section, Table, Text
from ftsafety_spec.report.forest import Scale, ticks
from ftsafety_spec.report.view import ReportView
from ftsafety_spec.report.weights import latest_reports

NOTE = (
    "Supporting signals, never a pass by themselves. Where this was measured, on small models with planted effects, "
    "they moved with plain loss of refusals, and a probe went on telling harmful prompts from harmless ones in models "
    "that no longer refuse. On plain prompts nothing here shows a backdoor. Figures: docs/activations.md."
)
MOST_ROWS = 32
_COLUMNS = (
    Column("Layer", numeric=True),
    Column("Base apart (AUC)", numeric=True),
    Column("Harmful moved", numeric=True),
    Column("Benign moved", numeric=True),
    Column("Distance changed", numeric=True),
    Column("Cosine", numeric=True),
    Column("Probe, base to tuned (AUC)", numeric=True),
    Column("Harmful beyond base's cut", numeric=True),
)


def activations(view: ReportView) -> Section | None:
    """The section on activations; None where nobody looked at them."""
    blocks: list[Block] = []
    for name, report in latest_reports(view, _looks_inside):
        try:
            found = [*_of_variant(first_token_in(report), activations_in(report))]
        except ValueError:
            found = [Text("This evidence cannot be read, so what it shows is not known.", "warning")]
        blocks += [Heading(name), *found] if found else []
    if not blocks:
        return None
    return Section("activations", "What tuned makes of the prompts inside", (Text(NOTE, "note"), *blocks))


def _looks_inside(report: WeightReport) -> bool:
    return not {"activations", "first_token"}.isdisjoint(report.analyses)


def _of_variant(first: FirstToken | None, layers: Activations | None) -> Iterator[Block]:
    if first is not None:
        yield Points(tuple(_first_words(first)))
        if first.no_layers is not None:
            yield Text(f"Not possible here, activations: {first.no_layers}.")
    if layers is not None:
        yield Text(_asked_words(layers))
        yield _plot(layers.layers)
        yield Table("Layer by layer", _COLUMNS, tuple(_row(row) for row in layers.layers), fold=True)


def _first_words(first: FirstToken) -> Iterator[str]:
    if not first.known:
        yield "Base's first tokens do not tell harmful prompts from benign ones, so the margin says nothing here."
        return
    for kind, found in (("harmful", first.harmful), ("benign", first.benign)):
        if found.value is not None:
            yield (
                f"Log-odds of a refusing first token on {numbers.plural(found.n, f'{kind} prompt')}: "
                f"{found.value:+.2f} nats against base{_ends(found)}."
            )


def _ends(found: Figure) -> str:
    return "" if found.interval is None else f" (95 % interval {found.interval[0]:+.2f} to {found.interval[1]:+.2f})"


def _asked_words(found: Activations) -> str:
    asked = found.prompts
    sources = ", ".join(f"{name} {number}" for name, number in asked.sources.items())
    best = "no layer" if found.best is None else f"layer {found.best}"
    return (
        f"Base's refusal direction is the difference in means (Arditi et al. 2024) of {asked.harmful_fit} harmful and "
        f"{asked.benign_fit} benign prompts; it is held against {asked.harmful} and {asked.benign} others ({sources}). "
        f"Base tells them apart most clearly in {best}. Computed in {found.dtype}."
    )


def _plot(layers: Sequence[Layer]) -> Plot:
    """How far harmful prompts moved towards harmless ones, in shares of base's distance between the two."""
    step = -(-len(layers) // MOST_ROWS)
    shown = [row for row in layers[::step] if row.harmful.value is not None]
    ends = [end for row in shown for end in (row.harmful.interval or (row.harmful.value or 0.0,))]
    scale = Scale(min([-0.3, *(max(-1.2, -end) for end in ends)]), max([0.3, *(min(1.2, -end) for end in ends)]))
    return Plot(
        title="Harmful prompts along base's refusal direction, by layer",
        axis="moved towards harmless prompts, in shares of base's distance between the two; paired by prompt, 95 %",
        zones=(),
        limit=None,
        limit_label="",
        zero=scale.at(0.0),
        ticks=ticks(scale),
        rows=tuple(_line(row, scale) for row in shown),
        ends="away ← base → towards harmless",
    )


def _line(row: Layer, scale: Scale) -> Row:
    value, pair = -(row.harmful.value or 0.0), row.harmful.interval
    low, high = (None, None) if pair is None else (-pair[1], -pair[0])
    words = f"{numbers.percent(value)}{'' if pair is None else f' [{numbers.interval((-pair[1], -pair[0]))}]'}"
    return Row(
        label=f"layer {row.layer}",
        figure=words,
        n=numbers.count(row.harmful.n),
        spoken=f"layer {row.layer}: {words} of base's distance towards harmless prompts",
        x=scale.at(value) if scale.holds(value) else None,
        undefined=False,
        low=None if low is None else scale.at(low),
        high=None if high is None else scale.at(high),
        cut_low=low is not None and low < scale.low,
        cut_high=high is not None and high > scale.high,
        mark=None,
    )


def _row(row: Layer) -> tuple[Cell, ...]:
    return (
        str(row.layer),
        _number(row.apart),
        _change(row.harmful),
        _change(row.benign),
        _change(row.gap),
        _number(row.cosine),
        f"{_number(row.probe_base)} to {_number(row.probe_tuned)}",
        _change(row.recall),
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _change(found: Figure) -> str:
    if found.value is None:
        return "–"
    ends = "" if found.interval is None else f" [{numbers.interval(found.interval)}]"
    return f"{numbers.percent(found.value)}{ends}"
