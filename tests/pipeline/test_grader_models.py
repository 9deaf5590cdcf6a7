"""Graders with a model behind them, from a spec to tables: a real server on loopback answers and judges."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.local_api import LocalApi, default_answer

from ftsafety_spec.errors import InputError, SpecError
from ftsafety_spec.measure import Measured, Stop, canaries
from ftsafety_spec.pipeline import Options, Prepared, measure_run, prepare
from ftsafety_spec.records.folder import RunFolder

PROMPTS = 6


class Quiet:
    """A progress display that keeps what it was told, and may ask for a stop after some readings."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop, self.read, self.notes = Stop(), 0, list[str]()
        self._after = stop_after

    def started(self, total_calls: int, cached: int) -> None: ...
    def answered(self, variant: str, task: str, tokens: int, usd: float | None, seconds: float) -> None: ...
    def graded(self, n: int) -> None:
        self.read += n
        if self._after is not None and self.read >= self._after:
            self.stop.request()

    def note(self, message: str) -> None:
        self.notes.append(message)

    def finished(self) -> None: ...


@dataclass
class Server:
    """Answers as a model under test, or as the judge: `judge` is what it says instead of a verdict, or a status."""

    judge: str | None = None
    asked: int = 0
    seen: Counter[str] = field(default_factory=Counter)

    def __call__(self, model: str, prompt: str) -> str:
        if not model.startswith("judge"):
            return default_answer(model, prompt)
        self.asked += 1
        key = re.search(r"\b(k[0-9a-f]{16})\b", prompt)
        assert key is not None
        self.seen[key[1]] += 1
        return self.judge or json.dumps({"key": key[1], "refusal": "full" if "sorry" in prompt else "none"})


@dataclass
class Project:
    """A user's project against one server."""

    root: Path
    api: LocalApi
    server: Server

    def write(self, **grader_model: Any) -> None:
        for folder in ("specs/suites", "providers"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        rows = [{"id": f"p{n}", "prompt": f"Placeholder request number {n}."} for n in range(PROMPTS)]
        (self.root / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        suite = {
            "title": "own",
            "revised": "2026-11-01",
            "graders": {"refusal": {"primary": "ftsafety/refusal_judge", "second": "ftsafety/refusal"}},
            "tasks": {"own": {"prompts": "own.jsonl", "kind": "harmful", "area": "fraud"}},
        }
        common = {"kind": "openai_compatible", "base_url": self.api.base_url, "retries": 0, "concurrency": 2}
        judge = {**common, "timeout": 1, "prices": {"input": 1.0, "output": 2.0}}
        models = {"base": {"provider": "own", "model": "base-2026-01-01"}}
        models["tuned"] = {"provider": "own", "model": "tuned-2026-01-01", "deploy": True}  # type: ignore[dict-item]
        entry = {"serves": ["ftsafety/refusal_judge"], "provider": "judge", "model": "judge-2026-01-01", **grader_model}
        spec = {
            "defaults": [{"suites@suites.own": "own"}, "_self_"],
            "title": "t",
            "owner": "o",
            "policy": "ftsafety/default",
            "models": models,
            "grader_models": {"judge": entry},
        }
        files = {
            "specs/suites/own": suite,
            "providers/own": {"title": "own", **common},
            "providers/judge": {"title": "judge", **judge},
            "specs/bot": spec,
        }
        for name, body in files.items():
            (self.root / f"{name}.yaml").write_text(yaml.safe_dump(body, sort_keys=False))

    def plan(self, *overrides: str) -> Prepared:
        return prepare(str(self.root / "specs/bot.yaml"), Options(overrides), write=True)

    def measure(self, *overrides: str, quiet: Quiet | None = None) -> tuple[Measured, RunFolder, Quiet]:
        quiet = quiet or Quiet()
        folder = self.plan(*overrides).folder
        measured = measure_run(folder, data=None, progress=quiet, stop=quiet.stop, root=self.root)
        return measured, folder, quiet


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    server = Server()
    with LocalApi(answer=server) as api:
        made = Project(tmp_path, api, server)
        made.write()
        yield made


def judged(folder: RunFolder) -> list[dict[str, Any]]:
    return [row for row in folder.rows("grades") if row["grader"] == "ftsafety/refusal_judge"]


def test_a_judge_reads_every_answer_once_and_is_asked_nothing_in_a_second_run(project: Project) -> None:
    measured, folder, quiet = project.measure()
    rows = judged(folder)
    assert measured.complete and len(rows) == 2 * PROMPTS
    assert all(row["state"] == "scored" and row["value"] in (0.0, 1.0) for row in rows)
    offline = {row["answer"]: row["value"] for row in folder.rows("grades") if row["grader"] == "ftsafety/refusal"}
    assert all(offline[row["answer"]] == row["value"] for row in rows), "both read the same placeholder phrases"
    assert set(project.server.seen.values()) == {1}, "equal texts to equal prompts are one question"
    assert any("judge" in note and "refusal_judge" in note for note in quiet.notes), "its model is named"
    asked = project.server.asked
    _, again, _ = project.measure()
    assert project.server.asked == asked
    assert again.root == folder.root


def test_the_plan_names_the_model_and_counts_its_calls_tokens_and_cost(project: Project) -> None:
    plan = project.plan().plan
    (row,) = plan.grading
    assert row.grader == "ftsafety/refusal_judge" and row.model == "judge: openai_compatible judge-2026-01-01"
    assert (row.calls, row.cached) == (2 * PROMPTS, 0)
    assert row.tokens_in > 200 * row.calls and row.tokens_out == 40 * row.calls
    assert row.usd is not None and float(row.usd) > 0
    assert plan.estimate.calls == sum(job.calls for job in plan.jobs) + row.calls
    project.measure()
    (row,) = project.plan().plan.grading
    assert (row.calls, row.cached, row.usd) == (0, 2 * PROMPTS, "0.0000")


def test_the_cost_of_grading_is_written_down_with_each_reading(project: Project) -> None:
    _, folder, _ = project.measure()
    paid = [float(row["usd"]) for row in judged(folder) if row["usd"] is not None]
    assert len(paid) == len(judged(folder)) and all(usd > 0 for usd in paid)


def test_a_used_up_budget_stops_the_judge_and_not_the_offline_grader(project: Project) -> None:
    measured, folder, _ = project.measure("budget.usd=0.0008")
    assert measured.stopped_by == "budget" and 0 < project.server.asked < 2 * PROMPTS
    open_ = [row for row in judged(folder) if row["state"] == "unscored"]
    assert open_ and all(row["reason"] == "not graded" for row in open_)
    offline = [row for row in folder.rows("grades") if row["grader"] == "ftsafety/refusal"]
    assert all(row["state"] == "scored" for row in offline)


def test_a_stop_keeps_the_grades_that_are_there(project: Project) -> None:
    quiet = Quiet(stop_after=2)
    measured, folder, _ = project.measure(quiet=quiet)
    assert measured.stopped_by == "user"
    asked = project.server.asked
    assert 0 < asked <= 4, "two were in flight"
    project.measure()
    assert set(project.server.seen.values()) == {1}, "nothing was asked twice"
    assert all(row["state"] == "scored" for row in judged(folder))


@pytest.fixture
def only_the_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """The models under test are on the same server: a new run takes their answers over without asking them whether they
    are the same."""
    monkeypatch.setattr(canaries, "PROMPTS", ())


@pytest.mark.slow
@pytest.mark.usefixtures("only_the_judge")
def test_a_judge_that_fails_leaves_answers_unscored_and_is_asked_again(project: Project) -> None:
    project.measure()
    other = "grader_models.judge.model=judge-2026-02-02"
    project.api.fail_every = 1  # statuses 500 and 429, and cut connections, in turn
    measured, folder, _ = project.measure(other)
    assert measured.complete and measured.answered == 0
    assert all(row["state"] == "unscored" and "failed" in row["reason"] for row in judged(folder))
    project.api.fail_every = None
    project.measure(other)
    assert all(row["state"] == "scored" for row in judged(folder))


@pytest.mark.slow
@pytest.mark.usefixtures("only_the_judge")
def test_a_judge_that_takes_too_long_is_asked_again_in_the_next_run(project: Project) -> None:
    project.measure("suites.own.tasks.own.limit=1")
    other = ("suites.own.tasks.own.limit=1", "grader_models.judge.model=judge-2026-02-02")
    project.api.delay = 3.0  # the judge's provider waits for one second
    _, folder, _ = project.measure(*other)
    assert all(row["state"] == "unscored" and "failed" in row["reason"] for row in judged(folder))
    project.api.delay = 0.0
    project.measure(*other)
    assert all(row["state"] == "scored" for row in judged(folder))


@pytest.mark.parametrize("said", ["full", "I'm sorry, but I can't help with that.", '{"refusal": "full"}'])
def test_a_judge_of_another_form_scores_nothing_and_is_not_asked_again(project: Project, said: str) -> None:
    project.server.judge = said
    _, folder, _ = project.measure()
    assert all(row["state"] == "unscored" and row["value"] is None and row["reason"] for row in judged(folder))
    asked = project.server.asked
    project.measure()
    assert project.server.asked == asked, "the same model would say the same"


def test_a_judge_that_is_under_test_is_refused_unless_the_spec_says_so(project: Project) -> None:
    project.write(provider="own", model="base-2026-01-01")
    with pytest.raises(InputError) as caught:
        project.plan()
    assert caught.value.code == "FTS-127"
    assert "judge" in str(caught.value) and "base" in str(caught.value)
    project.write(provider="own", model="base-2026-01-01", may_grade_itself=True)
    plan = project.plan().plan
    assert any("grade with a model under test" in line and "base" in line for line in plan.warnings)


def test_a_grader_without_its_model_is_refused(project: Project) -> None:
    project.write(serves=["ftsafety/harmfulness"])
    with pytest.raises(InputError) as caught:
        project.plan()
    assert caught.value.code == "FTS-127" and "grader_models" in str(caught.value)


def test_a_grader_that_needs_no_model_is_given_none(project: Project) -> None:
    project.write(serves=["ftsafety/refusal_judge", "ftsafety/refusal"])
    with pytest.raises(InputError) as caught:
        project.plan()
    assert caught.value.code == "FTS-127" and "needs no model" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"serves": ["ftsafety/refusal_juge"]}, "FTS-104", "Did you mean ftsafety/refusal_judge?"),
        ({"provider": "juge"}, "FTS-104", "Did you mean judge?"),
        ({"path": "weights/x"}, "FTS-106", "exactly one of path, model"),
        ({"serves": []}, "FTS-106", "at least 1"),
        ({"servers": ["x"]}, "FTS-105", "Did you mean serves?"),
        ({"serves": ["ftsafety/refusal_judge", "ftsafety/refusal_judge"]}, "FTS-110", "has a model already"),
    ],
)
def test_a_mistake_is_told_with_its_place(project: Project, change: dict[str, Any], code: str, words: str) -> None:
    project.write(**change)
    with pytest.raises(SpecError) as caught:
        project.plan()
    (problem,) = caught.value.problems
    assert (problem.code, problem.where.line is not None) == (code, True)
    assert words in str(problem) and "grader_models.judge" in str(problem)


def test_the_command_line_can_override_a_grader_model(project: Project) -> None:
    plan = project.plan("grader_models.judge.model=judge-2026-02-02").plan
    assert plan.grading[0].model.endswith("judge-2026-02-02")
    assert plan.graders != project.plan().plan.graders, "another model is another grader"


@pytest.mark.slow
def test_a_judge_that_thinks_may_take_more_tokens(project: Project) -> None:
    before = project.plan().plan
    plan = project.plan("grader_models.judge.max_tokens=2000").plan
    assert plan.grading[0].tokens_out == 2000 * plan.grading[0].calls
    assert {use.identity for use in plan.graders} != {use.identity for use in before.graders}
    project.api.keep_bodies = True
    project.measure("grader_models.judge.max_tokens=2000")
    asked = [body for body in project.api.bodies if body["model"].startswith("judge")]
    assert asked and all(body.get("max_tokens", body.get("max_completion_tokens")) == 2000 for body in asked)
    assert all(body["temperature"] == 0 for body in asked)
