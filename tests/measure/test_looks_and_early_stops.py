"""A run that looks at its results while it goes on, and stops where a decision is settled (issue 6, R-61)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.fake_provider import Fake
from support.small_run import Project, digests

from ftsafety_spec.measure import Directive
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.looks import Looks

FOURTHS = (0.25, 0.5, 0.75, 1.0)


@dataclass
class Scripted:
    """A watch that decides what a test wants, and counts what it sees."""

    folder: RunFolder
    decide: Callable[[float], Directive | None] = lambda share: None  # noqa: ARG005
    shares: Sequence[float] = FOURTHS
    seen: list[tuple[float, int, int]] = field(default_factory=list)

    def look(self, taken: Sequence[float]) -> Directive | None:
        rows = list(self.folder.rows("answers"))
        asked = sum(row["state"] != "not_run" for row in rows)
        grades = sum(1 for _ in self.folder.rows("grades"))
        self.seen.append((taken[-1], asked, grades))
        return self.decide(taken[-1])


def small(root: Path, **fields: object) -> Project:
    return Project(root, prompts=40, **fields)  # type: ignore[arg-type]


def at(share: float, action: str = "block", whole: tuple[str, ...] = ()) -> Callable[[float], Directive | None]:
    return lambda now: Directive(action, "Stopped.", whole) if now >= share - 1e-9 else None  # type: ignore[arg-type]


def test_each_look_sees_what_was_asked_so_far_and_no_more(tmp_path: Path) -> None:
    watch = Scripted(RunFolder(tmp_path / "runs/run"))
    _, folder, _ = small(tmp_path).run(Fake(), watch=watch)
    assert watch.seen == [(0.25, 20, 20), (0.5, 40, 40), (0.75, 60, 60)]
    looks = folder.read(Looks)
    assert looks.shares == FOURTHS
    assert looks.stopped is None


def test_looking_changes_no_table(tmp_path: Path) -> None:
    _, plain, _ = small(tmp_path / "a").run(Fake())
    _, watched, _ = small(tmp_path / "b").run(Fake(), watch=Scripted(RunFolder(tmp_path / "b/runs/run")))
    assert digests(plain) == digests(watched)


def test_a_decision_ends_the_asking(tmp_path: Path) -> None:
    fake = Fake()
    watch = Scripted(RunFolder(tmp_path / "runs/run"), at(0.5))
    measured, folder, quiet = small(tmp_path).run(fake, watch=watch)
    assert fake.total == 40
    assert measured.complete
    rows = list(folder.rows("answers"))
    assert len(rows) == 80
    left = [row for row in rows if row["state"] == "not_run"]
    assert len(left) == 40
    assert {row["reason"] for row in left} == {"the run stopped early"}
    assert {row["variant"] for row in left} == {"base", "tuned"}
    assert quiet.notes == ["Stopped."]
    looks = folder.read(Looks)
    assert (looks.shares, looks.stopped, looks.decided_at) == ((0.25, 0.5), "block", 0.5)


def test_a_second_run_keeps_the_decision_and_opens_no_model(tmp_path: Path) -> None:
    run = small(tmp_path)
    _, folder, _ = run.run(Fake(), watch=Scripted(RunFolder(tmp_path / "runs/run"), at(0.5)))
    before = digests(folder)
    fake = Fake()
    run.run(fake, watch=Scripted(folder))
    assert fake.total == 0
    assert fake.opened == []
    assert digests(folder) == before
    assert folder.read(Looks).shares == (0.25, 0.5)


def test_the_rest_can_be_asked_afterwards_and_the_looks_stay_spent(tmp_path: Path) -> None:
    run = small(tmp_path)
    _, folder, _ = run.run(Fake(), watch=Scripted(RunFolder(tmp_path / "runs/run"), at(0.5)))
    fake = Fake()
    run.run(fake)
    assert fake.total == 40
    assert all(row["state"] == "ok" for row in folder.rows("answers"))
    looks = folder.read(Looks)
    assert (looks.shares, looks.stopped) == ((0.25, 0.5, 1.0), None)


def test_a_task_that_evidence_wants_whole_is_still_asked(tmp_path: Path) -> None:
    tasks = {"one": {"prompts": "prompts.jsonl"}, "two": {"prompts": "prompts.jsonl", "limit": 20}}
    fake = Fake()
    watch = Scripted(RunFolder(tmp_path / "runs/run"), at(0.25, "deploy", ("own.two",)))
    _, folder, _ = small(tmp_path, tasks=tasks).run(fake, watch=watch)
    asked = {
        name: {row["prompt_id"] for row in folder.rows("answers") if row["task"] == name and row["state"] == "ok"}
        for name in tasks
    }
    assert len(asked["two"]) == 20
    assert len(asked["one"]) == 10
    looks = folder.read(Looks)
    assert looks.shares == (0.25, 0.5)
    assert looks.whole == ("own.two",)


def test_a_run_taken_up_again_looks_at_the_same_places(tmp_path: Path) -> None:
    """Answers that are there already, whoever asked for them, are not seen before their share is due."""
    run = small(tmp_path)
    run.run(Fake(), name="earlier")
    for answer in (tmp_path / ".ftsafety/store/answers").glob("*.jsonl"):
        lines = answer.read_text().splitlines(keepends=True)
        answer.write_text("".join(lines[:-3]))
    watch = Scripted(RunFolder(tmp_path / "runs/run"), at(0.5))
    fake = Fake()
    _, folder, _ = run.run(fake, watch=watch)
    assert [seen[:2] for seen in watch.seen] == [(0.25, 20), (0.5, 40)]
    assert sum(row["state"] != "not_run" for row in folder.rows("answers")) == 40


def test_where_nothing_is_missing_nothing_is_looked_at(tmp_path: Path) -> None:
    run = small(tmp_path)
    run.run(Fake(), name="earlier")
    watch = Scripted(RunFolder(tmp_path / "runs/run"), at(0.25))
    _, folder, _ = run.run(Fake(), watch=watch)
    assert watch.seen == []
    assert not folder.has(Looks)


def test_a_shard_never_looks(tmp_path: Path) -> None:
    watch = Scripted(RunFolder(tmp_path / "runs/run"), at(0.25))
    small(tmp_path).run(Fake(), watch=watch, shard=(1, 2))
    assert watch.seen == []


def test_looks_before_the_budget_ended_are_counted(tmp_path: Path) -> None:
    run = small(tmp_path, budget={"usd": 0.0005})
    watch = Scripted(RunFolder(tmp_path / "runs/run"))
    measured, folder, _ = run.run(Fake(usd_per_million=1.0, concurrency=1), watch=watch)
    assert measured.stopped_by == "budget"
    looks = folder.read(Looks)
    assert looks.shares[0] == 0.25
    assert looks.shares[-1] < 1.0


@pytest.mark.parametrize("shares", [(0.5, 0.4), (0.0, 1.0), (0.5, 1.2), ()])
def test_looks_that_go_backwards_are_no_record(shares: tuple[float, ...]) -> None:
    with pytest.raises(ValueError):
        Looks(shares=shares, planned=10)
