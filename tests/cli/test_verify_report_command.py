"""`ftsafety verify report` as typed: from a provider's file to the gate's word on it (R-09, R-52)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from support.reported_project import write_project

from ftsafety_spec.cli.main import main
from ftsafety_spec.cli.result_schema import result_schema


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, a run of it, and acme's key."""
    root = write_project(tmp_path_factory.mktemp("typed"), prompts=120)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("XDG_CONFIG_HOME", str(root / "config"))
        assert main(["run", "bot", "--out", "runs/theirs"]) in (0, 3, 10)
        assert main(["keys", "new", "acme"]) == 0
        assert main(["keys", "trust", "config/ftsafety/keys/acme.pub.yaml", "--role", "provider"]) == 0
        assert main(["verify", "report", "runs/theirs", "--convert", "acme.jsonl", "--sign", "acme"]) == 0
        assert main(["verify", "report", "runs/theirs", "--convert", "bare.json"]) == 0
    return root


@pytest.fixture
def home(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(made)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(made / "config"))
    return made


def spoiled(home: Path, name: str, **changes: Any) -> str:
    """The bare report with changed fields."""
    data = json.loads((home / "bare.json").read_text())
    (home / name).write_text(json.dumps({**data, **changes, "digest": None}))
    return name


def test_a_signed_report_is_accepted_and_the_schema_fits(home: Path, ftsafety: Any) -> None:  # noqa: ARG001
    done = ftsafety("verify", "report", "acme.jsonl", "--spec", "bot", "--out", "runs/one", "--format", "json")
    assert done.status == 0, done.err
    jsonschema.validate(done.data, result_schema("result:verify-report"))
    assert done.data["verification"]["result"] == "accepted"
    assert done.data["verification"]["signed_by"] == "acme"
    shown = ftsafety("verify", "report", "acme.jsonl", "--spec", "bot", "--out", "runs/one")
    assert shown.status == 0 and "nothing new" in shown.out and "accepted: the report of" in shown.out
    assert "Placeholder" not in shown.out + shown.err + json.dumps(done.data)


def test_offline_and_unsigned_are_partly(home: Path, ftsafety: Any) -> None:  # noqa: ARG001
    done = ftsafety("verify", "report", "acme.jsonl", "--spec", "bot", "--out", "runs/two", "--offline")
    assert done.status == 3 and "a spot check: nothing of the report was measured again" in done.out
    done = ftsafety("verify", "report", "bare.json", "--spec", "bot", "--out", "runs/two")
    assert done.status == 3 and "nobody signed it" in done.out


def test_a_report_that_contradicts_itself_is_refused_before_anything_is_asked(home: Path, ftsafety: Any) -> None:
    rows = json.loads((home / "bare.json").read_text())["prompts"]
    name = spoiled(home, "twice.json", prompts=[*rows, rows[0]])
    done = ftsafety("verify", "report", name, "--spec", "bot", "--out", "runs/three")
    assert done.status == 5 and "REFUSED" in done.out
    assert not list((home / "runs" / "three").glob("verification/*/first*"))


def test_what_is_not_covered_is_written(home: Path, ftsafety: Any) -> None:
    rows = json.loads((home / "bare.json").read_text())["prompts"]
    name = spoiled(home, "half.json", prompts=rows[: len(rows) // 2])
    written = "specs/suites/rest.yaml"
    done = ftsafety(
        "verify", "report", name, "--spec", "bot", "--out", "runs/four", "--offline", "--write-suite", written
    )
    assert done.status == 3, done.err
    assert ftsafety("validate").status == 0
    assert "prompts that the report does not cover" in done.err
    again = ftsafety(
        "verify", "report", name, "--spec", "bot", "--out", "runs/four", "--offline", "--write-suite", written
    )
    assert again.status == 2 and "FTS-113" in again.err


def test_markup_and_controls_in_a_report_reach_no_page_and_no_terminal(home: Path, ftsafety: Any) -> None:
    name = "<script>alert(1)</script>\u202e[bold]x"
    path = spoiled(home, "script.json", made_by={"name": name})
    done = ftsafety("verify", "report", path, "--spec", "bot", "--out", "runs/five")
    assert done.status == 3 and "\u202e" not in done.out and "[bold]" in done.out
    assert ftsafety("run", "bot", "--out", "runs/five").status in (0, 3, 10)
    page = (home / "runs" / "five" / "report.html").read_text()
    assert "Evaluations by others" in page and "<script>alert" not in page


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("missing.json", "--spec", "bot"), 2, "FTS-111"),
        (("bare.json",), 2, "--spec"),
        (("bare.json", "--spec", "bot", "--convert", "x"), 2, "--spec"),
        (("bare.json", "--spec", "bt"), 2, "Did you mean"),
        (("bare.json", "--spec", "bot", "--variant", "tuned2"), 2, "Did you mean tuned?"),
        (("bare.json", "--spec", "bot", "--loss", "2"), 2, "--loss"),
        (("bare.json", "--spec", "bot", "--outcome", "x"), 2, "--outcome"),
        (("bare.json", "--convert", "bare.json"), 2, "FTS-113"),
        (("data/own.jsonl", "--spec", "bot"), 2, "FTS-139"),
        (("policies/own.yaml", "--spec", "bot"), 2, "FTS-139"),
    ],
)
def test_mistakes_are_messages_with_a_code(home: Path, ftsafety: Any, arguments: Any, status: int, words: str) -> None:
    done = ftsafety("verify", "report", *arguments, *(("--out", "runs/six") if "--spec" in arguments else ()))
    assert home and done.status == status and words in done.err
    assert "Traceback" not in done.err


def test_a_report_about_other_weights_is_not_taken_in(home: Path, ftsafety: Any) -> None:
    """Said of a model that has digests; nothing becomes evidence."""
    done = ftsafety("verify", "runs/theirs")
    assert done.status == 0, "the run itself is whole"
    assert not (home / "runs" / "theirs" / "evidence.jsonl").exists()


def test_verify_of_a_run_still_takes_its_options_first(home: Path, ftsafety: Any) -> None:  # noqa: ARG001
    assert ftsafety("verify", "--format", "json", "runs/theirs").data["ok"] is True
    assert ftsafety("verify", "run", "runs/theirs").status == 0
    assert "report" in ftsafety("verify", "--help").out
