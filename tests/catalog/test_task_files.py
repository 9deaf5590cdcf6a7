"""A user's own file of Inspect tasks in a suite: found, run only to plan and to run, identified by its code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.catalog.inspect_tasks import inspect_task
from ftsafety_spec.catalog.load import LoadedTask, load_task
from ftsafety_spec.catalog.meanings import line_for, scorers_of, with_meanings
from ftsafety_spec.catalog.task_files import version_of
from ftsafety_spec.errors import InputError, NotFoundError, Problem, SpecError, Where
from ftsafety_spec.spec.suite import Suite, Task

CODE = """
from pathlib import Path

from inspect_ai import Task, task
from inspect_ai.dataset import json_dataset
from inspect_ai.scorer import Score, Target, accuracy, mean, scorer

Path("ran").write_text("placeholder")


@scorer(metrics={"polite": [mean()], "short": [mean()]})
def manners():
    async def score(state, target: Target) -> Score:
        return Score(value={"polite": 1, "short": 0})

    return score


@scorer(metrics=[accuracy()])
def plain():
    async def score(state, target: Target) -> Score:
        return Score(value="C")

    return score


@task
def greetings(size: int = 3):
    return Task(dataset=json_dataset("samples.jsonl")[:size], scorer=[manners(), plain()])


@task(name="farewells")
def other():
    return Task(dataset=json_dataset("samples.jsonl"), scorer=plain())
"""
SAMPLES = "".join(f'{{"input": "Placeholder {n}.", "metadata": {{"tone": "t{n % 2}"}}}}\n' for n in range(3))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "evals"
    folder.mkdir(parents=True)
    (folder / "own.py").write_text(CODE)
    (folder / "samples.jsonl").write_text(SAMPLES)
    return tmp_path / "project"


def load(root: Path, name: str, **task: Any) -> LoadedTask:
    suite = Suite.model_validate({"title": "t", "revised": "2026-11-01", "tasks": {"one": {"task": name, **task}}})
    return load_task("core", "one", suite, root, None, 0)


def test_a_files_task_gives_its_samples_with_the_category_that_the_suite_declares(root: Path) -> None:
    loaded = load(root, "evals/own.py@greetings", kind="harmful", area="fraud", category="tone")
    assert sorted(prompt.category for prompt in loaded.prompts) == ["t0", "t0", "t1"]
    assert {(prompt.kind, prompt.area) for prompt in loaded.prompts} == {("harmful", "fraud")}
    assert {prompt.category for prompt in load(root, "evals/own.py@greetings").prompts} == {"greetings"}


def test_a_files_task_is_built_fresh_with_the_wanted_samples_and_its_arguments(root: Path) -> None:
    loaded = load(root, "evals/own.py@greetings", args={"size": 2})
    assert loaded.inspect is not None and len(loaded.prompts) == 2
    built = loaded.inspect.build({"2"})
    assert [sample.id for sample in built.dataset] == ["2"] and built is not loaded.inspect.build({"2"})
    with pytest.raises(NotFoundError, match="Did you mean size"):
        load(root, "evals/own.py@greetings", args={"sise": 2})


def test_two_files_with_a_task_of_one_name_do_not_meet(root: Path) -> None:
    (root / "evals/b.py").write_text(CODE.replace("size: int = 3", "size: int = 1"))
    first, second = (load(root, f"evals/{name}.py@greetings") for name in ("own", "b"))
    assert (len(first.prompts), len(second.prompts)) == (3, 1)
    assert first.inspect is not None and len(first.inspect.build({"1", "2", "3"}).dataset) == 3


def test_an_edit_of_any_python_file_beside_it_is_another_task(root: Path) -> None:
    before = version_of("evals/own.py@greetings", root)
    assert re.fullmatch(r"evals/own\.py sha256:[0-9a-f]{64}", before)
    (root / "evals/samples.jsonl").write_text(SAMPLES)
    assert version_of("evals/own.py@greetings", root) == before
    (root / "evals/deep").mkdir()
    (root / "evals/deep/helper.py").write_text("X = 1\n")
    assert version_of("evals/own.py@greetings", root) != before


def test_a_file_with_several_tasks_has_to_be_told_which(root: Path) -> None:
    with pytest.raises(NotFoundError, match="Known: farewells, greetings"):
        load(root, "evals/own.py")
    with pytest.raises(NotFoundError, match="Did you mean greetings"):
        load(root, "evals/own.py@greeting")
    assert len(load(root, "evals/own.py@farewells").prompts) == 3


def test_a_file_that_fails_says_why_and_one_that_is_not_there_too(root: Path) -> None:
    (root / "evals/bad.py").write_text("raise ValueError('placeholder reason')\n")
    with pytest.raises(InputError, match="ValueError: placeholder reason") as caught:
        load(root, "evals/bad.py@greetings")
    assert caught.value.code == "FTS-120"
    with pytest.raises(InputError) as caught:
        load(root, "evals/none.py@greetings")
    assert caught.value.code == "FTS-111"


def test_code_outside_of_the_project_is_never_run(root: Path) -> None:
    outside = root.parent / "outside.py"
    outside.write_text("from pathlib import Path\nPath('ran').write_text('x')\n")
    (root / "link.py").symlink_to(outside)
    with pytest.raises(InputError, match="leads out of the project") as caught:
        load(root, "link.py@greetings")
    assert caught.value.code == "FTS-103"
    assert not list(root.parent.rglob("ran"))
    for name in ("../outside.py@greetings", "/tmp/outside.py@greetings", "evals/../../outside.py@x"):
        with pytest.raises(ValueError, match="task"):
            Task.model_validate({"task": name})


def test_the_scorers_of_a_task_are_named_with_their_keys(root: Path) -> None:
    task = inspect_task("evals/own.py@greetings", {}, root)
    assert scorers_of(task) == {"manners": ["polite", "short"], "plain": []}


def test_a_task_without_a_meaning_is_told_a_line_that_is_valid(root: Path) -> None:
    import yaml

    where = Where("specs/suites/own.yaml", 5, 3, "suites.core.tasks.manners.task")
    named = SpecError([Problem("FTS-126", "evals/own.py@greetings is not given a meaning.", where, "old")])
    (problem,) = with_meanings(named, root).problems
    assert problem.where == where and problem.hint is not None
    assert "manners with polite, short; plain" in problem.hint
    line = re.search("`(manners: .*?)`", problem.hint)
    assert line is not None
    made = yaml.safe_load(line[1])
    task = Task.model_validate(made["manners"])
    assert task.outcomes["capability"].scorer == "manners" and task.outcomes["capability"].value == "polite"


def test_a_line_takes_the_outcome_and_the_direction_from_the_tasks_name() -> None:
    line = line_for("flattery", "inspect_evals/sycophancy", {"grader": []})
    assert "outcomes: {sycophancy: {scorer: grader, safer: lower}}" in line
    line = line_for("own", "evals/own.py@quiz", {"refusal": []})
    assert "outcomes: {refusal: {scorer: refusal, safer: higher}}" in line


def test_what_cannot_be_built_keeps_the_general_hint(tmp_path: Path) -> None:
    where = Where(key="suites.core.tasks.x.task")
    problem = Problem("FTS-126", "no_such_package/quiz is not given a meaning.", where, "general")
    assert with_meanings(SpecError([problem]), tmp_path).problems == (problem,)
