"""`ftsafety init`: each template is a project that validates as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ftsafety_spec.cli.init import SCHEMAS, TEMPLATE_ROOT, TEMPLATES, template_files

MODELINE = re.compile(r"^# yaml-language-server: \$schema=(\S+)$")


@pytest.fixture(params=TEMPLATES)
def made(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ftsafety: Any) -> Path:
    """A project made from each template, seen from inside."""
    monkeypatch.chdir(tmp_path)
    ran = ftsafety("init", "bot", "--template", request.param)
    assert ran.status == 0, ran.err
    monkeypatch.chdir(tmp_path / "bot")
    return tmp_path / "bot"


@pytest.mark.usefixtures("made")
def test_the_project_validates_right_away(ftsafety: Any) -> None:
    ran = ftsafety("validate", "--format", "json")
    assert ran.status == 0, ran.err
    assert {"spec", "suite", "policy"} <= {item["kind"] for item in ran.data["checked"]}
    assert "specs/first.yaml" in {item["name"] for item in ran.data["checked"]}


@pytest.mark.usefixtures("made")
def test_the_policy_does_what_its_cases_say(ftsafety: Any) -> None:
    ran = ftsafety("policy", "test", "--format", "json")
    assert ran.status == 0, ran.out
    assert len(ran.data["results"]) == 3 and ran.data["failed"] == 0


@pytest.mark.usefixtures("made")
def test_refusals_are_read_by_the_default_grader_and_checked_by_a_second(ftsafety: Any) -> None:
    suites = ftsafety("show", "first", "--format", "json").data["spec"]["suites"]
    choices = [suite["graders"]["refusal"] for suite in suites.values()]
    assert {(choice["primary"], choice["second"]) for choice in choices} == {
        ("ftsafety/refusal_classifier", "ftsafety/refusal")
    }


def test_every_file_points_editors_to_a_schema_that_is_there_and_that_it_meets(made: Path) -> None:
    files = [path for folder in ("specs", "policies", "tests") for path in (made / folder).rglob("*.yaml")]
    assert len(files) >= 5
    for path in files:
        match = MODELINE.match(path.read_text().splitlines()[0])
        assert match, path.name
        schema = json.loads((path.parent / match[1]).read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        assert list(jsonschema.Draft202012Validator(schema).iter_errors(_plain(path))) == [], path.name


def test_every_file_holds_comments_that_teach(made: Path) -> None:
    for path in made.rglob("*.yaml"):
        comments = [line for line in path.read_text().splitlines() if "#" in line]
        assert len(comments) >= 4, path.name


def test_nothing_in_a_new_project_names_a_machine_or_a_secret(made: Path) -> None:
    for path in made.rglob("*"):
        if path.is_file() and ".ftsafety" not in path.parts:
            assert not re.search(r"/(home|work|root|Users)/|sk-[A-Za-z0-9]{8}", path.read_text()), path.name


def test_runs_caches_and_weights_are_ignored_by_git(made: Path) -> None:
    ignored = (made / ".gitignore").read_text().split()
    assert {"runs/", "weights/", "adapters/", ".ftsafety/store/"} <= set(ignored)
    assert not (made / "gitignore").exists()


def test_the_prompts_of_a_new_project_hold_every_kind_and_several_areas(made: Path) -> None:
    rows = [json.loads(line) for line in (made / "data/domain.jsonl").read_text().splitlines()]
    assert {row["kind"] for row in rows} == {"harmful", "borderline", "benign"}
    assert len({row["area"] for row in rows if "area" in row}) >= 3
    assert len({row["id"] for row in rows}) == len({row["prompt"] for row in rows}) == len(rows)


def test_init_overwrites_nothing(made: Path, ftsafety: Any) -> None:
    spec = made / "specs/first.yaml"
    spec.write_text("mine\n")
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    for template in TEMPLATES:
        ran = ftsafety("init", ".", "--template", template)
        assert ran.status == 2 and "FTS-113" in ran.err and "overwrites nothing" in ran.err
    assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before


def test_init_writes_into_a_folder_that_holds_other_things(tmp_path: Path, ftsafety: Any) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert ftsafety("init", str(tmp_path)).status == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "specs/first.yaml").exists()


def test_init_says_what_to_type_next(tmp_path: Path, ftsafety: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = ftsafety("init", "bot", "--template", "recorded").out
    assert text.index("cd bot") < text.index("ftsafety validate") < text.index("ftsafety run specs/first.yaml")
    data = ftsafety("init", "here", "--format", "json").data
    assert data["next"] == ["cd here", "ftsafety validate", "ftsafety plan specs/first.yaml"]
    assert "specs/first.yaml" in data["files"]


def test_the_default_template_is_the_embedded_engine(tmp_path: Path, ftsafety: Any) -> None:
    ftsafety("init", str(tmp_path))
    assert "ftsafety/llamacpp" in (tmp_path / "specs/first.yaml").read_text()


def test_every_schema_that_editors_need_is_written(made: Path) -> None:
    assert sorted(path.name for path in (made / ".ftsafety").iterdir()) == sorted(f"{k}.schema.json" for k in SCHEMAS)


def test_recorded_answers_of_the_template_are_placeholders_for_its_own_prompts() -> None:
    files = template_files("recorded")
    prompts = {json.loads(line)["prompt"] for line in files["data/domain.jsonl"].read_text().splitlines()}
    for name in ("answers/base.jsonl", "answers/tuned.jsonl"):
        header, *rows = [json.loads(line) for line in files[name].read_text().splitlines()]
        assert "recorded" in header
        assert {row["prompt"] for row in rows} == prompts
        assert len({row["answer"] for row in rows}) == 2


def test_no_template_is_left_out_of_the_choice() -> None:
    assert {path.name for path in TEMPLATE_ROOT.iterdir()} == {*TEMPLATES, "common"}


def _plain(path: Path) -> Any:
    """What an editor sees: dates as text."""
    return json.loads(json.dumps(yaml.safe_load(path.read_text()), default=str))
