"""Lists of what can be named, and the schemas of what people write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ftsafety_spec.compose.schemas import SCHEMA_KINDS


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("policies", "ftsafety/default"),
        ("suites", "ftsafety/standard"),
        ("providers", "ftsafety/llamacpp"),
        ("benchmarks", "ftsafety/basics"),
        ("graders", "ftsafety/refusal"),
    ],
)
def test_built_in_names_are_listed_with_their_origin_even_outside_of_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ftsafety: Any, command: str, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = {row["name"]: row for row in ftsafety(command, "--format", "json").data}
    assert "ftsafety" in rows[name]["origin"]
    text = ftsafety(command).out
    assert name in text and rows[name]["origin"] in text


@pytest.mark.parametrize(("command", "name"), [("policies", "own"), ("suites", "domain")])
@pytest.mark.usefixtures("project")
def test_the_projects_own_names_come_first(ftsafety: Any, command: str, name: str) -> None:
    rows = ftsafety(command, "--format", "json").data
    assert name in {row["name"] for row in rows[:2]}
    assert rows[0]["origin"].startswith(("policies/", "specs/"))


@pytest.mark.parametrize("kind", SCHEMA_KINDS)
def test_every_kind_has_a_valid_schema(ftsafety: Any, kind: str) -> None:
    schema = ftsafety("schema", kind).data
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")


def test_files_that_people_write_and_records_have_one() -> None:
    assert {"spec", "suite", "policy", "provider"} <= set(SCHEMA_KINDS)
    assert {"verdict", "plan", "comparison", "locked-spec", "evidence"} <= set(SCHEMA_KINDS)


def test_a_schema_is_written_to_a_file(ftsafety: Any, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "spec.json"
    ran = ftsafety("schema", "spec", "--out", str(target))
    assert ran.status == 0 and ran.out == "" and str(target) in ran.err
    assert json.loads(target.read_text()) == ftsafety("schema", "spec").data


def test_an_unknown_kind_names_the_nearest(ftsafety: Any) -> None:
    ran = ftsafety("schema", "verdit")
    assert ran.status == 2 and "Did you mean verdict?" in ran.err
