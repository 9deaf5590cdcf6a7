"""The workflow of examples/ci is YAML, every command in it exists with its options, and its steps work in the project
that it says it is for."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from ftsafety_spec.cli.group import LazyGroup
from ftsafety_spec.cli.main import main
from ftsafety_spec.cli.verify import COMMANDS, RUN, RunFirst
from ftsafety_spec.report import RENDERERS

ROOT = Path(__file__).parents[2]
WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / "examples" / "ci" / "ftsafety.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = WORKFLOW["jobs"]["judge"]["steps"]
TYPED = [shlex.split(line)[1:] for step in STEPS for line in step.get("run", "").splitlines() if "ftsafety " in line]


def test_it_asks_for_no_more_than_it_needs() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read", "security-events": "write"}
    assert "pull_request" in WORKFLOW[True], "YAML 1.1 reads `on` as true"
    assert all("${{ github.event" not in str(step.get("run")) for step in STEPS), "nothing of others becomes a command"


@pytest.mark.parametrize("typed", TYPED, ids=" ".join)
def test_every_command_and_option_exists(typed: list[str]) -> None:
    command: click.Command | None = LazyGroup()
    rest = list(typed)
    while isinstance(command, click.Group):
        first = RUN if isinstance(command, RunFirst) and rest[0] not in COMMANDS else rest.pop(0)
        command = command.get_command(click.Context(command), first)
    assert command is not None
    known = {name for item in command.params for name in (*item.opts, *item.secondary_opts)}
    assert {part for part in rest if part.startswith("--")} <= known


def test_its_steps_work_in_a_new_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FTSAFETY_DATA", raising=False)
    assert main(["init", "--template", "recorded"]) == 0
    assert {tuple(typed[:1]): main(typed) for typed in TYPED} == {
        ("validate",): 0,
        ("policy",): 0,
        ("run",): 3,
        ("report",): 0,
        ("verify",): 0,
    }
    uploaded = STEPS[-1]["with"]["path"].split()
    assert len(uploaded) == 5 and [name for name in uploaded if not Path(name).is_file()] == []


def test_the_page_names_every_format_and_its_file() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    for name in RENDERERS.names():
        assert f"`{name}`" in page
        assert re.search(rf"`(report)?{re.escape(RENDERERS.get(name).filename.removeprefix('report'))}`", page)
