"""Runs commands in this process and keeps what they print."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.cli.main import main


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


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ftsafety: Command) -> Path:
    """A project made by `ftsafety init --template recorded`; the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FTSAFETY_DATA", raising=False)
    made = ftsafety("init", "--template", "recorded")
    assert made.status == 0, made.err
    return tmp_path
