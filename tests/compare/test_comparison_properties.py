"""What must hold of every comparison, whatever the answers: through the tables, never past them (issue 6)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.hand_made import INPUTS, Row, answered, grade, joined, locked_spec, plan_of, prompts, write_tables

from ftsafety_spec.compare import compare
from ftsafety_spec.records.base import canonical
from ftsafety_spec.records.cascade import PEOPLE, draw
from ftsafety_spec.records.comparison import Cell, Comparison
from ftsafety_spec.stats.margin import pessimistic
from ftsafety_spec.stats.moments import oriented

TASKS = ("a", "b")
OUTCOMES = {"refusal": "harmful", "over_refusal": "benign"}
few = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(frozen=True)
class Case:
    """One run to compare: readings by (variant, outcome, prompt, repeat); None: unscored."""

    seed: int
    prompts: int
    repeats: int
    weights: tuple[float | None, float | None]
    readings: dict[tuple[str, str, int, int], float | None]


@st.composite
def cases(draw_: st.DrawFn, least: int = 2, most: int = 9, plain: bool = False) -> Case:
    """Few prompts, all sorts of readings, unscored ones among them; two tasks, weighted or not. `plain`: one answer to
    a prompt, read as 0 or 1 or not at all."""
    n, repeats = draw_(st.integers(least, most)), 1 if plain else draw_(st.integers(1, 3))
    value = st.sampled_from([0.0, 1.0, 1.0, None] if plain else [0.0, 0.0, 1.0, 1.0, 1.0, 0.5, 1 / 3, None])
    keys = [(v, o, i, r) for v in ("base", "tuned") for o in OUTCOMES for i in range(n) for r in range(repeats)]
    readings = dict(zip(keys, draw_(st.lists(value, min_size=len(keys), max_size=len(keys))), strict=True))
    weights = draw_(st.sampled_from([(None, None), (1.0, 1.0), (None, 4.0)]))
    return Case(draw_(st.integers(0, 999)), n, repeats, weights, readings)


def tables(case: Case) -> tuple[list[Row], list[Row]]:
    """Even prompts are of task a, odd ones of b; lengths are drawn."""
    parts = []
    for variant in ("base", "tuned"):
        for outcome, kind in OUTCOMES.items():
            asked = [
                {**row, "task": TASKS[i % 2], "prompt_id": f"{kind}{i}"}
                for i, row in enumerate(prompts(case.prompts, kind=kind))
            ]
            read = {(i, r): case.readings[variant, outcome, i, r] for i in range(case.prompts) for r in range(3)
                    if r < case.repeats}  # fmt: skip
            parts.append(answered(variant, asked, lambda i, r, read=read: read[i, r], case.repeats, outcome))  # type: ignore[misc]
    found = joined(*parts)
    rng = random.Random(case.seed)
    for row in found[0]:
        row["tokens_out"] = rng.randint(1, 400)
    return found


def run(folder: Path, case: Case, given_: tuple[list[Row], list[Row]] | None = None) -> Comparison:
    tasks: dict[str, Any] = {
        task: {"prompts": "a.jsonl", **({} if weight is None else {"weight": weight})}
        for task, weight in zip(TASKS, case.weights, strict=True)
    }
    suites = {"core": {"title": "s", "revised": "2026-01-01", "tasks": tasks}}
    locked = locked_spec(case.repeats, suites=suites)
    plan = plan_of(locked)
    jobs = tuple(job.model_copy(update={"task": task}) for job in plan.jobs for task in TASKS)
    plan = plan.model_copy(update={"jobs": jobs})
    return compare(*write_tables(folder, given_ or tables(case)), plan, locked, INPUTS)


def by_id(found: Comparison) -> dict[str, Cell]:
    return {cell.id: cell for cell in found.cells}


def estimate(cell: Cell) -> float:
    """The regression in points with what is missing at its worst."""
    worst = oriented(cell.worst, cell.safer)
    return worst.mean_base - worst.mean_tuned


def pessimistic_end(cell: Cell) -> float:
    """Of the regression in points, at most 0.75: up to there, and from eight prompts on, the bound of readings of 0 and
    1 never falls with a loss (`tests/stats/test_margin_bounds.py` tries every table)."""
    high = pessimistic(oriented(cell.worst, cell.safer), 0.95, "points")
    return 0.75 if high is None else min(high, 0.75)


def judged(cell: Cell) -> bool:
    """A cell of the two outcomes that are read, of enough prompts that its end says something."""
    return cell.outcome in OUTCOMES and cell.moments.n >= 8 and cell.worst.n >= 8


@few
@given(cases())
def test_swapping_base_and_tuned_flips_the_sign_and_mirrors_the_interval(tmp_path: Path, case: Case) -> None:
    other = {"base": "tuned", "tuned": "base"}
    swapped = {(other[v], o, i, r): value for (v, o, i, r), value in case.readings.items()}
    one = by_id(run(tmp_path / "a", case))
    two = by_id(run(tmp_path / "b", Case(case.seed, case.prompts, case.repeats, case.weights, swapped)))
    assert one.keys() == two.keys()
    for name, mine in one.items():
        theirs = two[name]
        assert mine.regression.points == pytest.approx(-theirs.regression.points, abs=1e-12)
        low, high = theirs.regression.points_interval
        assert mine.regression.points_interval == pytest.approx((-high, -low), abs=1e-9)
        assert (mine.lost, mine.gained) == (theirs.gained, theirs.lost)
        assert (mine.unscored_base, mine.unscored_tuned) == (theirs.unscored_tuned, theirs.unscored_base)


@few
@given(cases(20, 24, plain=True), st.integers(0, 10**6))
def test_one_more_harmful_answer_of_tuned_never_lowers_the_regression(tmp_path: Path, case: Case, pick: int) -> None:
    """Neither what is seen nor its pessimistic end, in any cell: one safe reading becomes an unsafe one."""
    unsafe = {"refusal": 0.0, "over_refusal": 1.0}
    kept = [key for key, value in case.readings.items()
            if key[0] == "tuned" and value is not None and value != unsafe[key[1]]]  # fmt: skip
    if not kept:
        return
    key = kept[pick % len(kept)]
    worse = {**case.readings, key: unsafe[key[1]]}
    before = by_id(run(tmp_path / "a", case))
    after = by_id(run(tmp_path / "b", Case(case.seed, case.prompts, case.repeats, case.weights, worse)))
    for name, cell in before.items():
        if cell.outcome in OUTCOMES:
            assert after[name].regression.points >= cell.regression.points - 1e-12
            assert estimate(after[name]) >= estimate(cell) - 1e-12
        if judged(cell):
            assert pessimistic_end(after[name]) >= pessimistic_end(cell) - 1e-9


@few
@given(cases(20, 24, plain=True), st.integers(0, 10**6), st.sampled_from(["unscored", "error", "absent"]))
def test_more_missing_answers_of_tuned_never_help(tmp_path: Path, case: Case, pick: int, how: str) -> None:
    """Losing an answer of tuned never lowers the pessimistic end, however it is lost."""
    answers, grades = tables(case)
    before = by_id(run(tmp_path / "a", case, (answers, grades)))
    mine = [row for row in answers if row["variant"] == "tuned"]
    gone = mine[pick % len(mine)]
    if how == "unscored":
        grades = [{**row, "value": None, "state": "unscored"} if row["answer"] == gone["answer"] else row
                  for row in grades]  # fmt: skip
    else:
        grades = [row for row in grades if row["answer"] != gone["answer"]]
        answers = [row for row in answers if row is not gone]
        answers += [{**gone, "state": "error", "text": None}] if how == "error" else []
    after = by_id(run(tmp_path / "b", case, (answers, grades)))
    for name, cell in before.items():
        if cell.outcome in OUTCOMES:
            assert estimate(after[name]) >= estimate(cell) - 1e-12
        if judged(cell):
            assert pessimistic_end(after[name]) >= pessimistic_end(cell) - 1e-9


@few
@given(cases(), st.integers(0, 10**6))
def test_the_order_of_rows_never_changes_a_byte(tmp_path: Path, case: Case, seed: int) -> None:
    answers, grades = tables(case)
    grades += [grade(row, 1.0, role="second", grader="h") for row in answers if row["kind"] == "harmful"]
    one = canonical(run(tmp_path / "a", case, (answers, grades)).plain())
    for rows in (answers, grades):
        random.Random(seed).shuffle(rows)
    assert canonical(run(tmp_path / "b", case, (answers, grades)).plain()) == one


@few
@given(st.integers(0, 10**6))
def test_the_order_of_labelled_rows_never_changes_a_byte(tmp_path: Path, seed: int) -> None:
    """With people's labels of a random sample, whose draw knows keys and no places."""
    rng = random.Random(seed)
    answers, grades = joined(*(answered(who, prompts(80), lambda *_: float(rng.random() > 0.2))
                               for who in ("base", "tuned")))  # fmt: skip
    first = sorted(answers, key=lambda row: draw(row["answer"], 0))[:120]
    grades += [{**grade(row, 1.0, role="adjudication", grader=PEOPLE), "person": "ines"} for row in first]
    locked = locked_spec()
    found = []
    for name in ("a", "b"):
        made = compare(*write_tables(tmp_path / name, (answers, grades)), plan_of(locked), locked, INPUTS)
        assert made.cascades[0].implied
        found.append(canonical(made.plain()))
        rng.shuffle(answers)
        rng.shuffle(grades)
    assert found[0] == found[1]


@few
@given(cases(), st.integers(1, 3))
def test_duplicates_of_a_prompt_never_shrink_an_interval(tmp_path: Path, case: Case, copies: int) -> None:
    """Every prompt of task a again under other ids (another benchmark often holds the same one): same cluster."""
    answers, grades = tables(case)
    one = by_id(run(tmp_path / "a", case, (answers, grades)))
    more_answers, more_grades = [], []
    by_answer = {row["answer"]: row for row in grades}
    for row in answers:
        for copy in range(copies):
            twin = {**row, "prompt_id": f"{row['prompt_id']}-{copy}"}
            more_answers.append(twin)
            assert by_answer[row["answer"]]["answer"] == twin["answer"], "equal prompts share an answer"
    two = by_id(run(tmp_path / "b", case, (answers + more_answers, grades + more_grades)))
    for name, cell in one.items():
        assert two[name].prompts == cell.prompts
        low, high = cell.regression.points_interval
        assert two[name].regression.points_interval == pytest.approx((low, high), abs=1e-9)


@few
@given(cases())
def test_a_prompt_that_two_tasks_share_never_shrinks_an_interval(tmp_path: Path, case: Case) -> None:
    """Task b asks what a asks, with the same answers, under whichever weights: no narrower than a alone."""
    answers, grades = tables(case)
    mine = [row for row in answers if row["task"] == "a"]
    alone = by_id(run(tmp_path / "a", case, (mine, grades)))
    both = by_id(run(tmp_path / "b", case, ([*mine, *({**row, "task": "b"} for row in mine)], grades)))
    for outcome in OUTCOMES:
        name = f"tuned/{outcome}/all/all"
        if name in alone:
            low, high = alone[name].regression.points_interval
            wide_low, wide_high = both[name].regression.points_interval
            assert wide_low <= low + 1e-9 and wide_high >= high - 1e-9
