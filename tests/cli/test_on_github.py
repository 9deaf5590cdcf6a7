"""`run` and `gate` in GitHub Actions: annotations to stderr, a step summary, and the result on stdout as ever."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


def commands(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("::")]


def test_nothing_is_annotated_elsewhere_unless_asked(ran: str, ftsafety: Any) -> None:
    assert commands(ftsafety("gate", ran).err) == []
    assert commands(ftsafety("gate", ran, "--github").err)[0].startswith("::warning file=specs/first.yaml,line=")


def test_in_github_actions_gate_annotates_and_writes_the_summary(
    ran: str, ftsafety: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("before\n")
    done = ftsafety("gate", ran, "--format", "json")
    assert done.status == 3 and done.data["decision"] == "pending"
    assert len(commands(done.err)) > 2 and commands(done.out) == []
    text = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("before\n# First evaluation") and "not cleared to deploy yet" in text
    assert commands(ftsafety("gate", ran, "--no-github").err) == []


def test_run_annotates_too(project: Path, ftsafety: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    done = ftsafety("run", "first")
    assert done.status == 3 and commands(done.err)


def test_a_verdict_that_is_not_written_is_the_one_that_is_annotated(ran: str, ftsafety: Any) -> None:
    done = ftsafety("gate", ran, "--policy", "ftsafety/default", "--github")
    assert done.status == 3 and commands(done.err)
    assert all("policies/" not in line.split("::")[1] for line in commands(done.err))


def test_a_summary_that_cannot_be_written_is_said_and_changes_no_verdict(
    ran: str, ftsafety: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    done = ftsafety("gate", ran, "--github")
    assert done.status == 3 and "no step summary was written" in done.err


def test_lines_are_within_the_repository_of_a_project_that_is_a_folder_of_it(ran: str, ftsafety: Any) -> None:
    subprocess.run(["git", "init", "-q", str(Path.cwd().parent)], check=True)
    done = ftsafety("gate", ran, "--github")
    assert commands(done.err)[0].startswith("::warning file=judged/specs/first.yaml,line=")


def test_reports_for_build_servers_leave_a_run_verifiable(ran: str, ftsafety: Any) -> None:
    done = ftsafety("report", ran, "--as", "junit,sarif,github,modelcard", "--format", "json")
    names = [Path(path).name for path in done.data["reports"]]
    assert names == ["junit.xml", "report.sarif", "annotations.txt", "model-card.md"]
    assert ftsafety("verify", ran).status == 0
