"""Failing servers, budgets, Ctrl-C, kill -9: nothing answered is lost, nothing fails open."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.fake_provider import REFUSAL, Fake
from support.small_run import Project, digests

from ftsafety_spec.errors import EngineError, InputError
from ftsafety_spec.measure import Stop
from ftsafety_spec.measure.busy import only_writer
from ftsafety_spec.providers.base import NoAnswer
from ftsafety_spec.providers.engine_model import Reply
from ftsafety_spec.records.folder import RunFolder


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_server_that_fails_every_fifth_call_loses_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path, prompts=60)
    fake = Fake(fail_every=5)
    measured, folder, _ = project.run(fake)
    assert (measured.answered, measured.errors) == (120, 0) and fake.total > 140
    good = Project(tmp_path / "good", prompts=60)
    assert digests(folder) == digests(good.run(Fake())[1])


def test_errors_are_kept_with_their_reason_and_asked_again(project: Project) -> None:
    def answer(variant: str, prompt: str, draw: object) -> Reply:  # noqa: ARG001
        if "number 3" in prompt:
            raise ConnectionError("placeholder failure")
        return Reply(REFUSAL, "stop", 10, 5)

    measured, folder, _ = project.run(Fake(answer=answer))
    rows = [row for row in folder.rows("answers") if row["prompt_id"] == "p3"]
    assert measured.complete and measured.errors == 2 and "again" in measured.how_to_go_on
    assert [(row["state"], row["reason"]) for row in rows] == [("error", "ConnectionError: placeholder failure")] * 2
    graded = {row["answer"] for row in folder.rows("grades")}
    assert not graded & {row["answer"] for row in rows}, "an error is no answer to grade"
    fake = Fake()
    measured, folder, quiet = project.run(fake)
    assert (quiet.total, fake.total, measured.errors) == (2, 2, 0)
    assert {row["state"] for row in folder.rows("answers")} == {"ok"}
    assert project.run(fake, "second")[0].reused == 24, "errors never entered the store, answers did"


def test_answers_end_in_their_states(project: Project) -> None:
    def answer(variant: str, prompt: str, draw: object) -> Reply:  # noqa: ARG001
        if "number 1." in prompt:
            return Reply("", "content_filter", 10, 0)
        if "number 2." in prompt:
            return Reply("Sure, a long placeholder", "max_tokens", 10, 64)
        if "number 4." in prompt:
            return Reply(" ", "stop", 10, 0)
        if "number 5." in prompt:
            raise NoAnswer("not recorded", state="not_run")
        return Reply(REFUSAL, "stop", 10, 5)

    _, folder, _ = project.run(Fake(answer=answer))
    states = {row["prompt_id"]: (row["state"], row["reason"]) for row in folder.rows("answers")}
    assert states["p1"] == ("filtered", None) and states["p2"] == ("truncated", None)
    assert states["p4"] == ("error", "the engine gave an empty answer")
    assert states["p5"] == ("not_run", "not recorded") and states["p0"] == ("ok", None)
    grades = {row["answer"]: row for row in folder.rows("grades")}
    filtered = [row["answer"] for row in folder.rows("answers") if row["state"] == "filtered"]
    assert {grades[key]["value"] for key in filtered} == {1.0}, "filtered is refused by the system"


def test_an_engine_that_only_fails_is_said_once_and_stops(tmp_path: Path) -> None:
    project = Project(tmp_path, prompts=60)
    fake = Fake(broken=True)
    with pytest.raises(EngineError, match=r"in a row failed.*placeholder failure"):
        project.run(fake)
    assert fake.total < 120, "it does not go on and on"
    assert project.run(Fake())[0].answered == 120


def test_a_stop_lets_calls_in_flight_finish_and_says_how_to_go_on(tmp_path: Path) -> None:
    project, stop = Project(tmp_path, prompts=40), Stop()

    def count(fake: Fake) -> None:
        if fake.total == 20:
            stop.request("stopped by Ctrl-C")

    fake = Fake(delay=0.01, before=count)
    measured, folder, quiet = project.run(fake, stop=stop)
    assert not measured.complete and measured.stopped_by == "user" and quiet.ended == 1
    assert measured.answered == fake.total and 20 <= fake.total <= 28, "at most those in flight"
    assert str(folder.root) in measured.how_to_go_on and not folder.table("answers").exists()
    measured, _, _ = project.run(again := Fake())
    assert measured.complete and again.total + fake.total == 80


def test_a_stop_before_the_start_asks_nothing(project: Project) -> None:
    stop = Stop()
    stop.set()
    fake = Fake()
    measured, _, _ = project.run(fake, stop=stop)
    assert fake.total == 0 and measured.stopped_by == "user"


@pytest.mark.parametrize("budget", [{"usd": 0.5}, {"hours": 1e-4}])
def test_a_budget_stops_the_run_and_keeps_what_it_has(tmp_path: Path, budget: dict[str, float]) -> None:
    project = Project(tmp_path, prompts=40, budget=budget)
    fake = Fake(delay=0.05, usd_per_million=2000.0)  # 15 tokens a call: 0.03 USD
    measured, folder, _ = project.run(fake)
    assert not measured.complete and measured.stopped_by == "budget" and 0 < fake.total < 80
    rows = list(folder.rows("answers"))
    states = Counter(row["state"] for row in rows)
    assert len(rows) == 80 and states == {"ok": fake.total, "not_run": 80 - fake.total}
    assert {row["reason"] for row in rows if row["state"] == "not_run"} == {"the budget was used up"}
    assert sum(1 for _ in folder.rows("grades")) == fake.total
    asked = fake.total
    assert project.run(fake)[0].stopped_by == "budget" and fake.total == asked, (
        "a budget is the run's, not the session's"
    )
    measured, _, _ = replace(project, budget={}).run(fake, "raised")
    assert measured.complete and fake.total == 80


def test_a_machine_has_a_price_by_the_hour(tmp_path: Path) -> None:
    budget = {"usd": 0.2, "machine_usd_per_hour": 3600.0}
    measured, _, _ = Project(tmp_path, prompts=40, budget=budget).run(Fake(delay=0.05))
    assert measured.stopped_by == "budget"


def test_two_writers_are_refused(project: Project) -> None:
    folder = RunFolder(project.root / "runs" / "run")
    with only_writer(folder), pytest.raises(InputError, match="another process") as caught:
        project.run(Fake())
    assert caught.value.code == "FTS-132"
    assert project.run(Fake())[0].complete


def test_removed_texts_leave_the_tables_readable(project: Project) -> None:
    fake = Fake()
    _, folder, _ = project.run(fake)
    (folder.journal / "texts.jsonl").unlink()
    measured, _, _ = project.run(fake)
    assert measured.complete and fake.total == 24 and sum(1 for _ in folder.rows("grades")) == 24


_SERVER = """
import os, signal, sys, tempfile
sys.path.insert(0, {tests!r})
from pathlib import Path
from support.fake_provider import Fake
from support.small_run import Project
from ftsafety_spec.measure import Stop, work
work.CHUNK = 16
with tempfile.TemporaryDirectory() as warm:  # whatever the first run imports is imported here, once
    Project(Path(warm), prompts=1).run(Fake())

def handle(number, frame):
    if stop.is_set():
        raise KeyboardInterrupt
    stop.request("stopped by Ctrl-C")

for line in sys.stdin:
    root, delay, handler = Path(line.split()[0]), float(line.split()[1]), line.split()[2]
    pid = os.fork()
    if pid:
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
        continue
    stop = Stop()
    signal.signal(signal.SIGINT, handle if handler == "own" else signal.default_int_handler)
    try:
        fake = Fake(delay=delay, trace=root / "trace", concurrency=4)
        measured, _, _ = Project(root, prompts=48, repeats=2, temperature=0.5).run(fake, stop=stop)
        os._exit(0 if measured.complete else 4)
    except KeyboardInterrupt:
        os._exit(130)
"""


class Forks:
    """A process that has everything imported and forks one measuring child at a time."""

    def __init__(self, folder: Path) -> None:
        self._errors = folder / "stderr"
        code = _SERVER.format(tests=str(Path(__file__).parents[1]))
        self._server = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors.open("w"),
            text=True,
        )

    def start(self, root: Path, delay: float, handler: str = "own") -> int:
        """The child's process id."""
        assert self._server.stdin is not None and self._server.stdout is not None
        self._server.stdin.write(f"{root} {delay} {handler}\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def status(self) -> int:
        """Waits for the child: its exit status, negative for a signal."""
        assert self._server.stdout is not None
        return int(self._server.stdout.readline())

    def printed(self) -> str:
        """Everything that the children printed to stderr since the last time."""
        text = self._errors.read_text()
        os.truncate(self._errors, 0)
        return text.replace("\0", "")

    def close(self) -> None:
        """End the server."""
        self._server.communicate(timeout=60)


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    found = Forks(tmp_path_factory.mktemp("forks"))
    yield found
    found.close()


def asked(root: Path) -> Counter[str]:
    lines = (root / "trace").read_text().splitlines() if (root / "trace").exists() else []
    return Counter(line.rsplit(" ", 1)[0] for line in lines)


def wait_for(root: Path, calls: int) -> None:
    end = time.monotonic() + 60
    while sum(asked(root).values()) < calls and time.monotonic() < end:
        time.sleep(0.005)


def test_twenty_kills_at_random_points_give_the_same_tables(tmp_path: Path, forks: Forks) -> None:
    root, kills, dice = tmp_path / "killed", 0, random.Random(1)
    whole = Project(tmp_path / "whole", prompts=48, repeats=2, temperature=0.5)
    while kills < 20:
        before = sum(asked(root).values())
        pid = forks.start(root, 0.02)
        wait_for(root, before + dice.randint(1, 12))
        time.sleep(dice.random() * 0.05)
        os.kill(pid, signal.SIGKILL)
        kills += forks.status() == -signal.SIGKILL
        assert sum(asked(root).values()) < 192 + kills * 4 or kills == 20, (
            "the children must not be done before the kills are"
        )
    forks.start(root, 0.0)
    assert forks.status() == 0
    calls = asked(root)
    assert len(calls) == 192 and sum(calls.values()) <= 192 + kills * 4, "only what was in flight is asked again"
    assert digests(RunFolder(root / "runs" / "run")) == digests(whole.run(Fake())[1])


def test_ctrl_c_once_finishes_what_is_in_flight(tmp_path: Path, forks: Forks) -> None:
    pid = forks.start(tmp_path, 0.2)
    wait_for(tmp_path, 1)
    os.kill(pid, signal.SIGINT)
    assert forks.status() == 4
    assert forks.printed() == ""
    measured, _, _ = Project(tmp_path, prompts=48, repeats=2, temperature=0.5).run(fake := Fake())
    assert measured.complete and fake.total == 192 - sum(asked(tmp_path).values())


def test_ctrl_c_twice_stops_at_once_and_without_noise(tmp_path: Path, forks: Forks) -> None:
    pid = forks.start(tmp_path, 2.0)
    wait_for(tmp_path, 1)
    os.kill(pid, signal.SIGINT)
    time.sleep(0.1)
    begun = time.monotonic()
    os.kill(pid, signal.SIGINT)
    assert forks.status() == 130 and time.monotonic() - begun < 1.5, "it does not wait for the answers"
    assert forks.printed() == ""
    measured, _, _ = Project(tmp_path, prompts=48, repeats=2, temperature=0.5).run(fake := Fake())
    assert measured.complete and fake.total == 192


def test_ctrl_c_without_a_handler_of_the_callers_marks_nothing_as_failed(tmp_path: Path, forks: Forks) -> None:
    pid = forks.start(tmp_path, 1.0, "python")
    wait_for(tmp_path, 5)
    os.kill(pid, signal.SIGINT)
    assert forks.status() == 130 and forks.printed() == ""
    journal = tmp_path / "runs" / "run" / "journal" / "answers.jsonl"
    assert '"error"' not in journal.read_text()


def test_a_stop_may_come_from_another_thread(tmp_path: Path) -> None:
    stop = Stop()
    timer = threading.Timer(0.3, stop.set)
    timer.start()
    measured, _, _ = Project(tmp_path, prompts=200).run(Fake(delay=0.1, concurrency=2), stop=stop)
    assert measured.stopped_by == "user"
