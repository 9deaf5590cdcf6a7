"""The tree of commands: help, names, and what happens to a wrong one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from ftsafety_spec import __version__
from ftsafety_spec.cli.group import SECTIONS, help_of
from ftsafety_spec.cli.main import cli, wants_json
from ftsafety_spec.errors import CODES

NAMES = [name for _, entries in SECTIONS for name, _, _ in entries]


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def test_the_commands_of_the_main_job_are_there() -> None:
    assert {"init", "validate", "show", "schema", "plan", "run"} <= set(NAMES)
    assert {"measure", "compare", "gate", "report", "verify", "merge"} <= set(NAMES)
    assert {"policies", "suites", "providers", "benchmarks", "graders"} <= set(NAMES)


def leaves(found: click.Command) -> list[click.Command]:
    """What can be run: the command, or those of a group (and the group, where it does something by itself)."""
    if not isinstance(found, click.Group):
        return [found]
    own: list[click.Command] = [found] if found.invoke_without_command else []
    context = click.Context(found)
    children = [found.get_command(context, name) for name in found.list_commands(context)]
    return [*own, *(leaf for child in children if child is not None for leaf in leaves(child))]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_the_help_line_of_the_table_and_a_format(name: str) -> None:
    found = command(name)
    assert found.name == name
    assert found.get_short_help_str(200).rstrip(".") == help_of(name).rstrip(".")
    assert [leaf.name for leaf in leaves(found) if not any("--format" in p.opts for p in leaf.params)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_option_of_every_command_says_what_it_does(name: str) -> None:
    for leaf in leaves(command(name)):
        options = [p for p in leaf.params if isinstance(p, click.Option)]
        assert options, leaf.name
        assert [p.name for p in options if not p.help] == []


def test_help_names_every_command_and_the_exit_statuses(ftsafety: Any) -> None:
    shown = ftsafety("--help")
    assert shown.status == 0
    assert [name for name in NAMES if f"  {name}" not in shown.out] == []
    assert "3 pending" in shown.out and "10 no_go" in shown.out


def test_no_command_at_all_shows_the_help_and_is_no_go(ftsafety: Any) -> None:
    ran = ftsafety()
    assert ran.status == 2 and "Usage: ftsafety" in ran.err and ran.out == ""


def test_version_is_printed(ftsafety: Any) -> None:
    assert __version__ in ftsafety("--version").out


@pytest.mark.parametrize(("typed", "meant"), [("validat", "validate"), ("rnu", "run"), ("benchmark", "benchmarks")])
def test_a_wrong_command_names_the_nearest(ftsafety: Any, typed: str, meant: str) -> None:
    ran = ftsafety(typed)
    assert ran.status == 2
    assert f"Did you mean {meant}?" in ran.err and "FTS-104" in ran.err
    assert ran.out == ""


def test_a_wrong_option_names_the_nearest(ftsafety: Any) -> None:
    ran = ftsafety("run", "x", "--requir-policy", "a")
    assert ran.status == 2
    assert "Did you mean --require-policy?" in ran.err and "FTS-104" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("show",),
        ("gate", "somewhere", "--at", "yesterday"),
        ("run", "x", "--shard", "9/8"),
        ("run", "x", "--shard", "0/8"),
        ("run", "x", "--shard", "three"),
        ("validate", "--format", "xml"),
        ("init", "--template", "fancy"),
        ("run", "x", "--data", "no/such/folder"),
        ("report", "somewhere", "--as", " , "),
        ("evidence", "somewhere"),
    ],
)
def test_a_command_line_that_cannot_be_understood_is_the_users_mistake(ftsafety: Any, arguments: tuple[str]) -> None:
    ran = ftsafety(*arguments)
    assert ran.status == 2
    assert "FTS-115" in ran.err and "--help" in ran.err
    assert "Traceback" not in ran.err


def test_problems_are_json_as_well_where_asked(ftsafety: Any) -> None:
    ran = ftsafety("validat", "--format", "json")
    (problem,) = ran.data["error"]["problems"]
    assert ran.data["error"]["exit"] == ran.status == 2
    assert (problem["code"], problem["name"]) == ("FTS-104", CODES["FTS-104"][0])
    assert "FTS-104" in ran.err


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["a", "--format", "json"], True),
        (["a", "--format=json"], True),
        (["a", "--format", "text"], False),
        (["json", "--format"], False),
        ([], False),
    ],
)
def test_json_is_asked_for_by_the_option_only(arguments: list[str], asked: bool) -> None:
    assert wants_json(arguments) is asked


SCRIPT = str(Path(sys.executable).with_name("ftsafety"))
WAYS = [[sys.executable, "-m", "ftsafety_spec"], [sys.executable, "-m", "ftsafety_spec.cli.main"], [SCRIPT]]


@pytest.mark.parametrize("way", WAYS, ids=["package", "module", "script"])
def test_every_way_to_start_it_passes_the_exit_status_on(tmp_path: Path, way: list[str]) -> None:
    shown = subprocess.run([*way, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert __version__ in shown.stdout
    assert subprocess.run([*way, "validat"], cwd=tmp_path, capture_output=True, check=False).returncode == 2


def test_a_reader_that_leaves_early_causes_no_traceback(tmp_path: Path) -> None:
    script = f"{sys.executable} -m ftsafety_spec.cli.main benchmarks --format json | head -c 1"
    ran = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Traceback" not in ran.stderr and "BrokenPipe" not in ran.stderr
