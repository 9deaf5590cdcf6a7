"""What `run` says and returns when a measurement ends before its time."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec import pipeline
from ftsafety_spec.measure import Measured


def measured(complete: bool, stopped_by: Any = None, errors: int = 0) -> Measured:
    return Measured(complete, 1, 0, errors, stopped_by, "")


def ending(monkeypatch: pytest.MonkeyPatch, result: Any, before: Any = lambda: None) -> None:
    """Let the measurement end so."""

    def measure_run(*_: object, **__: object) -> Measured:
        before()
        if isinstance(result, BaseException):
            raise result
        assert isinstance(result, Measured)
        return result

    monkeypatch.setattr(pipeline, "measure_run", measure_run)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_after_a_signal_the_way_to_go_on_is_said(
    ftsafety: Any, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    ending(monkeypatch, measured(False, "user"), before=lambda: os.kill(os.getpid(), number))
    ran = ftsafety("run", "first", "title=two words")
    assert ran.status == status and ran.out == ""
    assert "To go on: ftsafety run first 'title=two words'" in ran.err


@pytest.mark.usefixtures("project")
def test_a_second_ctrl_c_says_it_as_well(ftsafety: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, KeyboardInterrupt())
    ran = ftsafety("run", "first")
    assert ran.status == 130 and "To go on: ftsafety run first" in ran.err


def test_a_run_that_stopped_itself_is_incomplete_and_gets_no_verdict(
    project: Path, ftsafety: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending(monkeypatch, measured(False, "budget"))
    ran = ftsafety("run", "first")
    assert ran.status == 4 and "FTS-140" in ran.err and "budget" in ran.err
    assert "ftsafety run first" in ran.err
    assert not list(project.glob("runs/*/verdict.json"))


@pytest.mark.usefixtures("project")
def test_calls_without_an_answer_are_counted_aloud(ftsafety: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, measured(False, None, errors=3))
    ran = ftsafety("run", "first")
    assert ran.status == 4 and "3 calls gave no answer" in ran.err
