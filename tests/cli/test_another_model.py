"""R-53: a provider that serves another model under the same name is noticed before answers are mixed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.local_api import FineTuningJob, LocalApi

from ftsafety_spec.cli.main import main
from ftsafety_spec.measure.canaries import PROMPTS

SPEC = """defaults: [suites@suites.own: own, _self_]
title: Far away
owner: o
policy: ftsafety/default
models:
  base:  {provider: far, model: base-2025-01-01}
  tuned: {provider: far, job: ftjob-1, deploy: true}
"""
MORE = ("suites.own.tasks.own.limit=6",)


@pytest.fixture
def api() -> Iterator[LocalApi]:
    job = FineTuningJob(model="base-2025-01-01", fine_tuned_model="ft:base-2025-01-01:acme::tuned")
    with LocalApi(jobs={"ftjob-1": job}) as server:
        yield server


@pytest.fixture(autouse=True)
def project(tmp_path: Path, api: LocalApi, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("specs/suites", "providers"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "specs/far.yaml").write_text(SPEC)
    (tmp_path / "specs/suites/own.yaml").write_text(
        "title: own\nrevised: 2026-11-01\ngraders: {refusal: {primary: ftsafety/refusal}}\n"
        "tasks: {own: {prompts: own.jsonl, kind: harmful, area: fraud}}\n"
    )
    (tmp_path / "providers/far.yaml").write_text(f"title: far\nkind: openai\nbase_url: {api.base_url}\nretries: 0\n")
    rows = [{"id": f"p{n}", "prompt": f"Placeholder request number {n}."} for n in range(8)]
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "placeholder")
    for name in ("FTSAFETY_DATA", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*options: str) -> int:
    return main(["run", "far", *options])


def canaries_asked(api: LocalApi) -> int:
    return sum(api.requests[prompt] for prompt in PROMPTS)


def test_the_same_model_is_asked_its_fixed_prompts_and_goes_on(api: LocalApi, project: Path) -> None:
    assert run(*MORE) in (3, 10)
    assert canaries_asked(api) == 2 * 2 * len(PROMPTS)
    kept = [json.loads(line) for path in project.rglob("journal/canaries.jsonl") for line in path.open()]
    assert [row["fingerprints"] for row in kept] == [["fp_placeholder"], ["fp_placeholder"]]
    assert run() in (3, 10)
    assert max(api.requests[f"Placeholder request number {n}."] for n in range(8)) == 2, "nothing is asked twice"


@pytest.mark.parametrize("changed", ["fingerprint", "answers"])
def test_another_model_is_not_mixed_with_the_one_before(
    api: LocalApi, changed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*MORE) in (3, 10)
    if changed == "fingerprint":
        api.fingerprint = "fp_other"
    else:
        api.answer = lambda model, prompt: f"Another answer to {len(prompt)} letters from {model}."
    capsys.readouterr()
    assert run() == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "FTS-135" in said and "--forget" in said
    assert ("fp_other and gave fp_placeholder" if changed == "fingerprint" else "fixed prompts are answered") in said
    assert run("--forget", "--out", "runs/anew") in (3, 10)
    assert run() in (3, 10), "what was asked anew is gone on from"


def test_report_and_plan_say_whose_model_it_is_and_how_long_its_answers_count(
    api: LocalApi, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--out", "runs/one") in (3, 10)
    report = (project / "runs/one/report.md").read_text()
    assert "Whose model answered" in report and "fp\\_placeholder" in report and "none given" not in report
    old = (datetime.now(UTC) - timedelta(days=91)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for path in project.glob(".ftsafety/store/*/*.jsonl"):
        path.write_text(re.sub(r'"at":"[^"]*"', f'"at":"{old}"', path.read_text()))
    capsys.readouterr()
    assert main(["plan", "far"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "fingerprint fp_placeholder" in said and "8 earlier answers are too old" in said
    assert "16 calls (0 answered before)" in said
    assert api.fetched["file-ftjob-1"] == 1, "the second plan downloads nothing"
