"""The report shows activations by layer with intervals, and what stands in their way (R-55, R-53)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ftsafety_spec.records.activations import Activations, Asked, FirstToken, Layer
from ftsafety_spec.records.certificate import Figure
from ftsafety_spec.records.evidence import By, Evidence
from ftsafety_spec.records.weights import WeightReport
from ftsafety_spec.report.activations import activations
from ftsafety_spec.report.blocks import Plot, Table
from ftsafety_spec.report.document import document
from ftsafety_spec.report.html import RENDERER
from ftsafety_spec.report.markdown import blocks_markdown
from ftsafety_spec.report.view import ReportView
from ftsafety_spec.report.weights import weights

MakeView = Callable[..., ReportView]
SPEC = "sha256:" + "1" * 64
ASKED = Asked(harmful_fit=8, benign_fit=8, harmful=8, benign=8, sources={"core.basics": 32}, digest=SPEC)


def figure(value: float | None, half: float = 0.1) -> Figure:
    ends = None if value is None else (value - half, value + half)
    return Figure(value=value, se=0.05, interval=ends, n=8, prompts=8)


def layers(count: int = 3, **more: Any) -> Activations:
    rows = tuple(
        Layer(
            layer=n,
            apart=0.97,
            harmful=figure(-0.2 * n),
            benign=figure(0.0),
            gap=figure(-0.2 * n),
            cosine=0.9,
            probe_base=0.99,
            probe_tuned=0.98,
            probe=figure(-0.01),
            recall=figure(None),
        )
        for n in range(count)
    )
    return Activations(prompts=ASKED, engine="torch", dtype="float32", width=16, best=1, layers=rows, **more)


def first(**more: Any) -> FirstToken:
    fields: dict[str, Any] = {"prompts": ASKED, "engine": "torch", "tokens": 2, "known": True, "base_harmful": 3.0,
                              "base_benign": -3.0, "harmful": figure(-4.0), "benign": figure(0.1)}  # fmt: skip
    return FirstToken(**{**fields, **more})


def evidence(**analyses: Any) -> Evidence:
    made = {
        name: found if isinstance(found, dict) else found.model_dump(mode="json") for name, found in analyses.items()
    }
    body = WeightReport(analyses=made, variant="tuned").body()
    by = By(name="ftsafety", role="tool")
    return Evidence(kind="weights", subject=(SPEC,), by=by, at="2026-11-24T09:00:00Z", body=body)


def plain(text: Any) -> str:
    """Without non-breaking spaces."""
    return str(text).replace("\u00a0", " ")


def section(make_view: MakeView, *items: Evidence) -> Any:
    return activations(replace(make_view(), evidence=items))


def test_where_nobody_looked_there_is_no_section(make_view: MakeView) -> None:
    assert section(make_view) is None
    assert section(make_view, evidence(delta={})) is None


def test_layers_stand_in_a_picture_and_a_table_with_intervals_and_a_caveat(make_view: MakeView) -> None:
    made = section(make_view, evidence(activations=layers(), first_token=first()))
    (plot,) = [block for block in made.blocks if isinstance(block, Plot)]
    assert [plain(row.figure) for row in plot.rows] == ["0.0 % [−10.0 % to 10.0 %]", "20.0 % [10.0 % to 30.0 %]",
                                                 "40.0 % [30.0 % to 50.0 %]"]  # fmt: skip
    assert plot.rows[2].x is not None and plot.rows[1].x is not None and plot.rows[2].x > plot.rows[1].x
    (table,) = [block for block in made.blocks if isinstance(block, Table)]
    assert len(table.rows) == 3 and plain(table.rows[2][4]) == "−40.0 % [−50.0 % to −30.0 %]"
    said = blocks_markdown(made.blocks)
    assert "never a pass by themselves" in said and "-4.00 nats" in said and "layer 1" in said


def test_many_layers_are_thinned_in_the_picture_and_whole_in_the_table(make_view: MakeView) -> None:
    made = section(make_view, evidence(activations=layers(80)))
    (plot,) = [block for block in made.blocks if isinstance(block, Plot)]
    (table,) = [block for block in made.blocks if isinstance(block, Table)]
    assert 20 <= len(plot.rows) <= 32 and len(table.rows) == 80
    assert all(row.low is None or 0 <= row.low <= row.high <= 100 for row in plot.rows)
    assert plot.rows[-1].cut_high or plot.rows[-1].x is None  # far beyond the axis, and said so


def test_what_is_not_possible_and_what_cannot_be_told_is_said(make_view: MakeView) -> None:
    blind = first(known=False, no_layers="no torch here", harmful=Figure(), benign=Figure())
    said = blocks_markdown(section(make_view, evidence(first_token=blind)).blocks)
    assert "Not possible here, activations: no torch here." in said
    assert "do not tell harmful prompts from benign ones" in said


def test_evidence_that_cannot_be_read_is_said_and_breaks_nothing(make_view: MakeView) -> None:
    said = blocks_markdown(section(make_view, evidence(activations={"layers": "none"})).blocks)
    assert "cannot be read" in said


def test_the_sections_stay_apart_and_the_page_is_whole(make_view: MakeView) -> None:
    items = (evidence(delta={"tensors": 4, "changed": 2}), evidence(activations=layers(), first_token=first()))
    view = replace(make_view(), evidence=items)
    files = weights(view)
    assert files is not None and "2 of 4 tensors" in blocks_markdown(files.blocks)
    assert [part.id for part in document(view).sections if part.id in ("weights", "activations")] == [
        "weights",
        "activations",
    ]
    assert "towards harmless" in RENDERER.render(view)
