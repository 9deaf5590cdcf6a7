"""A real `ftsafety run` against a slow server, stopped by signals and taken up again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.local_api import LocalApi, of_the_run

from ftsafety_spec.cli.main import main

PROMPTS = 30
SPEC = """defaults: [suites@suites.own: own, _self_]
title: Against a slow server
owner: o
policy: ftsafety/default
models:
  base:  {provider: slow, model: base-1}
  tuned: {provider: slow, model: tuned-1, deploy: true}
"""


@pytest.fixture
def api() -> Iterator[LocalApi]:
    with LocalApi(delay=0.2) as server:
        yield server


@pytest.fixture
def project(tmp_path: Path, api: LocalApi) -> Path:
    """A project of 60 calls, two at a time: six seconds if nobody stops it."""
    for folder in ("specs/suites", "providers"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "specs/slow.yaml").write_text(SPEC)
    (tmp_path / "specs/suites/own.yaml").write_text(
        "title: own\nrevised: 2026-11-01\ngraders: {refusal: {primary: ftsafety/refusal}}\n"
        "tasks: {own: {prompts: own.jsonl, kind: harmful, area: fraud}}\n"
    )
    (tmp_path / "providers/slow.yaml").write_text(
        f"title: slow\nkind: openai_compatible\nbase_url: {api.base_url}\nconcurrency: 2\n"
    )
    rows = [{"id": f"p{n}", "prompt": f"Placeholder request number {n}."} for n in range(PROMPTS)]
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def start(project: Path) -> subprocess.Popen[str]:
    """`ftsafety run slow`, with its output kept."""
    command = [sys.executable, "-m", "ftsafety_spec", "run", "slow"]
    environment = {name: value for name, value in os.environ.items() if name != "FTSAFETY_DATA"}
    return subprocess.Popen(
        command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def wait_for_answers(api: LocalApi, n: int) -> None:
    end = time.monotonic() + 60
    while of_the_run(api.answered) < n:
        assert time.monotonic() < end, "the run never began"
        time.sleep(0.02)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_one_signal_finishes_what_is_in_flight_and_the_same_command_goes_on(
    project: Path,
    api: LocalApi,
    number: signal.Signals,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    running = start(project)
    wait_for_answers(api, 4)
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == status, err
    assert out == "" and "Traceback" not in err
    assert "finishing what is in flight; Ctrl-C again to stop at once" in err
    assert "To go on: ftsafety run slow" in err
    before = of_the_run(api.answered)
    assert before < 2 * PROMPTS, "it stopped before the end"
    api.delay = 0.0
    monkeypatch.chdir(project)
    monkeypatch.delenv("FTSAFETY_DATA", raising=False)
    assert main(["run", "slow"]) in (3, 10), "a verdict, whatever it is"
    assert of_the_run(api.answered) == 2 * PROMPTS, "nothing is asked twice"
    assert "Against a slow server" in capsys.readouterr().out


def test_two_signals_stop_at_once(project: Path, api: LocalApi) -> None:
    running = start(project)
    wait_for_answers(api, 4)
    running.send_signal(signal.SIGINT)
    time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "Traceback" not in err and "To go on: ftsafety run slow" in err
