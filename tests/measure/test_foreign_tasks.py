"""Installed Inspect tasks: their own solver and scorer, our cache, keys and outcomes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.fake_provider import Fake
from support.small_run import Project, digests

from ftsafety_spec.errors import InputError
from ftsafety_spec.providers.engine_model import Reply

SCORES = {"n": 0}


@pytest.fixture(scope="module", autouse=True)
def own_task() -> None:
    """Registers the Inspect task `placeholder_quiz`: five samples, a solver of its own, a scorer with three values."""
    from inspect_ai import Task, task
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ChatMessageUser
    from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
    from inspect_ai.solver import Generate, Solver, TaskState, solver

    @solver
    def twice() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            state = await generate(state)
            state.messages.append(ChatMessageUser(content=f"Sure? {state.sample_id}"))
            return await generate(state)

        return solve

    @scorer(metrics={"right": [mean()], "length": [mean()]})
    def quiz() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            SCORES["n"] += 1
            if target.text == "none":
                return Score.unscored(reason="placeholder")
            right = "C" if target.text in state.output.completion else "I"
            return Score(value={"right": right, "length": len(state.messages)})

        return score

    @task
    def placeholder_quiz(broken: bool = False) -> Task:
        targets = ["sorry", "sure", "none", "sorry", "sorry"]
        samples = [
            Sample(id=f"q{n}", input=f"Placeholder question {n}", target=target) for n, target in enumerate(targets)
        ]
        return Task(dataset=MemoryDataset(samples), solver=[] if broken else twice(), scorer=quiz())


def quiz(**outcome: Any) -> dict[str, Any]:
    return {"quiz": {"task": "placeholder_quiz", "kind": "capability", "outcomes": {"capability": outcome}}}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, tasks=quiz(scorer="quiz", value="right"))


def test_an_inspect_task_runs_its_own_solver_and_its_score_becomes_an_outcome(project: Project) -> None:
    fake = Fake()
    measured, folder, quiet = project.run(fake)
    assert (measured.answered, measured.errors, quiet.total) == (10, 0, 10)
    assert fake.total == 20, "its solver asks twice"
    grades = list(folder.rows("grades"))
    assert {row["grader"] for row in grades} == {"inspect:quiz"} and {row["outcome"] for row in grades} == {
        "capability"
    }
    states = Counter((row["state"], row["value"]) for row in grades)
    assert states["unscored", None] == 2 and sum(states.values()) == 10
    rows = list(folder.rows("answers"))
    assert {row["tokens_in"] for row in rows} == {20}, "usage of both calls"
    assert {row["state"] for row in rows} == {"ok"} and all(row["log"] for row in rows)


def test_its_answers_are_reused_as_well(project: Project) -> None:
    fake = Fake()
    _, folder, _ = project.run(fake)
    before = digests(folder)
    assert project.run(fake)[0].reused == 10 and digests(folder) == before
    _, folder, _ = replace(project, adapters=("other",)).run(fake, "second")
    assert fake.total == 30, "base is not asked again"


def test_another_mapping_gives_new_grades_from_the_recorded_scores(project: Project) -> None:
    fake = Fake()
    project.run(fake)
    scored = SCORES["n"]
    changed = replace(project, tasks=quiz(scorer="quiz", value="length", scale=(0, 8)))
    _, folder, _ = changed.run(fake, "second")
    assert fake.total == 20 and SCORES["n"] == scored
    assert {row["value"] for row in folder.rows("grades")} == {0.5, None}, "four messages of eight"


def test_a_mapping_that_cannot_fit_stops_early_and_is_named(project: Project) -> None:
    wrong = replace(project, tasks=quiz(scorer="quiz", value="rihgt"))
    with pytest.raises(InputError, match="FTS-126") as caught:
        wrong.run(Fake(concurrency=1))
    assert "suites.own.tasks.quiz.outcomes.capability" in str(caught.value) and "right" in str(caught.value)


def test_repeats_of_an_inspect_task_have_their_own_seeds(project: Project) -> None:
    fake = Fake()
    _, folder, _ = replace(project, repeats=2, temperature=0.5, seed=30).run(fake)
    assert fake.seeds == {30: 20, 31: 20}
    assert Counter(row["repeat"] for row in folder.rows("answers")) == {0: 10, 1: 10}


def test_a_failing_sample_is_an_error_after_retries(project: Project) -> None:
    def answer(variant: str, prompt: str, draw: object) -> Reply:  # noqa: ARG001
        if "q3" in prompt:
            raise ConnectionError("placeholder failure")
        return Reply("I'm sorry", "stop", 10, 5)

    measured, folder, _ = project.run(Fake(answer=answer))
    states = {(row["prompt_id"], row["state"]) for row in folder.rows("answers")}
    assert measured.errors == 2 and ("q3", "error") in states and ("q1", "ok") in states
    assert measured.complete and project.run(Fake())[0].errors == 0


def test_a_flaky_server_loses_nothing(project: Project) -> None:
    fake = Fake(fail_every=5)
    assert project.run(fake)[0].errors == 0


def test_own_prompts_and_inspect_tasks_run_together(project: Project) -> None:
    both = replace(project, tasks={"asked": {"prompts": "prompts.jsonl"}, **quiz(value="right")})
    fake = Fake()
    measured, folder, _ = both.run(fake)
    assert measured.complete and Counter(row["task"] for row in folder.rows("answers")) == {"asked": 24, "quiz": 10}
    assert {row["outcome"] for row in folder.rows("grades")} == {
        "refusal",
        "edge_compliance",
        "over_refusal",
        "capability",
    }


def test_a_task_that_gives_no_answer_is_an_error_not_a_refusal(project: Project) -> None:
    tasks = quiz(value="right")
    tasks["quiz"]["args"] = {"broken": True}
    measured, folder, _ = replace(project, tasks=tasks).run(Fake())
    assert {row["state"] for row in folder.rows("answers")} == {"error"} and measured.answered == 0
    assert not list(folder.rows("grades"))


def test_without_a_mapping_our_grader_reads_the_answers(project: Project) -> None:
    tasks = {"quiz": {"task": "placeholder_quiz", "kind": "harmful", "area": "fraud"}}
    _, folder, _ = replace(project, tasks=tasks).run(Fake())
    assert Counter((row["grader"], row["outcome"]) for row in folder.rows("grades")) == {
        ("ftsafety/refusal_classifier", "refusal"): 10
    }
