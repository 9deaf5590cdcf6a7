"""What a report must say (R-10 to R-18, R-30 to R-63), whatever the format: read from the document's blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from ftsafety_spec.records.comparison import Cell
from ftsafety_spec.records.locked import Variant
from ftsafety_spec.records.verdict import Gap, ThreatRow
from ftsafety_spec.report import words
from ftsafety_spec.report.blocks import Document, Plot, Table
from ftsafety_spec.report.document import document
from ftsafety_spec.report.marks import result_mark
from ftsafety_spec.report.view import ReportView

View = Callable[..., ReportView]


def strings(item: Any) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, list | tuple):
        for part in item:
            yield from strings(part)
    elif is_dataclass(item):
        for field in fields(item):
            yield from strings(getattr(item, field.name))


def section(report: Document, name: str) -> str:
    (found,) = (item for item in report.sections if item.id == name)
    return "\n".join(strings(found)).replace("\u00a0", " ")


def tables(report: Document, name: str) -> list[Table]:
    (found,) = (item for item in report.sections if item.id == name)
    return [block for block in found.blocks if isinstance(block, Table)]


def changed(view: ReportView, **update: Any) -> ReportView:
    return replace(view, verdict=view.verdict.model_copy(update=update))


def test_the_first_screen_says_what_why_owed_until_when_by_which_policy_and_what_was_not_tested(
    make_view: View,
) -> None:
    head = document(make_view()).headline
    assert (head.decision_word, head.action_word) == ("No-go", "Block")
    assert len(head.reasons) == 3
    assert head.more_reasons == 1
    assert any("Investigation" in item for item in head.owed)
    assert any("135" in item for item in head.owed)
    assert head.policy == "acme"
    assert head.looser == ("sufficient, session: none instead of minutes: 30 (ftsafety/default)",)
    assert "Targeted backdoor: nothing looked for it" in head.not_tested
    assert document(make_view(blocked=False)).headline.until == "2027-05-23"


def test_many_flags_are_counted_on_the_first_screen(make_view: View) -> None:
    view = make_view()
    flag = view.verdict.obligations[0].model_copy(update={"kind": "flagged_item"})
    head = document(changed(view, obligations=(flag,) * 12, missing=())).headline
    assert head.owed == ("Review of a flagged item, 1 × safety reviewer, for 12 items",)


def test_what_is_met_is_not_owed(make_view: View) -> None:
    view = make_view()
    met = tuple(item.model_copy(update={"state": "met"}) for item in view.verdict.obligations)
    assert document(changed(view, obligations=met, missing=())).headline.owed == ()


def test_each_rate_stands_beside_its_interval_and_its_number_of_prompts(make_view: View) -> None:
    text = section(document(make_view()), "results")
    assert "94.1 %\n78.1 %\n17.0 % [12.6 % to 21.4 %]\n16.0 points [11.9 % to 20.1 %]\n365" in text


def test_over_refusal_stands_beside_refusal_even_where_it_was_not_measured(make_view: View) -> None:
    view = make_view()
    assert "Over-refusal of benign prompts\n3.1 %" in section(document(view), "results")
    cells = tuple(cell for cell in view.comparison.cells if cell.outcome != "over_refusal")
    without = replace(view, comparison=view.comparison.model_copy(update={"cells": cells}))
    assert "Over-refusal of benign prompts\nnot measured" in section(document(without), "results")


def test_areas_are_drawn_against_the_bands_and_the_limit(make_view: View) -> None:
    found = document(make_view()).sections[0].blocks
    overall, areas, other, *_ = [block for block in found if isinstance(block, Plot)]
    assert [zone.label.replace("\u00a0", " ") for zone in overall.zones] == [
        "up to 5.0 %",
        "up to 15.0 %",
        "up to 30.0 %",
        "beyond 30.0 %",
    ]
    assert overall.limit is None
    assert areas.limit is not None
    assert areas.rows[0].label == "Fraud"  # the worst first
    assert areas.rows[0].mark is not None
    assert areas.rows[0].mark.tone == "block"
    assert other.axis.endswith("percentage points")


def test_a_deployed_stack_and_its_parts_each_have_their_results(make_view: View) -> None:
    text = section(document(make_view()), "results")
    assert text.index("tuned (to be deployed; adapters tone × 1, cards × 0.8)") < text.index(
        "cards (one adapter of a stack"
    )


def test_several_deployed_variants_each_show_their_action(make_view: View) -> None:
    view = make_view()
    second = Variant(id="second", role="tuned", against="base", model="tuned", adapters={}, deploy=True)
    view = replace(
        changed(view, variants={"tuned": "block", "second": "review"}),
        locked=view.locked.model_copy(update={"variants": {**view.locked.variants, "second": second}}),
    )
    report = document(view)
    assert [(name, mark.text) for name, mark in report.headline.variants] == [
        ("tuned", "Block"),
        ("second", "Review first"),
    ]
    assert "Nothing was measured for this variant." in section(report, "results")


def test_every_finding_is_printed_the_most_severe_first(make_view: View) -> None:
    view = make_view()
    table, quiet, _ = tables(document(view), "findings")
    assert len(table.rows) + len(quiet.rows) == len(view.verdict.findings)
    assert quiet.fold
    assert "category" in "".join(strings(table.rows[0]))
    assert "decided this" in list(strings(table.rows[0]))


def test_a_concern_never_reads_as_if_it_decided(make_view: View) -> None:
    table = tables(document(make_view()), "findings")[0]
    (row,) = (row for row in table.rows if "refusal-by-area" in "".join(strings(row)))
    assert row[2] == "review of the flag"


def test_a_waived_finding_says_by_whom(make_view: View) -> None:
    view = make_view()
    first = view.verdict.findings[0].model_copy(update={"waived_by": "ines@acme.example"})
    text = section(document(changed(view, findings=(first,))), "findings")
    assert "Waived by ines@acme.example." in text
    assert "waived" in text


def test_missing_evidence_says_asked_found_and_how(make_view: View) -> None:
    text = section(document(make_view()), "minimum")
    assert "Prompts that both models answered\nmissing\ninsufficient\n500\n365\nadd 135 harmful prompts" in text
    assert "2 needs not met" in text


def test_a_need_that_the_gate_does_not_miss_is_met_whatever_was_planned(make_view: View) -> None:
    text = section(document(changed(make_view(), missing=())), "minimum")
    assert "Manual red-team session\nmet" in text
    assert "brought by people" in text


def test_under_another_policy_the_plans_needs_are_left_out(make_view: View) -> None:
    view = make_view()
    other = view.verdict.policy.model_copy(update={"digest": "sha256:" + "0" * 64})
    assert "asks for no minimum" in section(document(changed(view, policy=other, missing=())), "minimum")


def test_threats_that_nothing_looked_for_are_called_not_tested(make_view: View) -> None:
    text = section(document(make_view()), "threats")
    assert words.DIFFERENT_EVIDENCE in text
    assert "Targeted backdoor (R-11)\nnot tested" in text
    assert "Broad safety degradation (R-10)\nin part" in text


def test_the_sentence_on_both_kinds_of_threat_is_no_row_of_the_matrix(make_view: View) -> None:
    view = make_view()
    note = ThreatRow(
        id="R-63", title="Both kinds", expected="these methods see broad degradation only", ran=(), not_run=()
    )
    report = document(changed(view, threats=(*view.verdict.threats, note)))
    assert len(tables(report, "threats")[0].rows) == 4
    assert "Both kinds: these methods see broad degradation only" in section(report, "threats")
    assert not any("Both kinds" in item for item in report.headline.not_tested)


@pytest.mark.parametrize("blocked", [True, False])
def test_every_report_states_the_gaps_and_that_it_proves_nothing(make_view: View, blocked: bool) -> None:
    report = document(make_view(blocked=blocked))
    text = section(report, "gaps")
    assert words.RISK_REDUCTION in text
    assert words.RISK_REDUCTION in report.footer
    for item in ("R-47", "R-48", "R-49", "R-50", "R-51", *words.CANNOT):
        assert item in text


def test_the_gates_own_words_on_what_cannot_be_shown_take_the_place_of_ours(make_view: View) -> None:
    view = make_view()
    own = Gap(id="cannot-1", title="Novel triggers", sentence="Nobody can think of every trigger.")
    text = section(document(changed(view, gaps=(*view.verdict.gaps, own))), "gaps")
    assert "Nobody can think of every trigger." in text
    assert words.CANNOT[0] not in text


def test_open_weights_are_the_users_own_responsibility(make_view: View) -> None:
    assert words.ALL_YOURS in section(document(make_view(context="open_weight")), "gaps")
    assert words.ALL_YOURS not in section(document(make_view()), "gaps")


def test_not_possible_and_not_measured_are_rows_with_reasons(make_view: View) -> None:
    text = section(document(make_view()), "gaps")
    assert "Activation analysis\nnot possible here\ninfo\nGGUF weights give no activations" in text
    assert "Consistency of answers\nnot measured" in text


def test_benchmarks_show_strength_and_weakness_beside_their_result(make_view: View) -> None:
    text = section(document(make_view()), "benchmarks")
    assert "Weakness\ndirect requests only" in text
    assert "Refusal of harmful prompts (tuned): 95.0 % → 81.0 %" in text
    assert "own prompts: nobody else has looked at their quality" in text


def test_provenance_names_digests_identities_overrides_and_what_was_left_out(make_view: View) -> None:
    view = make_view()
    text = section(document(view), "provenance")
    for digest in (view.verdict.inputs.spec, view.verdict.policy.digest, view.plan.datasets[0].digest):
        assert digest in text
    assert view.verdict.compute_digest() in text
    assert "repeats=1" in text
    assert "inspect-ai 0.3.285" in text
    assert "scale, tuning_data" in text
    assert "hashed weights" in text


def test_a_waiver_that_nobody_approved_does_not_count(make_view: View) -> None:
    assert "requested, does not count" in section(document(make_view()), "obligations")


def test_what_is_unknown_is_never_printed_as_zero(make_view: View, make_cell: Callable[..., Any]) -> None:
    view = make_view()
    at_zero = make_cell("refusal", 0.0, 0.0, 30)
    report = document(replace(view, comparison=view.comparison.model_copy(update={"cells": (at_zero,)})))
    assert "undefined" in section(report, "results")


def test_an_unclear_reading_never_wears_the_colour_of_a_pass(make_view: View) -> None:
    view = make_view()
    unclear = view.verdict.findings[3].model_copy(update={"result": "unclear"})
    band = view.verdict.findings[1].model_copy(update={"result": "within"})
    assert result_mark(unclear).tone == "open"
    assert (result_mark(band).text, result_mark(band).tone) == ("within this band", "review")


def test_a_session_is_counted_in_minutes(make_view: View) -> None:
    assert "Manual red-team session\nmissing\ninsufficient\n30 minutes\n0 minutes" in section(
        document(make_view()), "minimum"
    )


def test_robustness_is_shown_for_every_attack_wrapper_where_there_are_several(
    make_view: View, make_cell: Callable[..., Cell]
) -> None:
    view = make_view()
    captions = {table.caption for table in tables(document(view), "results")}
    assert not any("attack wrapper" in caption for caption in captions), "plain requests alone are no comparison"
    more = tuple(
        make_cell("refusal", 0.9, tuned, 100, "condition", of) for of, tuned in (("plain", 0.9), ("rot13", 0.5))
    )
    wrapped = replace(view, comparison=view.comparison.model_copy(update={"cells": (*view.comparison.cells, *more)}))
    (table,) = [t for t in tables(document(wrapped), "results") if "attack wrapper" in t.caption]
    assert not table.fold and [row[1] for row in table.rows] == ["rot13", "plain"], "the largest loss first"
