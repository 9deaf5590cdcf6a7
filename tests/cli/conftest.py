"""Runs commands in this process and keeps what they print."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.cli.main import main

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tests/support


@dataclass(frozen=True)
class Ran:
    """Exit status and what went to stdout and stderr."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """stdout as JSON."""
        return json.loads(self.out)


Command = Callable[..., Ran]


@pytest.fixture
def ftsafety(capsys: pytest.CaptureFixture[str]) -> Command:
    """`ftsafety("validate", "first")` as if typed."""

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        status = main(arguments)
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose spec was run once; copied by `ran`, never changed."""
    folder = tmp_path_factory.mktemp("judged")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("FTSAFETY_DATA", raising=False)
        assert main(["init", "--template", "recorded"]) == 0
        assert main(["run", "first"]) == 3
    return folder


@pytest.fixture
def ran(judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The run folder of a judged project, as seen from the working folder."""
    home = tmp_path / "judged"
    shutil.copytree(judged, home)
    monkeypatch.chdir(home)
    monkeypatch.delenv("FTSAFETY_DATA", raising=False)
    (folder,) = (home / "runs").iterdir()
    return f"runs/{folder.name}"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ftsafety: Command) -> Path:
    """A project made by `ftsafety init --template recorded`; the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FTSAFETY_DATA", raising=False)
    made = ftsafety("init", "--template", "recorded")
    assert made.status == 0, made.err
    return tmp_path
