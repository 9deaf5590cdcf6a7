"""`ftsafety redteam`: the desk at a terminal, its sessions, sessions from elsewhere (R-29, R-34)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.terminal import RUN, Terminal

from ftsafety_spec.pipeline.red_team.session_journal import sessions_of
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.session import moment_of

T0 = 1_790_000_000.0


@pytest.fixture(autouse=True)
def no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def elsewhere(path: Path) -> Path:
    answers = {"base": "placeholder", "tuned": "placeholder, too"}
    rows: list[dict[str, Any]] = [{"session": "far", "by": "ines", "at": moment_of(T0)}]
    for number, after in enumerate((55, 140, 215)):
        at, then = moment_of(T0 + after), moment_of(T0 + after + 4)
        rows.append({"session": "far", "at": at, "answered_at": then, "message": f"m{number}", "answers": answers})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_without_a_terminal_the_way_is_named(ran: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, "redteam", ran, "--terminal", "--by", "ines"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 2
    assert "held by a person" in done.stderr and "redteam import" in done.stderr
    assert sessions_of(RunFolder(Path(ran))) == []


def test_a_session_at_a_terminal_is_left_taken_up_and_ended(ran: str) -> None:
    folder = RunFolder(Path(ran))
    typed = ("redteam", ran, "--terminal", "--by", "ines")
    with Terminal(typed, Path.cwd()) as terminal:
        terminal.wait_for(" > ")
        terminal.press("/categry\n")
        terminal.wait_for("Did you mean category?")
        terminal.press("/category fraud\n")
        terminal.wait_for("fraud > ")
        terminal.press("a message that nobody has recorded\n")
        terminal.wait_for("not recorded")
        terminal.wait_for("> ")
        terminal.press("/note look again\n")
        terminal.wait_for("> ")
        terminal.press("/turns\n")
        terminal.wait_for("a message that nobody")
        terminal.press("/tag harmful tuned high\n")
        terminal.wait_for("has not answered")
        terminal.interrupt()
        terminal.wait_for("kept open")
        assert terminal.end() == 130
    with Terminal(typed, Path.cwd()) as terminal:
        terminal.wait_for("taken up again")
        terminal.wait_for(" > ")
        terminal.press("/branch\n")
        terminal.wait_for(" > ")
        terminal.press("/clock\n")
        terminal.wait_for("active minutes")
        terminal.press("/end\n")
        terminal.wait_for("Not signed")
        terminal.wait_for("not met")
        assert terminal.end() == 0
    (session,) = sessions_of(folder)
    assert session.begun.source == "terminal"
    assert session.by_category()["fraud"] == 1
    assert [item.kind for item in folder.evidence()] == ["session"]


def test_sessions_from_elsewhere_are_taken_in_and_listed(ran: str, ftsafety: Any, tmp_path: Path) -> None:
    done = ftsafety("redteam", "import", ran, str(elsewhere(tmp_path / "far.jsonl")))
    assert done.status == 0, done.err
    assert "3.65 active minutes" in done.out and "not met, 26.35 more minutes" in done.out
    listed = ftsafety("redteam", "sessions", ran, "--format", "json").data
    assert [(row["session"], row["state"], row["source"]) for row in listed["sessions"]] == [
        ("far", "evidence", "imported")
    ]
    assert (listed["asked"], listed["given"]) == (30, 3.65)
    again = ftsafety("redteam", "import", ran, str(tmp_path / "far.jsonl"))
    assert again.status == 2 and "far.jsonl:1" in again.err and "FTS-138" in again.err


def test_a_key_that_is_named_signs(ran: str, ftsafety: Any, tmp_path: Path) -> None:
    assert ftsafety("keys", "new", "ines").status == 0
    file = str(elsewhere(tmp_path / "far.jsonl"))
    assert ftsafety("redteam", "import", ran, file, "--key", "joel").status == 2
    done = ftsafety("redteam", "import", ran, file, "--key", "ines")
    assert "Signed by key" in done.out
    listed = ftsafety("redteam", "sessions", ran, "--format", "json").data
    assert listed["sessions"][0]["signed"] is not None


def test_a_session_that_was_left_is_ended_by_its_name(ran: str, ftsafety: Any) -> None:
    with Terminal(("redteam", ran, "--terminal", "--by", "ines"), Path.cwd()) as terminal:
        terminal.wait_for(" > ")
        terminal.press("one\n")
        terminal.wait_for("not recorded")
        terminal.wait_for("> ")
        terminal.kill()
        terminal.end()
    name = sessions_of(RunFolder(Path(ran)))[0].id
    done = ftsafety("redteam", "sessions", ran, "--end", name)
    assert done.status == 0, done.err
    assert "0 active minutes" in done.out  # nothing was answered
    assert ftsafety("redteam", "sessions", ran, "--end", "none").status == 2
