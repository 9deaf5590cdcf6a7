"""What is asked, of whom, in which order, and that nothing is asked twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from support.fake_provider import Fake
from support.small_run import Project, digests

from ftsafety_spec.errors import InputError
from ftsafety_spec.graders.base import GRADERS, Question, Reading
from ftsafety_spec.measure import work as work_module


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_every_prompt_is_asked_once_of_base_and_of_tuned(project: Project) -> None:
    fake = Fake()
    measured, folder, quiet = project.run(fake)
    assert set(fake.asked.values()) == {1} and fake.total == 24
    assert (measured.complete, measured.answered, measured.errors, measured.stopped_by) == (True, 24, 0, None)
    assert (quiet.total, quiet.cached, quiet.seen, quiet.ended) == (24, 0, 24, 1)
    rows = list(folder.rows("answers"))
    assert Counter((row["variant"], row["state"]) for row in rows) == {("base", "ok"): 12, ("tuned", "ok"): 12}
    assert {row["draw"] for row in rows} == set(range(12)) and all(row["domain"] for row in rows)


def test_each_answer_is_graded_by_the_grader_of_its_kind(project: Project) -> None:
    _, folder, quiet = project.run(Fake())
    outcomes = Counter(row["outcome"] for row in folder.rows("grades"))
    assert outcomes == {"refusal": 12, "edge_compliance": 6, "over_refusal": 6}
    assert quiet.readings == 24 and {row["state"] for row in folder.rows("grades")} == {"scored"}


def test_texts_hold_prompts_and_answers_by_digest(project: Project) -> None:
    _, folder, _ = project.run(Fake())
    held = {row["digest"] for row in folder.rows("texts")}
    rows = list(folder.rows("answers"))
    assert {row["prompt"] for row in rows} | {row["text"] for row in rows} == held


def test_logs_open_as_inspect_logs_and_answers_name_them(project: Project) -> None:
    from inspect_ai.log import read_eval_log

    _, folder, _ = project.run(Fake())
    named = {row["log"] for row in folder.rows("answers")}
    logs = [read_eval_log(str(folder.root / name)) for name in named]
    assert len(logs) == 2 and {log.status for log in logs} == {"success"}
    assert sum(len(log.samples or []) for log in logs) == 24


def test_the_system_prompt_comes_first_and_is_the_same_for_all(tmp_path: Path) -> None:
    fake = Fake()
    Project(tmp_path, system_prompt="You are a placeholder.\n").run(fake)
    assert fake.systems == {"You are a placeholder.": 24}


def test_repeats_have_their_own_seeds_where_answers_are_sampled(tmp_path: Path) -> None:
    fake = Fake()
    _, folder, _ = Project(tmp_path, prompts=4, repeats=3, temperature=0.7, seed=40).run(fake)
    assert fake.seeds == {40: 8, 41: 8, 42: 8}
    assert Counter(row["repeat"] for row in folder.rows("answers")) == {0: 8, 1: 8, 2: 8}
    assert len({row["text"] for row in folder.rows("answers")}) > 2, "seeds reach the answers"


def test_greedy_answers_have_no_seed(project: Project) -> None:
    fake = Fake()
    project.run(fake)
    assert fake.seeds == {None: 24}


def test_base_and_tuned_take_turns_and_are_not_mixed_within_a_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_module, "CHUNK", 4)
    fake = Fake()
    _, folder, _ = Project(tmp_path, prompts=12).run(fake)
    turns = [name for n, name in enumerate(fake.order) if n == 0 or fake.order[n - 1] != name]
    assert turns == ["base", "tuned"] * 3
    by_log: dict[str, set[int]] = {}
    for row in folder.rows("answers"):
        by_log.setdefault(row["log"], set()).add(row["draw"])
    expected = {frozenset(range(start, start + 4)): 2 for start in (0, 4, 8)}
    assert Counter(map(frozenset, by_log.values())) == expected, "chunks follow the drawn order"


def test_a_second_run_asks_nothing_and_gives_the_same_tables(project: Project) -> None:
    fake = Fake()
    _, folder, _ = project.run(fake)
    before = digests(folder)
    measured, _, quiet = project.run(fake)
    assert (fake.total, quiet.total, quiet.cached) == (24, 0, 24) and measured.reused == 24
    assert digests(folder) == before and len(fake.opened) == 1, "no engine is opened for nothing"


def test_a_second_fine_tune_of_the_same_base_asks_base_nothing(project: Project) -> None:
    fake = Fake()
    project.run(fake)
    fake.asked.clear()
    measured, folder, quiet = replace(project, adapters=("other",)).run(fake, "second")
    assert {variant for variant, _ in fake.asked} == {"tuned"} and fake.total == 12
    assert (measured.reused, quiet.cached, quiet.total) == (12, 12, 12)
    assert fake.opened[-1] == ("tuned",), "base is not even loaded"
    assert Counter(row["variant"] for row in folder.rows("answers")) == {"base": 12, "tuned": 12}
    assert all(row["log"] is None for row in folder.rows("answers") if row["variant"] == "base"), "not of this folder"
    assert all(row["text"] in {t["digest"] for t in folder.rows("texts")} for row in folder.rows("answers"))


@pytest.mark.parametrize("change", [{"weights": "w2"}, {"template": "t2"}])
def test_changed_weights_or_template_are_asked_again(project: Project, change: dict[str, str]) -> None:
    fake = Fake()
    project.run(fake)
    for name, value in change.items():
        setattr(fake, name, value)
    measured, _, _ = project.run(fake, "second")
    assert fake.total == 48 and measured.reused == 0


def test_changed_prompts_system_prompt_or_settings_are_asked_again(project: Project) -> None:
    fake = Fake()
    project.run(fake)
    for n, change in enumerate(({"salt": " again"}, {"system_prompt": "s"}, {"temperature": 0.5}), start=1):
        measured, _, _ = replace(project, **change).run(fake, f"changed-{n}")
        assert measured.reused == 0 and fake.total == 24 * (n + 1)


def test_one_more_prompt_asks_only_that_one(project: Project) -> None:
    fake = Fake()
    project.run(fake)
    measured, _, _ = replace(project, prompts=13).run(fake, "second")
    assert (measured.answered, measured.reused) == (2, 24)


def test_more_repeats_ask_only_the_new_ones(tmp_path: Path) -> None:
    fake, project = Fake(), Project(tmp_path, temperature=0.5)
    project.run(fake)
    measured, folder, _ = replace(project, repeats=3).run(fake, "second")
    assert (measured.answered, measured.reused) == (48, 24)
    assert sum(1 for _ in folder.rows("answers")) == 72


def test_a_prompt_shared_by_two_tasks_is_asked_once_and_counted_in_both(project: Project) -> None:
    fake = Fake()
    tasks = {"one": {"prompts": "prompts.jsonl"}, "two": {"prompts": "prompts.jsonl"}}
    _, folder, quiet = replace(project, tasks=tasks).run(fake)
    assert fake.total == 24 and quiet.total == 24
    assert Counter(row["task"] for row in folder.rows("answers")) == {"one": 24, "two": 24}
    keys = [(row["answer"], row["grade"], row["role"]) for row in folder.rows("grades")]
    assert len(keys) == len(set(keys)) == 24


class Other:
    """A grader that finds everything refused, half sure."""

    name, version = "test/other", "1"

    def __init__(self) -> None:
        self.read = 0

    def outcomes(self, kind: str) -> tuple[str, ...]:
        return ("refusal",) if kind == "harmful" else ()

    def identity(self) -> str:
        return "sha256:" + self.version.rjust(64, "0")

    async def grade(self, questions: list[Question]) -> list[list[Reading]]:
        self.read += len(questions)
        return [[Reading("refusal", 1.0, 0.5)] for _ in questions]


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Other:
    monkeypatch.setattr(GRADERS, "_loaded", dict(GRADERS._loaded))
    grader = Other()
    GRADERS.add("test/other", grader)  # type: ignore[arg-type]
    return grader


def test_a_changed_grader_gives_new_grades_and_no_new_answers(project: Project, other: Other) -> None:
    fake = Fake()
    project.run(fake)
    chosen = replace(project, graders={"refusal": {"primary": "test/other", "second": "ftsafety/refusal_classifier"}})
    measured, folder, quiet = chosen.run(fake, "second")
    assert fake.total == 24 and measured.reused == 24
    assert other.read == 12 == quiet.readings, "the other readings are known from the first run"
    rows = Counter((row["grader"], row["outcome"], row["role"]) for row in folder.rows("grades"))
    assert (
        rows["test/other", "refusal", "primary"] == 12
        and rows["ftsafety/refusal_classifier", "refusal", "second"] == 12
    )
    other.version = "2"
    chosen.run(fake, "third")
    assert other.read == 24 and fake.total == 24


def test_equal_texts_to_equal_prompts_are_graded_from_the_store(project: Project, other: Other) -> None:
    chosen = replace(project, graders={"refusal": {"primary": "test/other"}})
    chosen.run(Fake())
    read = other.read
    chosen.run(Fake(weights="w2"), "second")
    assert other.read == read, "new weights gave the same texts"


def test_a_failing_grader_leaves_unscored_rows_and_is_tried_again(
    project: Project, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(questions: list[Question]) -> list[list[Reading]]:  # noqa: ARG001
        raise ConnectionError("placeholder")

    chosen = replace(project, graders={"refusal": {"primary": "test/other"}})
    with monkeypatch.context() as patch:
        patch.setattr(other, "grade", fail)
        measured, folder, _ = chosen.run(Fake())
    rows = [row for row in folder.rows("grades") if row["outcome"] == "refusal"]
    assert measured.complete and len(rows) == 12
    assert all(row["state"] == "unscored" and row["value"] is None and "failed" in row["reason"] for row in rows)
    chosen.run(Fake())
    assert {row["value"] for row in folder.rows("grades") if row["outcome"] == "refusal"} == {1.0}


def test_a_stale_plan_is_refused_with_what_changed(project: Project) -> None:
    from support.fake_provider import registry_of
    from support.small_run import Quiet

    from ftsafety_spec.measure import Stop, measure
    from ftsafety_spec.records.folder import RunFolder

    fake = Fake()
    locked = project.locked()
    plan = project.plan(locked, fake)
    folder = RunFolder(project.root / "runs" / "stale")

    def again() -> InputError:
        with pytest.raises(InputError) as caught:
            measure(
                folder, locked, plan, project.root, None, progress=Quiet(), stop=Stop(), providers=registry_of(fake)
            )
        assert caught.value.code == "FTS-131"
        return caught.value

    fake.weights = "w2"
    assert "weights" in str(again())
    fake.weights = "w1"
    replace(project, salt=" changed").write_prompts()
    assert "own.asked" in str(again())
    assert fake.total == 0


def test_nothing_is_printed(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    project.run(Fake(fail_every=5))
    assert capfd.readouterr() == ("", "")


def test_shards_share_the_prompts_and_merge_to_the_whole(project: Project) -> None:
    from ftsafety_spec.measure import merge_shards
    from ftsafety_spec.records.folder import RunFolder
    from ftsafety_spec.records.plan import Plan
    from ftsafety_spec.records.store import Store

    fake = Fake()
    _, whole, _ = project.run(fake, "whole")
    fake.asked.clear()
    parts = []
    for k in (1, 2, 3):
        store = Store(project.root / f"elsewhere-{k}")
        parts.append(project.run(fake, f"part-{k}", shard=(k, 3), store=store)[1])
    assert set(fake.asked.values()) == {1} and fake.total == 24
    assert {row["draw"] % 3 for row in parts[1].rows("answers")} == {1}
    target = RunFolder(project.root / "runs" / "merged")
    target.write(whole.read(Plan))
    with pytest.raises(InputError, match="of 12 answers"):
        merge_shards(parts[:2], target)
    merge_shards(parts, target)
    assert digests(target) == digests(whole)
