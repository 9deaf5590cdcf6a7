"""The page of mutants says what was counted, and every reason on it is of code that is still there."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DATA: dict[str, Any] = json.loads((ROOT / "bench/mutants.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def mutants() -> ModuleType:
    """The script, which is part of no package."""
    found = importlib.util.spec_from_file_location("mutants_script", ROOT / "bench/mutants.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_page_is_what_the_script_writes(mutants: ModuleType) -> None:
    assert (ROOT / "docs/mutants.md").read_text(encoding="utf-8") == mutants.page(DATA)


def test_every_mutant_that_no_test_notices_has_a_reason_and_is_counted() -> None:
    assert [row for row in DATA["kept"] if len(row["why"]) < 20] == []
    left = {file: total - noticed for file, (total, noticed) in DATA["counts"].items() if total > noticed}
    assert left == {file: sum(row["file"] == file for row in DATA["kept"]) for file in left}
    assert sum(left.values()) == len(DATA["kept"])


def test_every_reason_is_of_a_line_that_is_still_there() -> None:
    """Where a line changed, `make mutants` says whether the reason still holds."""
    gone = [
        (row["file"], row["was"])
        for row in DATA["kept"]
        if "".join(row["was"].split())
        not in "".join((ROOT / "ftsafety_spec/gate" / row["file"]).read_text("utf-8").split())
    ]
    assert gone == []


def test_every_module_that_judges_is_among_them() -> None:
    judging = {
        path.relative_to(ROOT / "ftsafety_spec/gate").as_posix() for path in (ROOT / "ftsafety_spec/gate").rglob("*.py")
    }
    words = {
        name for name in judging if name.startswith("made_up") or name == "words.py" or name.endswith("__init__.py")
    }
    assert set(DATA["counts"]) == judging - words
