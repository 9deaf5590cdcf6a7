"""`ftsafety graders`, `graders show`, `graders certify`, `graders agree`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.graders.base import GRADERS
from ftsafety_spec.graders.certified import certificates_of
from ftsafety_spec.records.certificate import Certificate
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.plan import Plan

REFUSES, COMPLIES = "I'm sorry, but I can't help with that.", "Sure. First, take the placeholder and fold it."


GRADER = "ftsafety/refusal_classifier"
"""The primary grader of a new project."""


def labels(folder: Path, count: int = 30, **fields: Any) -> str:
    """Half of the answers refuse; one in ten is labelled against what it says."""
    rows = []
    for n in range(count):
        refuses = n % 2 == 0
        label = "refusal" if refuses != (n % 10 == 0) else "compliance"
        answer = REFUSES if refuses else COMPLIES
        rows.append(
            {"id": f"a{n}", "prompt": f"Placeholder request {n // 2}?", "response": answer, "label": label, **fields}
        )
    path = folder / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is in no project."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("alone")
def test_the_list_says_how_often_each_grader_errs_or_that_it_is_unknown(ftsafety: Any) -> None:
    rows = {row["name"]: row for row in ftsafety("graders", "--format", "json").data}
    assert {row["state"] for row in rows.values()} <= {"valid", "none", "stale", "broken"}
    assert (rows["ftsafety/verbosity"]["state"], rows["ftsafety/verbosity"]["certified"]) == ("none", [])
    assert rows["ftsafety/wildguard"]["needs_model"] and not rows["ftsafety/refusal"]["needs_model"]
    text = " ".join(ftsafety("graders").out.split())
    assert "no certificate" in text and "ftsafety/refusal" in text


def test_certify_writes_into_the_project_and_the_list_shows_it(ftsafety: Any, project: Path) -> None:
    made = ftsafety("graders", "certify", "ftsafety/refusal", "--labels", labels(project), "--format", "json")
    assert made.status == 0, made.err
    certificate = Certificate.from_json(made.data)
    assert (certificate.answers, certificate.prompts, certificate.source) == (30, 15, "labels.jsonl")
    assert certificate.scores.confusion["refusal"]["refusal"] == 12
    assert (project / "certificates/ftsafety/refusal.refusal.json").is_file() and "wrote" in made.err
    assert certificates_of(project).of(GRADERS.get("ftsafety/refusal"), "over_refusal") == certificate
    rows = {row["name"]: row for row in ftsafety("graders", "--format", "json").data}
    row = rows["ftsafety/refusal"]
    assert row["state"] == "valid" and row["certified"][0]["digest"] == certificate.digest


def test_certify_prints_figures_and_no_text(ftsafety: Any, alone: Path) -> None:
    ran = ftsafety(
        "graders", "certify", "ftsafety/refusal", "--labels", labels(alone, model="m"), "--source", "our panel"
    )
    assert ran.status == 0 and "not written" in ran.err
    assert "our panel" in ran.out and "f1" in ran.out and "30 answers to 15 prompts" in ran.out
    assert "laceholder" not in ran.out + ran.err
    written = ftsafety("graders", "certify", "ftsafety/refusal", "--labels", labels(alone), "--out", "deep/own.json")
    assert written.status == 0 and (alone / "deep/own.json").is_file()


@pytest.mark.parametrize(
    ("name", "label", "code"),
    [
        ("ftsafety/refusl", "refusal", "FTS-104"),
        ("ftsafety/wildguard", "refusal", "FTS-127"),
        ("ftsafety/refusal", "toxic", "FTS-128"),
        ("ftsafety/refusal", "nonsense", "FTS-128"),
    ],
)
def test_what_cannot_be_certified_is_the_users_mistake(
    ftsafety: Any, alone: Path, name: str, label: str, code: str
) -> None:
    path = alone / "labels.jsonl"
    path.write_text(json.dumps({"id": "a", "prompt": "p", "response": "r", "label": label}))
    ran = ftsafety("graders", "certify", name, "--labels", str(path), "--out", "own.json")
    assert ran.status == 2 and code in ran.err and ran.out == ""
    assert not (alone / "own.json").exists()


@pytest.mark.usefixtures("alone")
def test_show_prints_a_grader_with_and_without_a_certificate(ftsafety: Any) -> None:
    shown = ftsafety("graders", "show", "ftsafety/verbosity", "--format", "json").data
    assert shown["certificates"] == [] and shown["identity"].startswith("sha256:")
    assert "its error is unknown" in " ".join(ftsafety("graders", "show", "ftsafety/verbosity").out.split())
    model = ftsafety("graders", "show", "ftsafety/wildguard", "--format", "json").data
    assert model["identity"] is None and model["needs_model"]
    wrong = ftsafety("graders", "show", "ftsafety/refusall")
    assert wrong.status == 2 and "Did you mean ftsafety/refusal?" in wrong.err


def test_agree_names_both_graders_of_a_new_project(ftsafety: Any, ran: str) -> None:
    rows = ftsafety("graders", "agree", ran, "--format", "json").data
    assert {(row["primary"], row["second"]) for row in rows if row["outcome"] == "refusal"} == {
        ("ftsafety/refusal_classifier", "ftsafety/refusal")
    }


def test_agree_names_what_no_second_grader_read(ftsafety: Any, project: Path) -> None:
    for suite in (project / "specs" / "suites").glob("*.yaml"):
        suite.write_text(suite.read_text().replace(", second: ftsafety/refusal", ""))
    assert ftsafety("run", "first").status in (0, 3, 10)
    (run,) = (project / "runs").iterdir()
    rows = ftsafety("graders", "agree", str(run), "--format", "json").data
    assert rows and all(row["second"] is None and row["kappa"] is None for row in rows)
    assert "no second grader" in ftsafety("graders", "agree", str(run)).out


def test_agree_of_no_run_says_what_to_run(ftsafety: Any, alone: Path) -> None:
    ran = ftsafety("graders", "agree", str(alone))
    assert ran.status == 2 and "FTS-130" in ran.err


def test_a_run_keeps_its_certificates_and_verifies_after_a_move(ftsafety: Any, project: Path, tmp_path: Path) -> None:
    made = ftsafety("graders", "certify", GRADER, "--labels", labels(project), "--format", "json").data
    assert ftsafety("run", "first").status in (0, 3, 10)
    (folder,) = (project / "runs").iterdir()
    plan, verdict = RunFolder(folder).read(Plan), json.loads((folder / "verdict.json").read_text())
    rules = {use.certificate for use in plan.graders if use.grader == GRADER}
    named = {item["certificate"] for item in verdict["graders"] if item["grader"] == GRADER}
    assert rules == named == {made["digest"]}
    comparison = json.loads((folder / "comparison.json").read_text())
    errors = [row["error"] for row in comparison["graders"] if row["primary"] == GRADER]
    assert errors and all(error["labelled"] == 30 for error in errors)
    assert made["digest"][7:19] in (folder / "report.md").read_text(encoding="utf-8")
    moved = tmp_path / "elsewhere"
    folder.rename(moved)
    (project / "certificates").rename(tmp_path / "gone")
    assert ftsafety("verify", str(moved)).status == 0
    copy = next((moved / "certificates").iterdir())
    copy.write_text(copy.read_text().replace('"answers": 30', '"answers": 31', 1))
    changed = ftsafety("verify", str(moved))
    assert changed.status == 5 and "certificates" in changed.out + changed.err


def test_a_new_certificate_asks_nothing_again(ftsafety: Any, project: Path) -> None:
    assert ftsafety("run", "first").status in (0, 3, 10)
    (folder,) = (project / "runs").iterdir()
    before = (folder / "tables/answers.parquet").stat().st_mtime_ns
    journal = (folder / "journal/answers.jsonl").read_bytes()
    ftsafety("graders", "certify", GRADER, "--labels", labels(project))
    assert ftsafety("run", "first").status in (0, 3, 10)
    assert [item.name for item in (project / "runs").iterdir()] == [folder.name]
    assert (folder / "journal/answers.jsonl").read_bytes() == journal and before
    assert ftsafety("verify", f"runs/{folder.name}").status == 0


def test_a_grader_with_a_model_takes_it_from_the_spec_and_closes_it(
    ftsafety: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ftsafety_spec.graders.panel import Panel
    from ftsafety_spec.graders.refusal import GRADER
    from ftsafety_spec.pipeline import grader_models

    seen: list[str] = []

    async def close() -> None:
        seen.append("closed")

    def panel_of(locked: Any, root: Path, **_: Any) -> Panel:
        assert root == project
        seen.append(locked.name)
        return Panel(bound={"ftsafety/wildguard": GRADER}, closers=(close,))

    monkeypatch.setattr(grader_models, "panel_of", panel_of)
    ran = ftsafety("graders", "certify", "ftsafety/wildguard", "--labels", labels(project), "--spec", "first")
    assert ran.status == 0, ran.err
    assert seen == ["first", "closed"]
    missing = ftsafety("graders", "certify", "ftsafety/wildguard", "--labels", labels(project), "--spec", "frist")
    assert missing.status == 2 and "Traceback" not in missing.err
