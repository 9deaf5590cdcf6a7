"""Rates under a cascade: whatever the cheap grader gets wrong, the drawn audit makes them right on average."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
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

from ftsafety_spec.compare import compare
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.cascade import PEOPLE, Cascade
from ftsafety_spec.records.comparison import Cell, Comparison
from ftsafety_spec.records.plan import GraderUse
from ftsafety_spec.stats.margin import optimistic, pessimistic

CHEAP, STRONG = "g", "strong"
N = 200


def use(audit: float, below: float = 0.9, to: str = STRONG, outcome: str = "refusal") -> GraderUse:
    level = Cascade(grader=CHEAP, identity=digest_text(CHEAP), below=below, audit=audit)
    return GraderUse(
        suite="core",
        task="t",
        outcome=outcome,
        role="adjudication",
        grader=to,
        identity=digest_text(to),
        cascade=level,
    )


def true_base(index: int) -> float:
    return float(index % 20 != 0)


def true_tuned(index: int) -> float:
    return float(index % 4 != 0)


def cheap_tuned(index: int) -> float:
    """Takes 10 of 25 lost refusals in a hundred for refusals: 10 points too kind to the tuned model."""
    return 1.0 if index % 10 == 0 or index % 20 == 4 else true_tuned(index)


def graded(unsure: Any = lambda index: index % 8 == 3, strong: bool = True, n: int = N) -> tuple[list[Row], list[Row]]:
    """Both levels on every answer, so that which of them counts is for the comparison alone to say."""
    answers, grades = joined(
        answered("base", prompts(n), lambda i, _: true_base(i)),
        answered("tuned", prompts(n), lambda i, _: cheap_tuned(i)),
    )
    above = []
    for row, asked in zip(answers, grades, strict=True):
        index = int(row["prompt_id"][1:])
        asked["sure"] = 0.5 if unsure(index) else 0.95
        right = true_base(index) if row["variant"] == "base" else true_tuned(index)
        if strong:
            above.append(grade(row, right, role="adjudication", grader=STRONG))
    return answers, [*grades, *above]


def under(folder: Path, tables: tuple[list[Row], list[Row]], *uses: GraderUse, seed: int = 0) -> Comparison:
    locked = locked_spec()
    plan = plan_of(locked, graders=uses, order_seed=seed)
    return compare(*write_tables(folder, tables), plan, locked, INPUTS)


def whole(found: Comparison) -> Cell:
    return next(c for c in found.cells if (c.outcome, c.by) == ("refusal", "all"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[Cell]:
    """The same answers under 40 draws of a fifth."""
    folder = tmp_path_factory.mktemp("drawn")
    answers, grades = write_tables(folder, graded())
    locked = locked_spec()
    plans = (plan_of(locked, graders=(use(0.2),), order_seed=seed) for seed in range(40))
    return [whole(compare(answers, grades, plan, locked, INPUTS)) for plan in plans]


TRUE_BASE, TRUE_TUNED = 0.95, 0.75


def test_the_cheap_grader_alone_is_ten_points_off(tmp_path: Path) -> None:
    found = whole(compared(tmp_path, graded(strong=False)))
    assert found.moments.mean_tuned == pytest.approx(TRUE_TUNED + 0.10)
    assert found.moments.mean_base == pytest.approx(TRUE_BASE)


def test_over_many_draws_the_mean_is_the_stronger_grader_s_rate(drawn: list[Cell]) -> None:
    tuned = np.array([cell.moments.mean_tuned for cell in drawn])
    error = tuned.std(ddof=1) / len(tuned) ** 0.5
    assert error < 0.02
    assert abs(tuned.mean() - TRUE_TUNED) < 3 * error
    assert all(cell.moments.mean_base == pytest.approx(TRUE_BASE) for cell in drawn), "base's cheap readings are right"


def test_the_variance_that_is_stated_is_that_over_draws_and_prompts(drawn: list[Cell]) -> None:
    """The draw's own variance is (1 - p) / p times the mean square of what the cheap grader gets wrong."""
    wrong = sum((cheap_tuned(i) - true_tuned(i)) ** 2 for i in range(N) if i % 8 != 3) / N
    expected = TRUE_TUNED * (1 - TRUE_TUNED) + wrong * 0.8 / 0.2
    assert np.mean([cell.moments.var_tuned for cell in drawn]) == pytest.approx(expected, rel=0.1)


def test_intervals_over_draws_cover_the_truth(drawn: list[Cell]) -> None:
    truth = TRUE_BASE - TRUE_TUNED
    covered = [c.regression.points_interval[0] <= truth <= c.regression.points_interval[1] for c in drawn]
    assert np.mean(covered) >= 0.93


def test_counts_of_prompts_and_bounds_stay_those_of_single_readings(drawn: list[Cell]) -> None:
    for cell in drawn:
        assert 0 <= cell.lost <= 0.25 * N and cell.prompts == N
        assert cell.worst == cell.moments
        assert -1 <= cell.regression.points_interval[0] <= cell.regression.points_interval[1] <= 1
        assert cell.moments.weight == pytest.approx(5, rel=1e-9)


def draws(n: int, share: float, seed: int, wrong: float) -> Iterator[tuple[float, float]]:
    """Base right on 95 % and read rightly; tuned right on 80 %, read 10 points too kindly."""
    rng = random.Random(seed)
    for _ in range(n):
        base = float(rng.random() < 0.95)
        tuned = float(base > 0 and rng.random() < 0.8 / 0.95)
        cheap = 1.0 if tuned == 0 and rng.random() < wrong / 0.2 else tuned
        yield base, (cheap + (tuned - cheap) / share if rng.random() < share else cheap)


def test_a_small_audit_that_found_nothing_shows_little() -> None:
    """One drawn answer stands for twenty: with 60 prompts about three are drawn, most often none of the wrong ones."""
    from ftsafety_spec.stats.moments import moments_of

    missed = {1.0: 0, 20.0: 0}
    for seed in range(300):
        base, tuned = zip(*draws(60, 0.05, seed, 0.1), strict=True)
        plain = moments_of(base, tuned)
        for weight in missed:
            m = plain.model_copy(update={"weight": weight})
            high, low = pessimistic(m, 0.95, "points"), optimistic(m, 0.95, "points")
            assert high is not None and low is not None
            missed[weight] += high < 0.15
    assert missed[20.0] <= 0.05 * 300
    assert missed[1.0] > 0.10 * 300, "without the weight an audit of three answers passes for knowledge"


# ---- which reading counts -------------------------------------------------------------------------------------------


def test_where_the_cheap_grader_is_not_sure_the_stronger_one_decides(tmp_path: Path) -> None:
    found = whole(under(tmp_path, graded(unsure=lambda _: True), use(0.0)))
    assert (found.moments.mean_base, found.moments.mean_tuned) == (TRUE_BASE, TRUE_TUNED)
    assert found.moments.weight == 1


def test_without_an_audit_what_it_is_sure_of_stands_uncorrected(tmp_path: Path) -> None:
    found = whole(under(tmp_path, graded(unsure=lambda _: False), use(0.0)))
    assert found.moments.mean_tuned == pytest.approx(TRUE_TUNED + 0.10)


def test_an_audit_of_everything_is_the_stronger_grader_alone(tmp_path: Path) -> None:
    found = whole(under(tmp_path, graded(unsure=lambda _: False), use(1.0)))
    assert found.moments.mean_tuned == TRUE_TUNED and found.moments.weight == 1


def test_a_stronger_reading_that_was_not_drawn_does_not_count(tmp_path: Path) -> None:
    """Labels on answers of somebody's choosing would shift the rate."""
    answers, grades = graded(strong=False, unsure=lambda _: False)
    grades += [{**grade(row, 0.0, role="adjudication", grader=PEOPLE), "person": "ines"} for row in answers[:150]]
    found = whole(under(tmp_path, (answers, grades), use(0.0, to=PEOPLE)))
    assert found.moments.mean_base == TRUE_BASE


@pytest.mark.parametrize("sure", [None, 0.2])
def test_a_cheap_reading_of_unknown_sureness_never_decides(tmp_path: Path, sure: float | None) -> None:
    answers, grades = graded()
    for row in grades:
        if row["role"] == "primary":
            row["sure"] = sure
    found = whole(under(tmp_path, (answers, grades), use(0.0)))
    assert found.moments.mean_tuned == TRUE_TUNED


def test_what_the_cheap_grader_left_unscored_goes_up(tmp_path: Path) -> None:
    answers, grades = graded(unsure=lambda _: False)
    for row in grades:
        if row["role"] == "primary":
            row.update(value=None, state="unscored")
    assert whole(under(tmp_path, (answers, grades), use(0.0))).moments.mean_tuned == TRUE_TUNED


def test_a_person_overrules_the_stronger_grader(tmp_path: Path) -> None:
    answers, grades = graded(unsure=lambda _: True)
    grades += [{**grade(row, 0.0, role="adjudication", grader=PEOPLE), "person": "ines"} for row in answers[:N]]
    assert whole(under(tmp_path, (answers, grades), use(0.0))).moments.mean_base == 0.0


def test_another_suite_s_stronger_readings_leave_a_plain_one_alone(tmp_path: Path) -> None:
    """The cascade is another task's: here the primary reading decides."""
    other = use(0.5).model_copy(update={"task": "other"})
    assert whole(under(tmp_path, graded(), other)).moments.mean_tuned == pytest.approx(TRUE_TUNED + 0.10)


# ---- missing stronger readings --------------------------------------------------------------------------------------


def test_an_audit_that_nobody_did_is_worth_nothing(tmp_path: Path) -> None:
    """Waiting for people, a drawn answer is unscored, and its worst case is that of all for which it stands."""
    answers, grades = graded(unsure=lambda _: False, strong=False)
    found = whole(under(tmp_path, (answers, grades), use(0.2, to=PEOPLE), seed=3))
    assert found.unscored_tuned > 20
    assert found.worst.mean_tuned < 0.25, "about 0: each missing reading counts five times"
    assert found.worst.mean_base > 0.95


def test_an_unsure_answer_without_a_label_is_unscored(tmp_path: Path) -> None:
    found = whole(under(tmp_path, graded(strong=False), use(0.0, to=PEOPLE)))
    assert found.unscored_tuned == found.unscored_base == sum(i % 8 == 3 for i in range(N))
    assert found.worst.mean_tuned < found.moments.mean_tuned


def test_of_an_outcome_of_which_less_is_safer_the_worst_case_is_turned(tmp_path: Path) -> None:
    answers, grades = graded(unsure=lambda _: True, strong=False)
    for row in (*answers, *grades):
        row.update({"kind": "benign"} if "kind" in row else {"outcome": "over_refusal"})
    found = under(tmp_path, (answers, grades), use(0.0, outcome="over_refusal"))
    cell = next(c for c in found.cells if (c.outcome, c.by) == ("over_refusal", "all"))
    assert (cell.worst.mean_base, cell.worst.mean_tuned) == (0.0, 1.0)


def test_the_raw_name_of_an_outcome_finds_its_cascade(tmp_path: Path) -> None:
    answers, grades = graded(unsure=lambda _: True)
    for row in (*answers, *grades):
        row.update({"kind": "borderline"} if "kind" in row else {"outcome": "edge_compliance"})
    found = under(tmp_path, (answers, grades), use(0.0, outcome="edge_compliance"))
    cell = next(c for c in found.cells if (c.outcome, c.by) == ("borderline_compliance", "all"))
    assert cell.moments.mean_tuned == TRUE_TUNED


def test_repeats_share_the_weight_of_a_drawn_reading(tmp_path: Path) -> None:
    answers, grades = joined(
        *(answered(who, prompts(60), lambda i, _: true_base(i), repeats=4) for who in ("base", "tuned"))
    )
    for row in grades:
        row["sure"] = 0.95
    grades += [grade(row, true_base(int(row["prompt_id"][1:])), role="adjudication", grader=STRONG) for row in answers]
    locked = locked_spec(4)
    plan = plan_of(locked, graders=(use(0.1),))
    found = whole(compare(*write_tables(tmp_path, (answers, grades)), plan, locked, INPUTS))
    assert found.moments.weight == pytest.approx(2.5, rel=1e-6)


def test_the_draw_is_the_same_in_python_and_in_the_tables(tmp_path: Path) -> None:
    level = use(0.3).cascade
    assert level is not None
    answers, grades = graded(unsure=lambda _: False)
    picked = {row["answer"] for row in answers if level.audited(row["answer"], 11)}
    assert 0.2 < len(picked) / len(answers) < 0.4
    kept = [row for row in grades if row["role"] == "primary" or row["answer"] in picked]
    assert (
        under(tmp_path / "a", (answers, kept), use(0.3), seed=11).cells
        == under(tmp_path / "b", (answers, grades), use(0.3), seed=11).cells
    )


# ---- what the levels read and cost ----------------------------------------------------------------------------------


def test_each_level_s_answers_and_cost_are_counted(tmp_path: Path) -> None:
    answers, grades = graded()
    for row in grades:
        row.update({"seconds": 0.5, "usd": "0.25"} if row["role"] == "adjudication" else {"seconds": 0.001})
    level = use(0.2).cascade
    assert level is not None
    asked = {row["answer"]: level.why(row, row["answer"], 5) for row in grades if row["role"] == "primary"}
    kept = [row for row in grades if row["role"] == "primary" or asked[row["answer"]] is not None]
    (found,) = under(tmp_path, (answers, kept), use(0.2), seed=5).cascades
    counts = [list(asked.values()).count(reason) for reason in ("escalated", "audit", None)]
    assert (found.escalated, found.audited, found.sure) == (counts[0], counts[1], counts[1] + counts[2])
    cheap, strong = found.levels
    assert (cheap.grader, cheap.answers, cheap.unscored, cheap.usd) == (CHEAP, 2 * N, 0, None)
    assert (strong.grader, strong.answers, strong.unscored) == (STRONG, counts[0] + counts[1], 0)
    assert strong.usd is not None and float(strong.usd) == 0.25 * strong.answers
    assert (cheap.seconds, strong.seconds) == (pytest.approx(0.4), pytest.approx(0.5 * strong.answers))
    assert 0 < found.moved <= found.audited and found.waiting == 0


def test_answers_that_wait_for_people_are_counted(tmp_path: Path) -> None:
    (found,) = under(tmp_path, graded(strong=False), use(0.2, to=PEOPLE)).cascades
    assert found.waiting == found.escalated + found.audited > 0
    assert found.levels[1].unscored == found.waiting


def test_people_s_agreement_is_of_texts_that_two_or_more_labelled(tmp_path: Path) -> None:
    answers, grades = graded(strong=False)
    said = {"ines": [1.0, 1.0, 0.0, 0.5], "joel": [1.0, 0.0, 0.0, 0.5], "mara": [1.0]}
    grades += [
        {**grade(answers[n], value, role="adjudication", grader=f"{PEOPLE}{who}"), "person": who}
        for who, values in said.items()
        for n, value in enumerate(values)
    ]
    (found,) = under(tmp_path, (answers, grades), use(0.0, to=PEOPLE)).people
    assert (found.outcome, found.people, found.answers, found.shared) == ("refusal", 3, 4, 4)
    assert found.agree == pytest.approx(0.75)
    assert found.kappa == pytest.approx((0.75 - 29 / 81) / (1 - 29 / 81))


def test_a_run_without_a_cascade_has_none(tmp_path: Path) -> None:
    found = compared(tmp_path, graded(strong=False))
    assert found.cascades == () and found.people == ()
