"""Each benchmark's strength and weakness stand beside its result (R-19 to R-24), in every format; contents that were
accepted on purpose are said."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from ftsafety_spec.report.blocks import Card, Cards
from ftsafety_spec.report.document import document
from ftsafety_spec.report.html import RENDERER as HTML
from ftsafety_spec.report.json import RENDERER as JSON
from ftsafety_spec.report.markdown import RENDERER as MARKDOWN
from ftsafety_spec.report.view import ReportView

View = Callable[..., ReportView]
DIGEST = "sha256:" + "5e" * 32
CARD = {
    "title": "Placeholder bench",
    "tests": "placeholder tests",
    "strength": "placeholder strength",
    "weakness": "placeholder weakness",
    "official_metric": "placeholder metric",
    "citation": "Nobody (2026)",
}


def with_card(view: ReportView, **dataset: object) -> ReportView:
    """The view, with one task's dataset changed."""
    first, *others = view.plan.datasets
    plan = view.plan.model_copy(update={"datasets": (first.model_copy(update={"card": CARD, **dataset}), *others)})
    return replace(view, plan=plan)


def cards(view: ReportView) -> list[Card]:
    (section,) = (item for item in document(view).sections if item.id == "benchmarks")
    return [card for block in section.blocks if isinstance(block, Cards) for card in block.items]


def test_strength_weakness_and_result_stand_on_one_card(make_view: View) -> None:
    card = cards(with_card(make_view()))[0]
    facts = dict(card.pairs)
    assert card.title == "Placeholder bench"
    assert (facts["Strength"], facts["Weakness"]) == ("placeholder strength", "placeholder weakness")
    assert facts["Official metric"] == "placeholder metric" and facts["Licence"] == "Apache-2.0"
    names = list(facts)
    assert names.index("Strength") < names.index("Weakness") < names.index("Result")


@pytest.mark.parametrize("renderer", [HTML, MARKDOWN, JSON], ids=lambda renderer: str(renderer.name))
def test_every_format_holds_strength_and_weakness(make_view: View, renderer: object) -> None:
    text = html.unescape(renderer.render(with_card(make_view())))  # type: ignore[attr-defined]
    assert "placeholder strength" in text and "placeholder weakness" in text


def test_json_leads_from_a_benchmark_to_the_cells_of_its_result(make_view: View) -> None:
    view = make_view()
    measured = {cell.of for cell in view.comparison.cells if cell.by == "task"}
    datasets = {row["task"]: row for row in json.loads(JSON.render(with_card(view)))["datasets"]}
    cells = {cell.id: cell for cell in view.comparison.cells}
    assert measured and all(cells[cell].by == "task" for row in datasets.values() for cell in row["cells"])
    assert {cells[cell].of.split(".")[-1] for row in datasets.values() for cell in row["cells"]} == {
        name.split(".")[-1] for name in measured
    }


@pytest.mark.parametrize("renderer", [HTML, MARKDOWN, JSON], ids=lambda renderer: str(renderer.name))
def test_an_accepted_content_is_said_in_every_format(make_view: View, renderer: object) -> None:
    changed = with_card(make_view(), accepted={"own/set.csv": DIGEST})
    text = html.unescape(renderer.render(changed))  # type: ignore[attr-defined]
    assert "own/set.csv" in text.replace("\\", "") and DIGEST in text
    assert "accepted" in text


def test_a_pinned_content_needs_no_word(make_view: View) -> None:
    assert "accepted on purpose" not in MARKDOWN.render(with_card(make_view()))
    assert "accepted on purpose" in MARKDOWN.render(with_card(make_view(), accepted={"own/set.csv": DIGEST}))
