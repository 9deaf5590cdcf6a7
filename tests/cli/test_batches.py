"""`batch: true` asks by the provider's batch API: half the price, and nothing twice, whatever happens on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.local_api import FineTuningJob, LocalApi, of_the_run

from ftsafety_spec.cli.main import main
from ftsafety_spec.measure.halt import FAILS_AT_FIRST, Halt, Purse
from ftsafety_spec.measure.progress import Stop
from ftsafety_spec.providers import kept_batches
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.spec.spec import Budget

PROMPTS = 12
SPEC = """defaults: [suites@suites.own: own, _self_]
title: By batch
owner: o
policy: ftsafety/default
models:
  base:  {provider: far, model: base-2025-01-01}
  tuned: {provider: far, job: ftjob-1, deploy: true}
batch: true
"""


@pytest.fixture
def api() -> Iterator[LocalApi]:
    job = FineTuningJob(model="base-2025-01-01", fine_tuned_model="ft:base-2025-01-01:acme::tuned")
    with LocalApi(jobs={"ftjob-1": job}) as server:
        yield server


@pytest.fixture
def project(tmp_path: Path, api: LocalApi, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("specs/suites", "providers"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "specs/far.yaml").write_text(SPEC)
    (tmp_path / "specs/suites/own.yaml").write_text(
        "title: own\nrevised: 2026-11-01\ngraders: {refusal: {primary: ftsafety/refusal}}\n"
        "tasks: {own: {prompts: own.jsonl, kind: harmful, area: fraud}}\n"
    )
    (tmp_path / "providers/far.yaml").write_text(
        f"title: far\nkind: openai\nbase_url: {api.base_url}\nprices: {{input: 1000, output: 1000}}\n"
    )
    rows = [{"id": f"p{n}", "prompt": f"Placeholder request number {n}."} for n in range(PROMPTS)]
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "placeholder")
    monkeypatch.setattr(kept_batches, "QUIET", 0.2)
    for name in ("FTSAFETY_DATA", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def start() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ftsafety_spec", "run", "far"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))


def wait_for(what: Any) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def states(project: Path) -> Counter[str]:
    """Rows of the run's table by state."""
    (run,) = (project / "runs").iterdir()
    return Counter(row["state"] for row in RunFolder(run).rows("answers"))


def reasons(project: Path) -> set[str]:
    (run,) = (project / "runs").iterdir()
    return {row["reason"] for row in RunFolder(run).rows("answers") if row["state"] == "error"}


def kept(project: Path) -> list[dict[str, Any]]:
    """The batches that were written down."""
    return [json.loads(path.read_text()) for path in (project / ".ftsafety/store/batches").glob("*.json")]


def test_a_killed_process_waits_for_the_same_batch_and_nothing_is_asked_twice(project: Path, api: LocalApi) -> None:
    api.batches.held = True
    running = start()
    wait_for(lambda: len([one for one in kept(project) if one["batch"]]) == 2)
    running.send_signal(signal.SIGKILL)
    running.wait(30)
    assert len(api.batches.made) == 2 and api.batched.total() == 0, "base and tuned wait side by side"
    api.batches.held = False
    assert main(["run", "far"]) in (3, 10)
    assert len(api.batches.made) == 2 and len(api.batches.files) == 4
    assert set(api.batched.values()) == {2} and api.batched.total() == 2 * PROMPTS
    assert of_the_run(api.requests) == 0 and states(project) == {"ok": 2 * PROMPTS}


def test_half_the_price_is_counted_and_rows_that_fail_are_errors_that_are_asked_again(
    project: Path, api: LocalApi
) -> None:
    api.batches.fail_every = 4
    main(["run", "far"])
    assert states(project) == {"ok": 2 * PROMPTS * 3 // 4, "error": 2 * PROMPTS // 4}
    (reason,) = reasons(project)
    assert "500" in reason and len(api.batches.made) == 2, "a failed row is not sent again by itself"
    api.batches.fail_every = None
    assert main(["run", "far"]) in (3, 10)
    assert states(project) == {"ok": 2 * PROMPTS}
    assert [batch.total for batch in api.batches.made.values()] == [PROMPTS, PROMPTS, PROMPTS // 4, PROMPTS // 4]
    (run,) = (project / "runs").iterdir()
    folder, plan = RunFolder(run), RunFolder(run).read(Plan)
    paid = [(float(row["usd"]), row["tokens_in"] + row["tokens_out"]) for row in folder.rows("answers")]
    assert all(usd == pytest.approx(tokens * 0.0005) for usd, tokens in paid) and len(paid) == 2 * PROMPTS
    for job in plan.jobs:
        assert job.usd is not None and float(job.usd) == pytest.approx((job.tokens_in + job.tokens_out) * 0.0005)
    assert plan.estimate.seconds is not None and plan.estimate.seconds[1] > 24 * 3600
    assert plan.stopping is not None and plan.stopping.looks == (1.0,)


def test_a_provider_without_a_batch_api_is_refused_before_anything_is_asked(
    project: Path, api: LocalApi, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "providers/far.yaml").write_text(f"title: f\nkind: openai_compatible\nbase_url: {api.base_url}\n")
    spec = project / "specs/far.yaml"
    spec.write_text(spec.read_text().replace("job: ftjob-1", "model: tuned-2025-01-01"))
    assert main(["plan", "far"]) == 2
    assert "batch: base cannot be asked by a batch API" in capsys.readouterr().err and api.requests.total() == 0


def test_many_rows_in_a_row_without_an_answer_are_error_rows(project: Path, api: LocalApi) -> None:
    rows = [{"id": f"p{n}", "prompt": f"Placeholder request number {n}."} for n in range(110)]
    (project / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    api.batches.ends_as, api.batches.only = "expired", 2
    assert main(["run", "far"]) == 3
    assert states(project) == {"ok": 4, "error": 216}
    assert all("expired" in reason for reason in reasons(project))


def test_batches_without_any_answer_are_the_engines_fault() -> None:
    for answered in (0, 1):
        halt = Halt(Stop(), Purse(Budget(), lambda: 0.0), by_batch=True)
        for _ in range(FAILS_AT_FIRST):
            halt.failure("placeholder reason")
        for _ in range(answered):
            halt.success()
        halt.all_in()
        assert (halt.why == "fault") is (answered == 0)


def test_a_conversation_goes_on_turn_by_turn_in_batches(project: Path, api: LocalApi) -> None:
    rows = [{"id": f"p{n}", "prompt": f"First request {n}.", "turns": [f"Second request {n}."]} for n in range(3)]
    (project / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    suite = project / "specs/suites/own.yaml"
    suite.write_text(suite.read_text().replace("kind: harmful", "kind: conversation"))
    assert main(["run", "far"]) in (3, 10)
    assert states(project) == {"ok": 12}
    assert [batch.total for batch in api.batches.made.values()] == [3, 3, 3, 3]
