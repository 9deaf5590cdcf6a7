"""The pages say what is so: examples validate, the picture is the contract, the command page is the command tree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.cli.group import SECTIONS
from ftsafety_spec.cli.main import main
from ftsafety_spec.cli.reference import reference

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])
EXAMPLE = re.compile(r"```yaml\n# (\S+\.yaml)\n(.*?)```", re.DOTALL)


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project made of every example file of the pages, with the small files that they name."""
    for page in ("docs/spec.md", "docs/policy.md"):
        for name, body in EXAMPLE.findall(read(page)):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(body)
    for name in ("data/fraud.jsonl", "data/everyday.csv", "prompts/support.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_example_file_of_the_pages_validates(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = project / "tests"  # tests/cli/test_policy_owner.py runs those
    assert len([path for path in project.rglob("*.yaml") if not path.is_relative_to(cases)]) == 6
    status = main(["validate"])
    shown = capsys.readouterr()
    assert status == 0, shown.err
    assert shown.out.count("ok ") == 6


def test_the_spec_of_the_readme_validates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ((name, body),) = EXAMPLE.findall(read("README.md"))
    (tmp_path / "specs").mkdir()
    (tmp_path / name).write_text(body)
    monkeypatch.chdir(tmp_path)
    assert main(["validate"]) == 0


def test_the_page_of_commands_is_what_the_command_tree_says() -> None:
    assert read("docs/cli.md") == reference(), "run `make docs`"


def test_the_layers_of_the_page_are_those_of_the_contract() -> None:
    settings: dict[str, Any] = tomllib.loads(read("pyproject.toml"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    block = re.search(r"```\n(__main__\n.*?)```", read("docs/architecture.md"), re.DOTALL)
    assert block is not None
    assert block[1].splitlines() == [layer.replace("ftsafety_spec.", "") for layer in layers]


def test_every_file_of_the_package_that_the_architecture_names_exists() -> None:
    named = re.findall(r"`((?:ftsafety_spec|docs|bench|tests)/[\w./-]+)`", read("docs/architecture.md"))
    assert len(named) >= 6
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_entry_point_group_that_the_architecture_names_exists() -> None:
    groups = set(re.findall(r"group `(ftsafety_spec\.\w+)`", read("docs/architecture.md")))
    settings = tomllib.loads(read("pyproject.toml"))
    assert len(groups) == 4 and groups <= set(settings["project"]["entry-points"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    known = {name for _, entries in SECTIONS for name, _, _ in entries}
    named = set(re.findall(r"(?:^|`)ftsafety ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= known, named - known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_machine_or_a_registry(page: Path) -> None:
    assert not re.search(r"/work/|/home/|/root/|localhost:\d|index-url", page.read_text(encoding="utf-8"))
