"""`ftsafety status` and `gate --at`: what is true on a date, from records alone, writing nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any


def contents(folder: str) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()}


def test_a_later_date_writes_nothing_and_sees_what_ran_out(ran: str, ftsafety: Any) -> None:
    before = contents(ran)
    later = ftsafety("gate", ran, "--at", "2031-01-01", "--format", "json")
    assert later.status == 3 and later.data["as_of"] == "2031-01-01"
    assert contents(ran) == before
    assert ftsafety("gate", ran, "--at", "2031-01-01", "--write").status == 3
    assert json.loads((Path(ran) / "verdict.json").read_text())["as_of"] == "2031-01-01"


def test_each_spec_has_one_row_of_its_latest_run_and_the_worst_decides(ran: str, ftsafety: Any) -> None:
    before = contents(ran)
    done = ftsafety("status", "--format", "json")
    (row,) = done.data["models"]
    assert done.status == 3 == row["exit"]
    assert (row["decision"], row["action"], row["run"].endswith(Path(ran).name)) == ("pending", "insufficient", True)
    assert row["owed"] and row["until"] and contents(ran) == before


def test_a_run_that_cannot_be_trusted_is_a_row_and_never_a_pass(ran: str, ftsafety: Any) -> None:
    shutil.copytree(ran, "runs/older")
    plan = json.loads(Path("runs/older/comparison.json").read_text())
    plan["measured_to"] = "2040-01-01T00:00:00Z"
    Path("runs/older/comparison.json").write_text(json.dumps(plan))
    done = ftsafety("status", "--format", "json")
    (row,) = done.data["models"]
    assert done.status == 5 and row["state"] == "cannot_be_read" and row["decision"] is None
    Path("runs/older/spec.lock.json").write_text("{")
    done = ftsafety("status", "--format", "json")
    assert done.status == 5 and {item["state"] for item in done.data["models"]} == {"judged", "cannot_be_read"}


def test_a_run_without_a_comparison_is_pending(ran: str, ftsafety: Any) -> None:
    (Path(ran) / "comparison.json").unlink()
    done = ftsafety("status")
    assert done.status == 3 and "not compared" in done.out


def test_a_project_without_runs_says_how_to_make_one(project: Path, ftsafety: Any) -> None:
    assert project.exists()
    done = ftsafety("status")
    assert done.status == 2 and "ftsafety run SPEC" in done.err
