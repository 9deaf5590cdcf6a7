"""`ftsafety validate`: every mistake of a project at once, none of it twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.usefixtures("project")
def test_a_good_project_gets_one_line_a_file(ftsafety: Any) -> None:
    ran = ftsafety("validate")
    assert ran.status == 0 and ran.err == ""
    assert [line.split()[0] for line in ran.out.splitlines()] == ["ok"] * 4


def test_mistakes_of_all_files_come_at_once_with_place_and_nearest_name(project: Path, ftsafety: Any) -> None:
    edit(project / "specs/first.yaml", "title:", "tilte:")
    edit(project / "policies/own.yaml", "roles:", "rolls:")
    ran = ftsafety("validate")
    assert ran.status == 2
    assert "specs/first.yaml:8:1" in ran.err and "Did you mean title?" in ran.err
    assert "policies/own.yaml:" in ran.err and "Did you mean roles?" in ran.err
    assert ran.out.count("FAILED") == 2


def test_a_mistake_in_a_suite_is_said_once_though_a_spec_mounts_it(project: Path, ftsafety: Any) -> None:
    edit(project / "specs/suites/domain.yaml", "ftsafety/refusal", "ftsafety/refusel")
    ran = ftsafety("validate")
    assert ran.status == 2
    assert ran.err.count("no such grader") == 1 and ran.err.rstrip().endswith("1 problem")
    assert ran.out.count("FAILED") == 2


def test_a_suite_that_no_spec_mounts_is_checked_as_well(project: Path, ftsafety: Any) -> None:
    edit(project / "specs/suites/core.yaml", "ftsafety/basics}", "ftsafety/baiscs}")
    ran = ftsafety("validate")
    assert ran.status == 2 and "Did you mean ftsafety/basics?" in ran.err
    assert "specs/suites/core.yaml:9" in ran.err


def test_a_suite_whose_prompt_file_is_gone_says_so(project: Path, ftsafety: Any) -> None:
    (project / "data/domain.jsonl").unlink()
    ran = ftsafety("validate")
    assert ran.status == 2 and "FTS-111" in ran.err


def test_named_specs_only(project: Path, ftsafety: Any) -> None:
    edit(project / "policies/own.yaml", "title:", "tilte:")
    (project / "policies/other.yaml").write_text("defaults: [ftsafety/default@_here_, _self_]\ntitle: o\nowner: o\n")
    edit(project / "specs/first.yaml", "policy: own ", "policy: other ")
    assert ftsafety("validate", "first").status == 0
    assert ftsafety("validate", "specs/first.yaml").status == 0
    assert ftsafety("validate").status == 2


def test_a_spec_is_invalid_when_its_policy_is(project: Path, ftsafety: Any) -> None:
    edit(project / "policies/own.yaml", "title:", "tilte:")
    ran = ftsafety("validate", "first")
    assert ran.status == 2 and "policies/own.yaml" in ran.err


@pytest.mark.usefixtures("project")
def test_a_spec_that_does_not_exist_names_the_nearest(ftsafety: Any) -> None:
    ran = ftsafety("validate", "frist")
    assert ran.status == 2 and "Did you mean first?" in ran.err


def test_outside_of_a_project_init_is_named(tmp_path: Path, monkeypatch: Any, ftsafety: Any) -> None:
    monkeypatch.chdir(tmp_path)
    ran = ftsafety("validate")
    assert ran.status == 2 and "FTS-113" in ran.err and "ftsafety init" in ran.err


def test_a_project_without_any_file_is_not_valid(tmp_path: Path, monkeypatch: Any, ftsafety: Any) -> None:
    (tmp_path / "specs").mkdir()
    monkeypatch.chdir(tmp_path)
    ran = ftsafety("validate")
    assert ran.status == 2 and "FTS-113" in ran.err


def test_json_names_every_file_with_its_problems(project: Path, ftsafety: Any) -> None:
    edit(project / "specs/first.yaml", "seed: 20261124", "seed: many")
    ran = ftsafety("validate", "--format", "json")
    assert ran.status == 2 and ran.data["ok"] is False
    (failed,) = [item for item in ran.data["checked"] if not item["ok"]]
    assert (failed["kind"], failed["name"]) == ("spec", "specs/first.yaml")
    (problem,) = failed["problems"]
    assert problem["code"] == "FTS-106" and problem["key"] == "seed" and problem["line"] > 1
