"""A reader that goes away early is no fault: `ftsafety … | head -1`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_reader_that_goes_away_is_not_status_one(project: Path) -> None:
    command = [sys.executable, "-m", "ftsafety_spec", "show", "first", "--origins"]
    ran = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert ran.stdout is not None and ran.stderr is not None
    ran.stdout.close()
    errors = ran.stderr.read()
    ran.stderr.close()
    assert ran.wait(60) == 141, errors
    assert errors == b""


def test_printing_the_list_of_policies_to_a_closed_pipe_is_neither(project: Path) -> None:
    command = [sys.executable, "-m", "ftsafety_spec", "policies"]
    ran = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert ran.stdout is not None and ran.stderr is not None
    ran.stdout.close()
    errors = ran.stderr.read()
    ran.stderr.close()
    assert ran.wait(60) == 141, errors
