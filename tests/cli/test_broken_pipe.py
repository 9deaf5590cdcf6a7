"""A reader that goes away early is no fault: `ftsafety … | head -1`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("typed", [("show", "first", "--origins"), ("policies",)])
def test_a_reader_that_goes_away_is_not_status_one(project: Path, typed: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "ftsafety_spec", *typed]
    ran = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert ran.stdout is not None and ran.stderr is not None
    ran.stdout.close()
    errors = ran.stderr.read()
    ran.stderr.close()
    assert ran.wait(60) == 141, errors
    assert errors == b""
