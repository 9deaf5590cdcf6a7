"""examples/recorded, judged: answers made from the benchmark data in a folder of its own, then measured and judged as
a user would. Without FTSAFETY_DATA the tests that use it are skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from ftsafety_spec.measure import Stop
from ftsafety_spec.pipeline import Options, compare_run, gate_run, measure_run, prepare
from ftsafety_spec.records.folder import RunFolder

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recorded"
MODELS = ("gemma-2b-it", "llama-2-7b-chat-hf", "meta-llama-3-8b-instruct")
DATA = os.environ.get("FTSAFETY_DATA")
NEEDS_DATA = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA, reason="FTSAFETY_DATA, the folder of benchmark data, is not set"),
]


class Silent:
    """A progress display that shows nothing."""

    def __getattr__(self, name: str) -> object:
        return lambda *_, **__: None


def made_project(root: Path) -> Path:
    """The example with its answers made from the benchmark data, in a folder of its own."""
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("runs", "answers", ".ftsafety"))
    subprocess.run([sys.executable, str(root / "prepare.py"), "--data", str(DATA)], check=True, capture_output=True)
    return root


def judged(project: Path, model: str, *overrides: str) -> RunFolder:
    """A run of one model's spec, with its verdict."""
    data = Path(str(DATA))
    folder = prepare(str(project / "specs" / f"{model}.yaml"), Options(overrides=overrides, data=data)).folder
    assert measure_run(folder, data=data, progress=Silent(), stop=Stop()).complete  # type: ignore[arg-type]
    compare_run(folder)
    gate_run(folder, as_of=date(2026, 11, 24))
    return folder
