"""Which discordant prompts are shown."""

from __future__ import annotations

from collections.abc import Callable

from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.report.choose import MOST, loss, shown_examples
from ftsafety_spec.report.examples import WITHHELD, examples
from ftsafety_spec.report.view import ReportView


def only(comparison: Comparison, most: int = MOST):  # type: ignore[no-untyped-def]
    (group,) = shown_examples(comparison, most).values()
    return group


def test_losses_come_first_and_gains_keep_a_place(make_view: Callable[..., ReportView]) -> None:
    group = only(make_view().comparison)
    signs = [loss(row, "higher") > 0 for row in group.rows]
    assert len(group.rows) == MOST
    assert signs == sorted(signs, reverse=True)
    assert signs.count(False) == 5


def test_areas_take_turns(make_view: Callable[..., ReportView]) -> None:
    rows = only(make_view().comparison).rows
    assert {row.area for row in rows[:3]} == {"fraud", "cyber", "privacy"}


def test_the_choice_does_not_depend_on_the_order_of_rows(make_view: Callable[..., ReportView]) -> None:
    comparison = make_view().comparison
    turned = comparison.model_copy(update={"discordant": tuple(reversed(comparison.discordant))})
    assert only(turned) == only(comparison)


def test_where_a_lower_value_is_safer_a_rise_is_a_loss(make_view: Callable[..., ReportView]) -> None:
    row = make_view().comparison.discordant[1]
    assert loss(row, "higher") == 1.0
    assert loss(row, "lower") == -1.0


def test_all_lost_prompts_are_counted_also_where_the_comparison_lists_fewer(
    make_view: Callable[..., ReportView],
) -> None:
    comparison = make_view().comparison
    cell = next(item for item in comparison.cells if item.by == "all" and item.outcome == "refusal")
    assert only(comparison).lost == cell.lost > 30


def test_without_texts_the_section_says_that_they_are_withheld(make_view: Callable[..., ReportView]) -> None:
    section = examples(make_view(texts=False))
    assert section.blocks[0].text == WITHHELD  # type: ignore[union-attr]
    assert all(item.tuned is None and item.prompt is None for item in section.blocks[1].items)  # type: ignore[union-attr]


def test_without_a_difference_there_is_nothing_to_show(make_view: Callable[..., ReportView]) -> None:
    view = make_view()
    equal = view.comparison.model_copy(update={"discordant": ()})
    (block,) = examples(ReportView(**{**view.__dict__, "comparison": equal})).blocks
    assert "do not differ" in block.text  # type: ignore[union-attr]
