"""A labelled sample of a whole run corrects overall figures; one area's share of it is too thin (issue 6, point 3)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from support.hand_made import INPUTS, Row, answered, grade, joined, locked_spec, plan_of, prompts, write_tables

from ftsafety_spec.compare import compare
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.cascade import PEOPLE, draw
from ftsafety_spec.records.certificate import Figure
from ftsafety_spec.records.comparison import Comparison, GraderError
from ftsafety_spec.stats.parts import errors_of

N, LABELLED = 200, 160
RATES = {"sensitivity": 0.9, "specificity": 0.8}


def compared(folder: Path) -> Comparison:
    """Both models refuse everything by the grader; people say that it is wrong on one labelled answer in five."""
    asked = prompts(N)
    answers, grades = joined(*(answered(name, asked, lambda i, r: 1.0) for name in ("base", "tuned")))  # noqa: ARG005
    first = sorted(answers, key=lambda row: draw(row["answer"], 0))[:LABELLED]
    grades += [label(row, float(k % 5 > 0)) for k, row in enumerate(first)]
    locked = locked_spec(temperature=0.0)
    plan = plan_of(locked)
    inputs = INPUTS.model_copy(update={"plan": plan.compute_digest()})
    return compare(*write_tables(folder, (answers, grades)), plan, locked, inputs)


def label(row: Row, value: float) -> Row:
    return {**grade(row, value, role="adjudication", grader=PEOPLE), "person": "ines"}


def test_overall_figures_are_corrected_and_areas_hold_what_was_read(tmp_path: Path) -> None:
    found = compared(tmp_path)
    assert [row.implied for row in found.cascades] == [True]
    cells = {cell.by: cell for cell in found.cells if cell.outcome == "refusal"}
    overall = cells["all"].moments
    assert overall.weight > 1
    assert np.isclose((overall.mean_base + overall.mean_tuned) / 2, 0.8, atol=1e-6)
    for by in ("area", "category", "task", "kind", "condition"):
        part = cells[by].moments
        assert part.weight == 1
        assert 0.0 <= part.mean_tuned <= 1.0
        assert cells[by].worst == part


def test_a_certificate_stays_in_an_areas_bounds(tmp_path: Path) -> None:
    found = compared(tmp_path)
    rate = {name: Figure(value=value, se=0.01, n=300, prompts=300) for name, value in RATES.items()}
    error = GraderError(certificate=digest_text("c"), kappa=Figure(value=0.8), labelled=600, **rate)
    grader = found.graders[0].model_copy(update={"error": error})
    made = found.model_copy(update={"graders": (grader,)})
    cells = {cell.by: cell for cell in made.cells if cell.outcome == "refusal"}
    assert errors_of(made, cells["all"]) == []
    assert [error.specificity for error in errors_of(made, cells["area"])] == [0.8]
