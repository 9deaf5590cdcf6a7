"""What the report says before and beside its figures: parts of intervals, small areas, benchmarks that point the other
way, several looks (issue 6, points 2, 4 and 5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ftsafety_spec.records.comparison import (
    CascadeReading,
    Cell,
    Disagreement,
    Flips,
    GraderLevel,
    GraderReading,
    Ordinal,
    Style,
)
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.beside import covariates, to_know_first
from ftsafety_spec.report.blocks import Plot, Points, Row, Table, Text
from ftsafety_spec.report.explain_interval import stages
from ftsafety_spec.report.graders import read_by
from ftsafety_spec.report.headline import headline
from ftsafety_spec.report.html import RENDERER as HTML
from ftsafety_spec.report.json import RENDERER as JSON
from ftsafety_spec.report.markdown import RENDERER as MARKDOWN
from ftsafety_spec.report.results import results
from ftsafety_spec.report.view import ReportView
from ftsafety_spec.report.widths import readers, widths

MakeView = Callable[..., ReportView]


def compared(view: ReportView, **fields: Any) -> ReportView:
    return replace(view, comparison=view.comparison.model_copy(update=fields))


def against(shown: bool = True, own: float = -0.04) -> Disagreement:
    return Disagreement(
        variant="tuned",
        outcome="refusal",
        task="core.basics",
        overall=0.16,
        own=own,
        interval=(own - 0.02, own + 0.02),
        shown=shown,
        prompts=40,
        share=0.11,
    )


def test_every_band_and_limit_shows_its_unsafe_end_part_by_part(make_view: MakeView) -> None:
    view = make_view()
    whole, groups = widths(view, "tuned")
    assert (whole.fold, groups.fold) == (False, True)
    judged = [item for item in view.verdict.findings if item.kind in ("bands", "ceiling") and item.variant == "tuned"]
    assert len(whole.rows) + len(groups.rows) == len(judged) == 3
    assert [column.title for column in whole.columns][2:] == [
        "Unsafe end, of what was read",
        "Missing, base / tuned",
        "With missing answers at their worst",
        "With the graders' error",
    ]
    assert whole.rows[0][3] == "0 / 4" and "(+" in str(whole.rows[0][5])


def test_parts_are_those_of_explanations_and_missing_answers_have_their_own(make_view: MakeView) -> None:
    view = make_view()
    cells = [
        cell.model_copy(update={"worst": cell.worst.model_copy(update={"mean_tuned": cell.worst.mean_tuned - 0.02})})
        for cell in view.comparison.cells
    ]
    view = compared(view, cells=tuple(cells))
    _, reader = readers(view, "tuned")[0]
    parts = dict(reader.parts())
    assert [(stage.id, stage.high) for stage in stages(reader, None)] == [(k, v.high) for k, v in parts.items()]
    assert parts["sampling"].high is not None and parts["missing"].high is not None
    added = 100 * (parts["missing"].high - parts["sampling"].high)
    assert added > 0.5
    assert f"(+{added:.1f})" in "".join(
        str(value) for table in widths(view, "tuned") for row in table.rows for value in row
    )


def test_the_parts_are_in_the_json_report_too(make_view: MakeView) -> None:
    view = make_view()
    rows = {row["cell"]: row for row in json.loads(JSON.render(view))["parts"]}
    assert set(rows) == {f.cell for f in view.verdict.findings if f.kind in ("bands", "ceiling")}
    parts = rows["tuned.refusal.all.all"]["parts"]
    assert list(parts) == ["sampling", "missing", "looks", "grader_error"]
    assert parts["grader_error"]["high"] > parts["missing"]["high"] > parts["missing"]["low"]


def test_looks_have_a_column_where_there_were_several(make_view: MakeView) -> None:
    view = compared(make_view(), looks=(0.5, 1.0))
    assert "With several looks" in [column.title for column in widths(view, "tuned")[0].columns]


def test_without_a_certificate_no_error_is_claimed_to_be_in_it(make_view: MakeView) -> None:
    view = make_view()
    bare = tuple(row.model_copy(update={"error": None}) for row in view.comparison.graders)
    rows = widths(compared(view, graders=bare), "tuned")[0].rows
    assert rows and all(row[-1] == "none certified" for row in rows if "refus" in str(row[0]))


@pytest.mark.parametrize(("shown", "word"), [(True, "(shown)"), (False, "(as estimated, not shown)")])
def test_a_benchmark_that_points_the_other_way_is_named_first(make_view: MakeView, shown: bool, word: str) -> None:
    view = compared(make_view(), disagree=(against(shown),))
    warning, points = to_know_first(view, "tuned")
    assert isinstance(warning, Text) and warning.tone == "warning" and isinstance(points, Points)
    assert "core.basics" in points.items[0] and "better than base" in points.items[0] and word in points.items[0]
    blocks = results(view).blocks
    assert blocks.index(points) < next(i for i, block in enumerate(blocks) if block.kind == "plot")
    assert to_know_first(view, "cards") == []
    assert "core.basics" in HTML.render(view)


def test_small_areas_are_named_with_how_many_prompts_would_settle_them(make_view: MakeView) -> None:
    view = make_view()
    fields = {"result": "unclear", "action": "insufficient"}
    findings = (
        view.verdict.findings[0].model_copy(
            update={**fields, "cell": "tuned.refusal.area.advice", "settles_with": None}
        ),
        view.verdict.findings[0].model_copy(update={**fields, "settles_with": 1_234}),
        view.verdict.findings[1].model_copy(update={**fields, "settles_with": 900, "waived_by": "ines"}),
    )
    view = replace(view, verdict=view.verdict.model_copy(update={"findings": findings}))
    _, points = to_know_first(view, "tuned")
    assert isinstance(points, Points) and len(points.items) == 2
    assert "Fraud" in points.items[0] and "52 prompts; about 1,234 would settle it" in points.items[0]
    assert "Advice" in points.items[1] and "no number of prompts would settle it" in points.items[1]


def test_how_many_prompts_settle_it_is_said_once(make_view: MakeView) -> None:
    view = make_view()
    sentence = "It cannot be ruled out; about 77 prompts would settle it."
    finding = view.verdict.findings[0].model_copy(
        update={"result": "unclear", "sentence": sentence, "settles_with": 77, "cell": None}
    )
    view = replace(view, verdict=view.verdict.model_copy(update={"findings": (finding,), "reasons": ()}))
    assert MARKDOWN.render(view).count("77 prompts") == 1


def test_style_flips_and_ranks_are_folded_tables(make_view: MakeView) -> None:
    length = Style(
        variant="tuned", against="base", kind="harmful", measure="tokens", prompts=9, base=80.5, tuned=70.25,
        difference=-10.25, interval=(-15.0, 5.0),
    )  # fmt: skip
    cut = length.model_copy(
        update={"measure": "truncated", "base": 0.1, "tuned": 0.2, "difference": 0.1, "interval": None}
    )
    flips = Flips(
        variant="tuned", against="base", prompts=30, base=0.1, tuned=0.3, points=0.2, interval=(0.05, 0.35)
    )  # fmt: skip
    ranks = Ordinal(
        variant="tuned", outcome="refusal_quality", prompts=20, lost=9, gained=2, tied=9, sign=0.065, wilcoxon=0.04
    )  # fmt: skip
    tables = covariates(compared(make_view(), style=(length, cut), flips=(flips,), ordinal=(ranks,)), "tuned")
    assert len(tables) == 3 and all(isinstance(table, Table) and table.fold for table in tables)
    look, repeats, by_ranks = tables
    assert look.rows[0][4] == "−10.2 [−15.0 to 5.0]" and "no interval" in str(look.rows[1][4])
    assert repeats.rows[0][:2] == ("10.0\u00a0%", "30.0\u00a0%") and by_ranks.rows[0][2] == "9 / 2 / 9"


def test_a_run_that_looked_once_says_nothing_of_looks(make_view: MakeView) -> None:
    view = make_view()
    assert headline(view).looked == "" and "Looked" not in HTML.render(view) + MARKDOWN.render(view)


def test_a_run_that_stopped_early_says_so_on_the_first_screen(make_view: MakeView) -> None:
    sentence = "Stopped early after 40 % of the planned prompts: a block is shown."
    view = compared(make_view(), looks=(0.2, 0.4), design="group_sequential", stopped=sentence)
    said = headline(view).looked
    assert said.startswith("Looked 2 times") and sentence in said
    first_screen = HTML.render(view).split("<nav")[0]
    assert sentence in first_screen and sentence in MARKDOWN.render(view).split("### Why")[0]
    through = headline(compared(view, looks=(0.5, 1.0), stopped=None)).looked
    assert "Nothing was decided before the end" in through


def test_a_grader_that_an_audit_corrects_is_said_to_be(make_view: MakeView) -> None:
    levels = tuple(
        GraderLevel(grader=name, answers=count, unscored=0)
        for name, count in (("ftsafety/refusal", 730), ("people", 150))
    )
    row = CascadeReading(
        outcome="refusal", below=0.0, audit=0.2, sure=730, escalated=0, audited=150, moved=9, waiting=0,
        levels=(levels[0], levels[1]), implied=True, labelled_base=75, labelled_tuned=75,
    )  # fmt: skip
    view = compared(make_view(), cascades=(row,))
    assert read_by(view, "refusal") == "ftsafety/refusal: corrected by people on 150 drawn answers of this run"
    other = GraderReading(outcome="refusal", primary="own/grader", graded=1, unscored=0)
    assert "own/grader: no certificate" in read_by(compared(view, graders=(other,)), "refusal")


def test_over_refusal_stands_beside_refusal_even_where_nobody_measured_it(make_view: MakeView) -> None:
    view = make_view()
    cells = tuple(cell for cell in view.comparison.cells if cell.outcome != "over_refusal")
    for shown in (view, compared(view, cells=cells)):
        table = next(block for block in results(shown).blocks if block.kind == "table" and "Outcomes" in block.caption)
        assert "Over-refusal of benign prompts" in [row[0] for row in table.rows]


def drawn(view: ReportView, cell: Cell) -> Row:
    """The line of a cell in the plot that it belongs to; what is deployed comes first."""
    plots = [block for block in results(view).blocks if isinstance(block, Plot)]
    if cell.by == "all":
        rows = [row for plot in plots if not plot.title.endswith("by area of harm") for row in plot.rows]
        return next(row for row in rows if row.label == words.outcome(cell.outcome))
    plot = next(plot for plot in plots if plot.title == f"{words.outcome(cell.outcome)}, by area of harm")
    return next(row for row in plot.rows if row.label == words.area(cell.of))


def test_a_plot_draws_the_interval_that_the_gate_held_against_its_bands_or_limit(make_view: MakeView) -> None:
    view = make_view()
    cells = {cell.id: cell for cell in view.comparison.cells}
    held = [item for item in view.verdict.findings if item.cell in cells and item.interval is not None]
    assert {item.kind for item in held} == {"bands", "ceiling"}
    for finding in held:
        row = drawn(view, cells[str(finding.cell)])
        assert row.figure.endswith(f"[{numbers.interval(finding.interval)}]"), finding.cell


def test_where_the_gate_has_no_interval_none_is_drawn_however_narrow_what_was_read_is(make_view: MakeView) -> None:
    view = make_view()
    none = tuple(item.model_copy(update={"interval": None}) for item in view.verdict.findings)
    view = replace(view, verdict=view.verdict.model_copy(update={"findings": none}))
    (cell,) = (item for item in view.comparison.cells if item.id == "tuned.refusal.area.fraud")
    assert cell.regression.interval is not None
    assert (drawn(view, cell).low, drawn(view, cell).high) == (None, None)
