"""The report puts base, each adapter alone, their sum and the combination into one row (R-59)."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from support.hand_made import answered, compared, joined, locked_spec, prompts

from ftsafety_spec.records.locked import Variant
from ftsafety_spec.report import numbers
from ftsafety_spec.report.together import together
from ftsafety_spec.report.view import ReportView

STACKS: dict[str, dict[str, float]] = {
    "base": {},
    "both": {"tone": 1.0, "cards": 1.0},
    "both+tone": {"tone": 1.0},
    "both+cards": {"cards": 1.0},
}
SAFE = {"base": 0, "both": 2, "both+tone": 50, "both+cards": 50}


def view(path: Path, stacks: dict[str, dict[str, float]] = STACKS) -> ReportView:
    variants = [
        Variant(id=name, role="tuned" if name != "base" else "base", against="base" if name != "base" else None,
                model="m", adapters=adapters, deploy=name == "both")
        for name, adapters in stacks.items()
    ]  # fmt: skip
    locked, asked = locked_spec(variants=variants), prompts(100)
    parts = [answered(n, asked, lambda i, _, k=SAFE[n]: float(not k or i % k > 0)) for n in stacks]  # type: ignore[misc]
    found: Any = SimpleNamespace(
        comparison=compared(path, joined(*parts), locked), locked=locked, verdict=SimpleNamespace(findings=())
    )
    return cast(ReportView, found)


def test_one_row_holds_all_that_is_added_up(tmp_path: Path) -> None:
    (table,) = together(view(tmp_path), "both")
    assert [column.title for column in table.columns][1:6] == [
        *("Base", "tone alone", "cards alone", "Added up", "Together")
    ]
    (row,) = table.rows
    assert row[1:6] == tuple(numbers.percent(share) for share in (1.0, 0.98, 0.98, 0.96, 0.50))
    assert str(row[6]).startswith(f"{numbers.points(0.46)} [") and row[7] == "100"
    assert "tone + cards put together" in table.caption


def test_one_adapter_alone_has_no_such_table(tmp_path: Path) -> None:
    assert together(view(tmp_path), "both+tone") == []


def test_a_stack_without_its_parts_has_no_such_table(tmp_path: Path) -> None:
    assert together(view(tmp_path, {name: STACKS[name] for name in ("base", "both")}), "both") == []
