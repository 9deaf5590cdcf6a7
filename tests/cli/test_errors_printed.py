"""How mistakes are printed: place, message, hint, code, source; and what becomes of faults and signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.cli import main as main_module
from ftsafety_spec.cli.crash import crash_error
from ftsafety_spec.cli.errors import error_json, problem_text, shorter
from ftsafety_spec.errors import (
    EngineError,
    FtsafetyError,
    IncompleteError,
    InputError,
    Problem,
    VerificationError,
    Where,
)

ESCAPE = "\x1b[31mred\x1b[0m\x9b2J\u202eevil"


def raising(error: BaseException) -> Any:
    def run(*_: object, **__: object) -> None:
        raise error

    return run


def test_a_problem_names_place_key_message_hint_and_code() -> None:
    problem = Problem("FTS-104", "no such benchmark: 'x'.", Where("specs/a.yaml", 7, 14, "suites.a"), "Did you mean y?")
    assert problem_text(problem) == (
        "specs/a.yaml:7:14  suites.a: no such benchmark: 'x'. Did you mean y? See FTS-104."
    )


def test_a_bare_source_line_gets_its_number_and_a_caret_under_the_column() -> None:
    problem = Problem("FTS-106", "wrong.", Where("a.yaml", 12, 5), snippet="ab: cd")
    assert problem_text(problem).splitlines()[1:] == ["  12 | ab: cd", "     |     ^"]


def test_a_drawn_snippet_is_printed_as_it_is() -> None:
    problem = Problem("FTS-106", "wrong.", Where("a.yaml", 2, 1), snippet=">    2 | b: 1\n       | ^")
    assert problem_text(problem).splitlines()[1:] == ["    >    2 | b: 1", "           | ^"]


def test_control_characters_of_a_file_never_reach_the_terminal() -> None:
    problem = Problem("FTS-106", ESCAPE, Where("a.yaml", 1, 1, ESCAPE), ESCAPE, ESCAPE)
    shown = problem_text(problem)
    assert "red" in shown and "evil" in shown
    assert not set(shown) & {"\x1b", "\x9b", "\u202e"}


def test_a_path_is_shown_as_seen_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shorter(str(tmp_path / "specs" / "a.yaml")) == str(Path("specs/a.yaml"))
    assert shorter("specs/a.yaml") == "specs/a.yaml"
    assert shorter(None) is None
    assert shorter("/x") == "/x", "a way over many .. is no shorter"


def test_json_problems_keep_null_for_what_is_not_known() -> None:
    data = error_json(InputError("wrong.", code="FTS-107", where=Where(key="title")))
    assert data["exit"] == 2
    assert data["problems"] == [
        {
            "code": "FTS-107",
            "name": "missing-key",
            "message": "wrong.",
            "hint": None,
            "file": None,
            "line": None,
            "column": None,
            "key": "title",
            "snippet": None,
        }
    ]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("x."), 2),
        (IncompleteError("x."), 4),
        (VerificationError("x."), 5),
        (EngineError("x."), 1),
        (FtsafetyError("x."), 1),
        (KeyboardInterrupt(), 130),
        (ValueError("x"), 1),
        (RecursionError("x"), 1),
        (MemoryError(), 1),
        (AssertionError(), 1),
    ],
)
def test_each_error_has_its_exit_status_and_none_passes_for_a_verdict(
    ftsafety: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: BaseException, status: int
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(main_module.cli, "main", raising(error))
    ran = ftsafety("run", "x")
    assert ran.status == status
    assert ran.status not in (0, 3, 10)
    assert "Traceback" not in ran.err + ran.out


def test_a_fault_is_one_line_that_names_the_file_with_the_traceback(
    ftsafety: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(main_module.cli, "main", raising(ZeroDivisionError("by\nnought")))
    ran = ftsafety("run", "x", "seed=1")
    assert len(ran.err.splitlines()) == 1
    assert "ZeroDivisionError: by" in ran.err and "FTS-141" in ran.err
    (crash,) = (tmp_path / ".ftsafety").glob("crash-*.txt")
    assert str(crash) in ran.err
    text = crash.read_text()
    assert "Traceback" in text and "seed=1" in text and "ZeroDivisionError" in text


def test_a_crash_file_finds_another_place_where_the_project_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    error = crash_error(ValueError("x"), ["run"], root=blocked)
    assert "crash-" in str(error) and str(blocked) not in str(error)


PROGRAM = """
import os, signal, sys, time
from ftsafety_spec.cli import main as module
from ftsafety_spec.cli.signals import finishing

stopped = []

def work(*_, **__):
    with finishing(stopped.append) as halt:
        os.kill(os.getpid(), signal.{first})
        time.sleep(0.05)
        {then}
    print("reasons", len(stopped), "status", halt.status)
    return halt.status

module.cli.main = work
sys.exit(module.main(["run", "x"]))
"""


def run_program(tmp_path: Path, first: str, then: str = "pass") -> subprocess.CompletedProcess[str]:
    code = textwrap.dedent(PROGRAM).format(first=first, then=then)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, env=environment)


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_the_first_signal_lets_what_is_in_flight_finish(tmp_path: Path, name: str, status: int) -> None:
    ran = run_program(tmp_path, name)
    assert ran.returncode == status
    assert f"reasons 1 status {status}" in ran.stdout
    assert "finishing what is in flight; Ctrl-C again to stop at once" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_the_second_signal_stops_at_once(tmp_path: Path, name: str, status: int) -> None:
    ran = run_program(tmp_path, "SIGINT", f"os.kill(os.getpid(), signal.{name}); time.sleep(5)")
    assert ran.returncode == status
    assert "reasons" not in ran.stdout
    assert "Traceback" not in ran.stderr


def test_sigterm_outside_of_a_measurement_stops_at_once(tmp_path: Path) -> None:
    code = textwrap.dedent(
        """
        import os, signal, sys, time
        from ftsafety_spec.cli import main as module
        def work(*_, **__):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        module.cli.main = work
        sys.exit(module.main(["run", "x"]))
        """
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 128 + signal.SIGTERM and "Traceback" not in ran.stderr
