"""`--help` and `validate` start fast: they import no engine, and take at most half of `import inspect_ai`."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "bench" / "startup.py"


@pytest.fixture(scope="module")
def startup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_startup", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def imported(folder: Path, *arguments: str) -> set[str]:
    """Top-level modules that a command has loaded when it ends."""
    code = (
        "import sys\nfrom ftsafety_spec.cli.main import main\n"
        f"status = main({list(arguments)!r})\nassert status == 0, status\n"
        "print('MODULES', *sorted({name.split('.')[0] for name in sys.modules}))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.rsplit("MODULES ", 1)[1].split())


def test_help_and_validate_take_at_most_half_of_importing_inspect(startup: Any, tmp_path: Path) -> None:
    for runs in (2, 4, 8, 16):  # a noisy machine is judged on more rounds
        took = startup.measure(tmp_path, runs=runs)
        if max(took["--help"], took["validate"]) <= 0.5 * took["import inspect_ai"]:
            break
    whole = took["import inspect_ai"]
    assert took["--help"] <= 0.5 * whole, took
    assert took["validate"] <= 0.5 * whole, took


@pytest.mark.parametrize(
    "arguments", [("--help",), ("validate",), ("show", "first"), ("suites",), ("graders",), ("policies",)]
)
def test_no_engine_is_imported_to_read_text(startup: Any, project: Path, arguments: tuple[str, ...]) -> None:
    assert imported(project, *arguments) & {*startup.HEAVY, "duckdb"} == set()


def test_help_imports_neither_hydra_nor_pydantic(tmp_path: Path) -> None:
    assert imported(tmp_path, "--help") & {"hydra", "omegaconf", "pydantic", "rich", "yaml"} == set()
