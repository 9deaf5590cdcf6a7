"""Who read what in a run: a row for each outcome and primary grader, its measured error, its agreement with another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.hand_made import (
    INPUTS,
    Row,
    answered,
    compared,
    grade,
    joined,
    locked_spec,
    plan_of,
    prompts,
    write_tables,
)

from ftsafety_spec.compare import agreement_of, compare
from ftsafety_spec.graders.labels import Label
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.certificate import Certificate
from ftsafety_spec.records.comparison import Comparison, GraderReading
from ftsafety_spec.records.plan import GraderUse

Tables = tuple[list[Row], list[Row]]


def both(n: int = 60, **fields: Any) -> Tables:
    """Base and tuned on n prompts; two in three are refused."""
    asked = prompts(n)
    return joined(*(answered(name, asked, lambda i, _: float(i % 3 > 0), **fields) for name in ("base", "tuned")))


def with_second(tables: Tables, value: Any, grader: str = "h") -> Tables:
    """A second grader that reads `value(row number, first value)` of each answer; `skip` for none at all."""
    answers, grades = tables
    first = {row["answer"]: row["value"] for row in grades}
    found = [(row, value(n, first[row["answer"]])) for n, row in enumerate(answers)]
    return answers, grades + [grade(row, v, role="second", grader=grader) for row, v in found if v != "skip"]


def reading(folder: Path, tables: Tables) -> GraderReading:
    (found,) = compared(folder, tables).graders
    return found


def certificate(outcome: str = "refusal") -> Certificate:
    import asyncio

    from ftsafety_spec.graders.certify import Circumstances, certify
    from ftsafety_spec.graders.refusal import GRADER

    rows = [Label(str(n), f"p{n}", "I cannot help with that." if n % 3 else "Sure, here it is.",
                  "refusal" if n % 4 else "compliance") for n in range(24)]  # fmt: skip
    made = asyncio.run(certify(GRADER, rows, Circumstances("2026-01-01")))
    return made.model_copy(update={"identity": digest_text("g"), "outcome": outcome, "grader": "g"}).sealed()


def certified(folder: Path, tables: Tables, outcome: str, record: Certificate) -> Comparison:
    locked = locked_spec()
    use = GraderUse(suite="core", outcome=outcome, role="primary", grader="g", identity=digest_text("g"),
                    certificate=record.digest)  # fmt: skip
    plan = plan_of(locked, graders=(use,))
    inputs = INPUTS.model_copy(update={"plan": plan.compute_digest()})
    return compare(*write_tables(folder, tables), plan, locked, inputs, certificates={str(record.digest): record})


def test_graders_that_read_alike_agree_with_an_interval(tmp_path: Path) -> None:
    found = reading(tmp_path, with_second(both(), lambda n, v: v if n % 20 else 1 - v))
    assert (found.second, found.both, found.differ) == ("h", 120, 6)
    assert found.agree == pytest.approx(114 / 120)
    assert found.kappa is not None and found.kappa_interval is not None
    assert found.kappa_interval[0] < found.kappa < found.kappa_interval[1] and len(found.disagree) == 6


def test_readings_are_cut_at_a_half(tmp_path: Path) -> None:
    found = reading(tmp_path, with_second(both(), lambda _, v: 0.6 if v else 0.4))
    assert (found.kappa, found.differ) == (1.0, 0)


def test_what_the_second_grader_left_unscored_lowers_only_the_lower_end(tmp_path: Path) -> None:
    whole = reading(tmp_path / "a", with_second(both(), lambda _, v: v))
    part = reading(tmp_path / "b", with_second(both(), lambda n, v: None if n % 3 == 0 else v))
    assert (part.both, part.kappa, part.differ) == (80, 1.0, 0)
    assert whole.kappa_interval is not None and part.kappa_interval is not None
    assert part.kappa_interval[0] < whole.kappa_interval[0] - 0.2
    assert part.kappa_interval[1] == whole.kappa_interval[1] == 1.0


def test_answers_that_nobody_asked_the_second_grader_about_count_nothing(tmp_path: Path) -> None:
    found = reading(tmp_path, with_second(both(), lambda n, v: "skip" if n % 2 else v))
    assert (found.both, found.graded) == (60, 120)
    none = reading(tmp_path / "none", with_second(both(), lambda *_: None))
    assert (none.kappa, none.kappa_interval, none.second, none.both) == (None, None, "h", 0)


def test_several_answers_to_a_prompt_are_one_cluster(tmp_path: Path) -> None:
    wrong = {n for n in range(120) if n // 2 % 10 == 0}
    apart = reading(tmp_path / "a", with_second(both(), lambda n, v: 1 - v if n in wrong else v))
    answers, grades = with_second(both(), lambda n, v: 1 - v if n in wrong else v)
    for row in answers:
        row["cluster"] = digest_text(row["area"])  # four clusters in all
    few = reading(tmp_path / "b", (answers, grades))
    assert apart.kappa_interval is not None and few.kappa_interval is not None
    assert few.kappa_interval[0] < apart.kappa_interval[0] - 0.02


def test_each_primary_grader_of_an_outcome_has_a_row_of_its_own(tmp_path: Path) -> None:
    answers, grades = both()
    for row in grades[:30]:
        row.update(grader="other", grader_identity=digest_text("other"))
    found = compared(tmp_path, with_second((answers, grades), lambda _, v: v)).graders
    assert [(row.primary, row.graded, row.both) for row in found] == [("g", 90, 90), ("other", 30, 30)]


def test_disagreements_are_all_counted_and_all_named_on_request(tmp_path: Path) -> None:
    answers, grades = with_second(both(600), lambda _, v: 1 - v)
    found = reading(tmp_path, (answers, grades))
    assert (found.differ, len(found.disagree)) == (1200, 500)
    (whole,) = agreement_of(tmp_path / "answers.parquet", tmp_path / "grades.parquet", plan_of(locked_spec()))
    assert sorted(whole.disagree) == sorted(row["answer"] for row in answers)


def test_the_measured_error_comes_from_the_certificate_that_the_plan_names(tmp_path: Path) -> None:
    record = certificate()
    (found,) = certified(tmp_path, both(), "refusal", record).graders
    assert found.error is not None and found.error.certificate == record.digest
    assert found.error.sensitivity == record.scores.sensitivity
    assert found.error.specificity == record.scores.specificity
    assert (found.error.kappa, found.error.labelled) == (record.scores.kappa, 24)
    assert reading(tmp_path / "none", both()).error is None


@pytest.mark.parametrize(
    ("outcome", "kind"), [("edge_compliance", "borderline"), ("not_harmful", "harmful"), ("not_toxic", "harmful")]
)
def test_the_error_is_turned_where_a_high_value_is_the_absence_of_the_class(
    tmp_path: Path, outcome: str, kind: str
) -> None:
    record = certificate("refusal" if outcome == "edge_compliance" else outcome)
    asked = prompts(30, kind=kind)
    tables = joined(*(answered(name, asked, lambda *_: 1.0, outcome=outcome) for name in ("base", "tuned")))
    (found,) = certified(tmp_path, tables, outcome, record).graders
    assert found.outcome == ("borderline_compliance" if outcome == "edge_compliance" else outcome)
    assert found.error is not None
    assert found.error.sensitivity == record.scores.specificity
    assert found.error.specificity == record.scores.sensitivity
    assert record.scores.sensitivity != record.scores.specificity


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    answers, grades = with_second(both(), lambda n, v: v if n % 7 else 1 - v)
    assert reading(tmp_path / "a", (answers, grades)) == reading(tmp_path / "b", (answers[::-1], grades[::-1]))
