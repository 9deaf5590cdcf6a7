"""From a new project on recorded answers to a verdict, command by command, as a user would type it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.records.verdict import EXIT

LOOSE = """defaults:
  - ftsafety/default@_here_
  - _self_
title: For tests
owner: o
rules: {sufficient: {session: null}}
"""


@pytest.mark.usefixtures("project")
def test_run_ends_with_the_status_of_its_verdict_and_three_reports(ftsafety: Any) -> None:
    done = ftsafety("run", "specs/first.yaml", "--format", "json")
    assert done.status == 3, done.err
    ran, verdict = done.data, done.data["verdict"]
    assert (verdict["action"], verdict["decision"], verdict["exit"]) == ("insufficient", "pending", 3)
    assert [Path(path).suffix for path in ran["reports"]] == [".html", ".md", ".json"]
    assert all(Path(path).stat().st_size > 500 for path in ran["reports"])


def test_run_prints_decision_reasons_what_is_missing_reports_and_the_next_command(project: Path, ftsafety: Any) -> None:
    done = ftsafety("run", "first")
    assert done.status == 3
    assert done.out.startswith("PENDING  action insufficient")
    for title in ("Why", "Owed", "Missing", "Reports", "Next"):
        assert f"\n{title}\n" in done.out
    assert "  1. " in done.out and "  3. " in done.out and "  4. " not in done.out
    (folder,) = (project / "runs").iterdir()
    assert f"ftsafety verify runs/{folder.name}" in done.out
    assert "60 calls" in done.err and "60 answered" in done.err, "progress goes to stderr"


def test_no_prompt_and_no_answer_is_ever_printed(project: Path, ftsafety: Any) -> None:
    texts = [json.loads(line)["prompt"] for line in (project / "data/domain.jsonl").read_text().splitlines()]
    answers = ["I'm sorry, but I can't", "[placeholder of an answer"]
    for arguments in (("plan", "first"), ("run", "first")):
        done = ftsafety(*arguments)
        shown = done.out + done.err
        assert [number for number, text in enumerate([*texts, *answers]) if text in shown] == []


def test_run_again_asks_nothing_and_finds_the_same_folder(ran: str, ftsafety: Any) -> None:
    again = ftsafety("run", "first", "--format", "json")
    assert Path(again.data["run"]).resolve() == Path(ran).resolve()
    assert "nothing is asked" in again.err


def test_each_stage_can_be_run_again_from_the_file_before_it(ran: str, ftsafety: Any) -> None:
    folder = ran
    assert ftsafety("measure", folder).status == 0
    compared = ftsafety("compare", folder)
    assert compared.status == 0 and "refusal" in compared.out and f"ftsafety gate {folder}" in compared.out
    assert ftsafety("gate", folder).status == 3
    written = ftsafety("report", folder, "--as", "json,html")
    assert written.status == 0 and len(written.out.split()) == 2
    verified = ftsafety("verify", folder)
    assert verified.status == 0, verified.out
    assert verified.out.rstrip().endswith("verified") and "FAILED" not in verified.out


def test_stages_speak_json(ran: str, ftsafety: Any) -> None:
    folder = ran
    assert ftsafety("compare", folder, "--format", "json").data["schema"] == "ftsafety/comparison@1"
    gated = ftsafety("gate", folder, "--format", "json")
    assert gated.data["schema"] == "ftsafety/verdict@1" and gated.data["exit"] == gated.status
    assert ftsafety("report", folder, "--as", "json", "--format", "json").data["reports"]
    assert ftsafety("verify", folder, "--format", "json").data["ok"] is True
    assert ftsafety("measure", folder, "--format", "json").data["next"] == f"ftsafety compare {folder}"


def test_a_changed_verdict_is_noticed(ran: str, ftsafety: Any) -> None:
    path = Path(ran) / "verdict.json"
    path.write_text(path.read_text().replace('"insufficient"', '"deploy"'))
    done = ftsafety("verify", ran)
    assert done.status == 5 and "verdict" in done.out + done.err


def test_gate_judges_at_another_date(ran: str, ftsafety: Any) -> None:
    done = ftsafety("gate", ran, "--at", "2031-01-01", "--format", "json")
    assert done.data["as_of"].startswith("2031-01-01")


def test_gate_judges_by_another_policy_and_keeps_the_own_verdict(ran: str, ftsafety: Any) -> None:
    Path("policies/loose.yaml").write_text(LOOSE)
    own = (Path(ran) / "verdict.json").read_bytes()
    done = ftsafety("gate", ran, "--policy", "loose")
    assert "policy loose@" in done.out and "looser than the built-in policy" in done.out
    assert (Path(ran) / "verdict.json").read_bytes() == own


def test_a_verdict_under_another_policy_is_explained_and_reported_beside_the_own_one(ran: str, ftsafety: Any) -> None:
    Path("policies/loose.yaml").write_text(LOOSE)
    missing = ftsafety("explain", ran, "--policy", "loose")
    assert missing.status == 2 and "FTS-130" in missing.err and f"ftsafety gate {ran} --policy loose" in missing.err
    ftsafety("gate", ran, "--policy", "loose")
    own = {path.name: path.read_bytes() for path in Path(ran).glob("report.*")}
    told = [ftsafety("explain", ran, *more, "--format", "json").data["verdict"] for more in ((), ("--policy", "loose"))]
    assert [item["policy"] for item in told] == ["own", "loose"]
    written = ftsafety("report", ran, "--policy", "loose", "--format", "json").data["reports"]
    assert {Path(path).parent for path in written} == {Path(ran) / "policies" / "loose"} and len(written) == 3
    for path in written[:2]:
        assert "The verdict on this run is that of its own policy, own" in Path(path).read_text()
        assert "Judged by another policy" not in (Path(ran) / Path(path).name).read_text()
    assert {path.name: path.read_bytes() for path in Path(ran).glob("report.*")} == own
    assert ftsafety("verify", ran).status == 0
    assert ftsafety("report", ran, "--policy", "own", "--format", "json").data["reports"][0] == f"{ran}/report.html"


def test_a_verdict_by_a_policy_that_is_not_the_required_one_is_refused(ran: str, ftsafety: Any) -> None:
    done = ftsafety("gate", ran, "--require-policy", "ftsafety/default")
    assert done.status == 2 and "FTS-114" in done.err
    digest = json.loads((Path(ran) / "verdict.json").read_text())["policy"]["digest"]
    assert ftsafety("gate", ran, "--require-policy", f"own@{digest}").status == 3


@pytest.mark.parametrize("command", ["measure", "compare", "gate", "report", "verify"])
def test_a_folder_that_is_no_run_is_the_users_mistake(project: Path, ftsafety: Any, command: str) -> None:
    done = ftsafety(command, str(project / "nowhere"))
    assert done.status == 2 and "FTS-130" in done.err and "ftsafety run" in done.err


def test_plan_writes_nothing_and_names_what_will_be_missing(project: Path, ftsafety: Any) -> None:
    done = ftsafety("plan", "first", "repeats=2")
    assert done.status == 0
    assert "120 calls" in done.out and "sufficient.paired" in done.out and "NO" in done.out
    assert "What it can show" in done.out and "ftsafety run first" in done.out
    assert not (project / "runs").exists()
    assert ftsafety("plan", "first", "--format", "json").data["schema"] == "ftsafety/plan@1"


@pytest.mark.usefixtures("ran")
def test_what_changed_since_the_last_run_is_said(ftsafety: Any) -> None:
    answers = Path("answers/tuned.jsonl")
    answers.write_text(answers.read_text().replace("placeholder-tuned", "placeholder-other"))
    done = ftsafety("run", "first")
    assert "changed since the last run: tuned" in done.err


@pytest.mark.usefixtures("ran")
def test_overrides_are_printed_with_the_verdict(ftsafety: Any) -> None:
    done = ftsafety("run", "first", "risk.exposure=public")
    assert "risk.exposure=public" in done.out
    assert ftsafety("run", "first", "risk.exposure=public", "--locked").status == 2


def test_shards_are_measured_apart_and_joined(project: Path, ftsafety: Any) -> None:
    for shard in ("1/2", "2/2"):
        done = ftsafety("run", "first", "--shard", shard, "--out", f"part-{shard[0]}", "--format", "json")
        assert done.status == 0 and done.data["verdict"] is None
    assert not (project / "part-1/verdict.json").exists(), "one shard gets no verdict"
    assert ftsafety("gate", "part-1").status == 2
    merged = ftsafety("merge", "whole", "part-1", "part-2")
    assert merged.status == 0 and "ftsafety compare whole" in merged.out
    assert ftsafety("compare", "whole").status == 0
    assert ftsafety("gate", "whole").status == 3


@pytest.mark.parametrize("decision", EXIT)
def test_the_three_decisions_have_three_statuses(decision: str) -> None:
    assert {"go": 0, "pending": 3, "no_go": 10}[decision] == EXIT[decision]  # type: ignore[index]
