"""Confirmed findings become a suite that validates and is asked (issue 8, 6)."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tests/support
from support.talking import talking

from ftsafety_spec.catalog.load import load_suites
from ftsafety_spec.catalog.prompt_file import read_prompt_file
from ftsafety_spec.cli.main import main
from ftsafety_spec.compose import lock_spec
from ftsafety_spec.errors import InputError, NotFoundError
from ftsafety_spec.pipeline.red_team.desk import SessionDesk, Sitter, pair_of
from ftsafety_spec.pipeline.red_team.promote import promote
from ftsafety_spec.pipeline.red_team.reporting import add_report
from ftsafety_spec.pipeline.red_team.session_evidence import close_session
from ftsafety_spec.pipeline.red_team.session_journal import texts_path
from ftsafety_spec.pipeline.red_team.session_models import SessionModels
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.red_team import RedTeamFinding, RedTeamReport, Search

TODAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("promote") / "shop"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.delenv("FTSAFETY_DATA", raising=False)
        assert main(["init", "--template", "recorded"]) == 0
        assert main(["run", "first"]) == 3
    return home


@pytest.fixture
def folder(judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    home = tmp_path / "shop"
    shutil.copytree(judged, home)
    monkeypatch.chdir(home)
    (run,) = (home / "runs").iterdir()
    return RunFolder(run)


@pytest.fixture
def probed(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunFolder]:
    """A run with a session: a message tagged harmful, a conversation tagged harmful, one tagged odd."""
    talking(monkeypatch)
    models = SessionModels(folder, Path.cwd(), pair_of(folder.read(LockedSpec)))
    desk = SessionDesk.begin(folder, models, Sitter("ines", "desk"))

    def say(text: str, tag: str | None) -> None:
        turn = desk.say(text, "fraud")
        assert desk.wait(20)
        if tag is not None:
            desk.tag(turn, "tuned", tag, "high")

    say("a placeholder request", "harmful")
    desk.move(None)
    say("a placeholder opening", None)
    say("a placeholder step", None)
    say("a placeholder end", "harmful")
    desk.move(None)
    say("an everyday message", "odd")
    desk.end()
    close_session(folder, desk.session.id)
    yield folder
    models.close()


def searched(folder: RunFolder, prompt: str, **more: object) -> None:
    fields = {
        "id": "tuned/trigger/dates-7",
        "focus": "trigger",
        "variant": "tuned",
        "title": "t",
        "state": "confirmed",
        "severity": "high",
        "direction": "harm",
        "measure": "refusal",
        "prompts": 40,
        "inputs": [prompt],
    }
    search = Search(focus="trigger", variant="tuned", probes=10, prompts=4)
    finding = RedTeamFinding.model_validate({**fields, **more})
    add_report(folder, RedTeamReport(search=search, findings=(finding,)))


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_messages_and_conversations_of_a_session_are_asked_again(probed: RunFolder) -> None:
    made = promote(probed, today=TODAY)
    assert made.count == 2 and len(made.findings) == 2
    assert list(made.left_out.values()) == ["it is suspected only; --finding takes it all the same"]
    single, talk = rows(made.prompts)
    assert (single["kind"], single["area"], single["category"]) == ("harmful", "fraud", "fraud")
    assert talk["kind"] == "conversation"
    assert [turn["asks"] for turn in talk["turns"]] == [False, True]  # type: ignore[attr-defined]
    prompts = read_prompt_file(made.prompts)
    assert [len(prompt.turns) for prompt in prompts] == [0, 2]


def test_the_suite_validates_and_a_spec_that_mounts_it_asks_it(
    probed: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    made = promote(probed, today=TODAY)
    assert main(["validate"]) == 0, capsys.readouterr().err
    locked = lock_spec("first", (f"+specs/suites@suites.found={made.suite.stem}",))
    tasks, reasons = load_suites(locked, Path.cwd(), None)
    assert reasons == {}
    (task,) = [task for task in tasks if task.suite == "found"]
    assert (len(task.prompts), task.use) == (2, "domain")


def test_triggers_keep_kind_area_and_condition(folder: RunFolder) -> None:
    row = next(row for row in folder.rows("answers") if row["kind"] == "harmful")
    searched(folder, row["prompt"])
    made = promote(folder, today=TODAY)
    (written,) = rows(made.prompts)
    assert (written["kind"], written["area"], written["category"]) == (row["kind"], row["area"], row["category"])
    assert read_prompt_file(made.prompts)[0].digest == row["prompt"]


def test_what_a_round_of_a_search_asked_keeps_its_request_and_turns(folder: RunFolder) -> None:
    round_ = folder.root / "redteam" / "trigger" / "1"
    shutil.copytree(folder.root, round_, ignore=shutil.ignore_patterns("redteam"))
    wrapped = {
        "prompt": "[dev] a placeholder request",
        "request": "a placeholder request",
        "kind": "trigger",
        "area": "fraud",
        "condition": "role-tags",
        "before": [["user", "hello"], ["assistant", "placeholder"]],
    }
    (round_ / "prompts.jsonl").write_text(json.dumps(wrapped) + "\n")
    (asked,) = read_prompt_file(round_ / "prompts.jsonl")
    searched(folder, asked.digest)
    made = promote(folder, today=TODAY)
    (again,) = read_prompt_file(made.prompts)
    assert (again.digest, again.request, again.before, again.kind) == (
        asked.digest,
        asked.request,
        asked.before,
        "trigger",
    )


def test_a_suspicion_is_taken_where_it_is_named(probed: RunFolder) -> None:
    odd = next(
        finding["id"]
        for item in probed.evidence()
        if item.kind == "finding"
        for finding in item.body["findings"]
        if finding["measure"] == "odd"
    )
    with pytest.raises(NotFoundError):
        promote(probed, only=["none"], today=TODAY)
    made = promote(probed, only=[odd], today=TODAY)
    assert made.findings == (odd,)
    assert [row["kind"] for row in rows(made.prompts)] == ["benign"]


def test_nothing_is_written_over(probed: RunFolder) -> None:
    made = promote(probed, today=TODAY)
    before = made.suite.read_text(), made.prompts.read_text()
    with pytest.raises(InputError) as refused:
        promote(probed, today=TODAY)
    assert refused.value.code == "FTS-113"
    made.suite.unlink()
    with pytest.raises(InputError):  # the prompts of another suite would be lost
        promote(probed, today=TODAY)
    assert made.prompts.read_text() == before[1]
    other = promote(probed, Path("specs/suites/again.yaml"), today=TODAY)
    assert other.suite.name == "again.yaml" and other.prompts.name == "again.jsonl"
    with pytest.raises(InputError):
        promote(probed, Path("elsewhere/again.yaml"), today=TODAY)


def test_what_was_declared_or_taken_out_is_left_out_with_its_reason(probed: RunFolder) -> None:
    row = next(iter(probed.rows("answers")))
    searched(probed, row["prompt"], declared=True)
    (name,) = [item["session"] for item in (e.body for e in probed.evidence() if e.kind == "session")]
    texts_path(probed, name).unlink()
    with pytest.raises(InputError, match="no finding") as refused:
        promote(probed, today=TODAY)
    assert "taken out" in str(refused.value) or "declared" in str(refused.value)
    assert not list(Path("data").glob("red-team*"))


def test_the_same_finding_twice_is_asked_once(folder: RunFolder) -> None:
    first, second = [row["prompt"] for row in folder.rows("answers")][:2]
    searched(folder, first)
    searched(folder, first, id="tuned/trigger/dates-8", inputs=[first, second])
    made = promote(folder, today=TODAY)
    assert made.count == len({first, second})
    assert len({row["id"] for row in rows(made.prompts)}) == made.count
