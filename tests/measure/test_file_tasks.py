"""A user's own file of Inspect tasks, measured: its solver and scorer run in its folder, and an edit asks anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.fake_provider import Fake
from support.small_run import Project

CODE = """
from pathlib import Path

from helper import WORD
from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.scorer import Score, Target, mean, scorer
from inspect_ai.solver import generate


@scorer(metrics={"polite": [mean()], "long": [mean()]})
def manners():
    async def score(state, target: Target) -> Score:
        return Score(value={"polite": float(WORD in state.output.completion), "long": 0.0})

    return score


@task
def greetings():
    count = int(Path("count.txt").read_text())
    samples = [Sample(input=f"Placeholder greeting {n}", metadata={"tone": f"t{n % 2}"}) for n in range(count)]
    return Task(dataset=samples, solver=generate(), scorer=manners())
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "evals"
    folder.mkdir()
    (folder / "own.py").write_text(CODE)
    (folder / "helper.py").write_text('WORD = "sorry"\n')
    (folder / "count.txt").write_text("4")
    mapping: dict[str, Any] = {"not_harmful": {"scorer": "manners", "value": "polite"}}
    task = {"task": "evals/own.py@greetings", "kind": "harmful", "category": "tone", "outcomes": mapping}
    return Project(tmp_path, tasks={"greetings": task})


def test_a_files_task_is_measured_by_its_own_solver_and_scorer(project: Project) -> None:
    fake = Fake()
    measured, folder, _ = project.run(fake)
    assert (measured.answered, measured.errors) == (8, 0)
    answers = list(folder.rows("answers"))
    assert {row["category"] for row in answers} == {"t0", "t1"} and {row["kind"] for row in answers} == {"harmful"}
    grades = list(folder.rows("grades"))
    assert {row["outcome"] for row in grades} == {"not_harmful"} and {row["grader"] for row in grades} == {
        "inspect:manners"
    }
    assert len(grades) == 8 and {row["value"] for row in grades} <= {0.0, 1.0}


def test_nothing_is_asked_twice_until_the_code_is_edited(project: Project) -> None:
    project.run(Fake())
    again = Fake()
    project.run(again)
    assert again.total == 0
    (project.root / "evals/helper.py").write_text('WORD = "sure"\n')
    edited = Fake()
    project.run(edited)
    assert edited.total == 8
