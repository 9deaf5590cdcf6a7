"""Several benchmarks: each is kept, declared weights make the overall figure, and one that points the other way is
named (issue 6, point 4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from support.hand_made import Row, answered, compared, joined, locked_spec, prompts

from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.comparison import Cell, Comparison
from ftsafety_spec.spec.suite import Task
from ftsafety_spec.stats.margin import pessimistic
from ftsafety_spec.stats.moments import moments_of

Tables = tuple[list[Row], list[Row]]


def asked(task: str, n: int) -> list[Row]:
    rows = prompts(n, task=task)
    return [{**row, "prompt": digest_text(f"{task}{i}"), "cluster": digest_text(f"{task}{i}")} for i, row in
            enumerate(rows)]  # fmt: skip


def run(folder: Path, weights: dict[str, float | None], lost: dict[str, float], sizes: dict[str, int]) -> Comparison:
    """Base refuses all; of each task, tuned loses this share. A negative one: base lost it, tuned refuses all."""
    parts: list[Tables] = []
    for task, n in sizes.items():
        gone = round(abs(lost[task]) * n)
        for who, loses in (("base", lost[task] < 0), ("tuned", lost[task] > 0)):
            parts.append(answered(who, asked(task, n), lambda i, _, g=gone, x=loses: float(not x or i >= g)))  # type: ignore[misc]
    tasks: dict[str, Any] = {
        task: {"prompts": "a.jsonl", **({} if weight is None else {"weight": weight})}
        for task, weight in weights.items()
    }
    suites = {"core": {"title": "s", "revised": "2026-01-01", "tasks": tasks}}
    return compared(folder, joined(*parts), locked_spec(suites=suites))


def cell(found: Comparison, by: str = "all", of: str = "all") -> Cell:
    return next(c for c in found.cells if (c.outcome, c.by, c.of) == ("refusal", by, of))


SIZES = {"big": 180, "small": 20}


def test_without_weights_every_prompt_counts_the_same(tmp_path: Path) -> None:
    found = cell(run(tmp_path, {"big": None, "small": None}, {"big": 0.1, "small": 0.5}, SIZES))
    assert found.regression.points == pytest.approx((18 + 10) / 200)
    assert (found.moments.n, found.moments.weight) == (200, 1.0)


def test_declared_weights_make_the_overall_figure_and_leave_each_benchmark_s(tmp_path: Path) -> None:
    found = run(tmp_path, {"big": 1.0, "small": 1.0}, {"big": 0.1, "small": 0.5}, SIZES)
    whole = cell(found)
    assert whole.regression.points == pytest.approx(0.3) and whole.prompts == 200
    assert whole.lost == 28 and whole.moments.n == 24 < 40
    assert [cell(found, "task", f"core.{task}").regression.points for task in SIZES] == pytest.approx([0.1, 0.5])
    assert [cell(found, "task", f"core.{task}").moments.n for task in SIZES] == [180, 20]


def test_a_task_without_a_weight_beside_one_that_has_it_weighs_one(tmp_path: Path) -> None:
    found = cell(run(tmp_path, {"big": None, "small": 3.0}, {"big": 0.1, "small": 0.5}, SIZES))
    assert found.regression.points == pytest.approx(0.25 * 0.1 + 0.75 * 0.5)


def test_a_small_benchmark_of_great_weight_makes_the_bound_wider(tmp_path: Path) -> None:
    plain = cell(run(tmp_path / "a", {"big": None, "small": None}, {"big": 0.0, "small": 0.0}, SIZES))
    heavy = cell(run(tmp_path / "b", {"big": 1.0, "small": 1.0}, {"big": 0.0, "small": 0.0}, SIZES))
    alone = pessimistic(moments_of([1.0] * 20, [1.0] * 20), 0.95)
    bounds = [pessimistic(item.moments, 0.95) for item in (plain, heavy)]
    assert bounds[0] is not None and bounds[1] is not None and alone is not None
    assert bounds[0] < bounds[1] < alone


def test_what_is_missing_of_a_benchmark_counts_with_its_weight(tmp_path: Path) -> None:
    found = run(tmp_path, {"big": 1.0, "small": 1.0}, {"big": 0.0, "small": 0.0}, SIZES)
    assert cell(found).worst == cell(found).moments
    tables = joined(*(answered(who, asked("small", 20), lambda i, _, w=who: None if w == "tuned" and i < 10 else 1.0)
                      for who in ("base", "tuned")),
                    *(answered(who, asked("big", 180), lambda *_: 1.0) for who in ("base", "tuned")))  # fmt: skip
    tasks = {task: {"prompts": "a.jsonl", "weight": 1.0} for task in SIZES}
    suites = {"core": {"title": "s", "revised": "2026-01-01", "tasks": tasks}}
    missing = cell(compared(tmp_path / "m", tables, locked_spec(suites=suites)))
    assert missing.moments.mean_tuned == 1.0 and missing.worst.mean_tuned == pytest.approx(0.75)


@pytest.mark.parametrize("weight", [0, -1, float("nan"), float("inf")])
def test_a_weight_is_a_number_above_0(weight: float) -> None:
    with pytest.raises(ValidationError):
        Task(prompts="a.jsonl", weight=weight)


# ---- no Simpson's surprises -----------------------------------------------------------------------------------------


def test_a_benchmark_that_points_the_other_way_is_named(tmp_path: Path) -> None:
    found = run(tmp_path, {"big": None, "small": None}, {"big": -0.2, "small": 0.5}, SIZES)
    assert cell(found).regression.points < 0
    (row,) = found.disagree
    assert (row.variant, row.outcome, row.task, row.prompts, row.share) == ("tuned", "refusal", "core.small", 20, 0.1)
    assert row.shown and row.overall < 0 < row.interval[0] < row.own == 0.5


def test_of_one_that_is_not_shown_to_differ_its_share_of_the_prompts_decides(tmp_path: Path) -> None:
    sizes = {"big": 160, "small": 40}
    named = run(tmp_path / "a", {"big": None, "small": None}, {"big": -0.2, "small": 0.025}, sizes)
    assert [(row.task, row.shown) for row in named.disagree] == [("core.small", False)]
    few = run(tmp_path / "b", {"big": None, "small": None}, {"big": -0.2, "small": 0.1}, {"big": 190, "small": 10})
    assert few.disagree == ()


def test_gains_that_make_up_for_losses_hide_neither(tmp_path: Path) -> None:
    found = run(tmp_path, {"a": None, "b": None}, {"a": 0.3, "b": -0.3}, {"a": 50, "b": 50})
    assert cell(found).regression.points == 0.0
    assert [row.task for row in found.disagree] == ["core.a", "core.b"]


def test_benchmarks_that_agree_are_not_named(tmp_path: Path) -> None:
    found = run(tmp_path, {"a": None, "b": None}, {"a": 0.3, "b": 0.1}, {"a": 50, "b": 50})
    assert found.disagree == ()
