"""`ftsafety console`: prints one address, serves, ends cleanly at Ctrl-C, warns where others can reach it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ftsafety_spec.cli.main import main

COMMAND = [sys.executable, "-m", "ftsafety_spec", "console", "--no-open"]


@contextmanager
def started(project: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A console in a process of its own, and its address."""
    with subprocess.Popen(
        [*COMMAND, *options],
        cwd=project,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_it_serves_one_address_and_ends_cleanly(project: Path, number: int, status: int) -> None:
    with started(project) as (process, address):
        assert address.startswith("http://127.0.0.1:") and "/?token=" in address
        with urllib.request.urlopen(address, timeout=20) as answer:
            assert answer.status == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == status
    assert out == ""
    assert "Traceback" not in err and address not in err
    assert "warning" not in err


def test_the_address_comes_as_json_as_well(project: Path) -> None:
    with started(project, "--format", "json") as (process, first):
        assert process.stdout is not None
        lines = [first]
        while lines[-1].strip() != "}":
            lines.append(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    data = json.loads("".join(lines))
    assert data["address"].startswith(f"http://127.0.0.1:{data['port']}/?token=")


def test_beyond_loopback_it_warns(project: Path) -> None:
    with started(project, "--host", "0.0.0.0") as (process, _):
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert "warning: 0.0.0.0 can be reached from other machines" in err


def test_a_port_that_is_taken_is_an_error_of_the_user(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert main(["console", "--no-open", "--port", str(other.getsockname()[1])]) == 2
    assert "FTS-115" in capsys.readouterr().err


def test_outside_of_a_project_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["console", "--no-open"]) == 2
    assert "FTS-113" in capsys.readouterr().err
