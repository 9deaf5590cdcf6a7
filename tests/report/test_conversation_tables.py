"""The report shows conversations by turn and by kind of script (R-28), and nothing where none was held."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.hand_made import answer, answered, compared, grade, joined, prompts

from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.report import numbers
from ftsafety_spec.report.blocks import Table
from ftsafety_spec.report.turns import conversations

KINDS = ("many_shot", "persona")


def talks(variant: str, fails: Any, n: int = 20) -> Any:
    answers, grades = [], []
    for number, kind in enumerate(KINDS):
        for prompt in prompts(n, kind="conversation"):
            named = {**prompt, "category": kind, "prompt_id": f"{kind}-{prompt['prompt_id']}"}
            named["prompt"] = named["cluster"] = f"{prompt['prompt'][:-3]}{number:03d}"
            for turn in range(3):
                row = answer(variant, named, turn=turn, asks=True)
                row["answer"] = f"{row['answer'][:-1]}{turn}"
                answers.append(row)
                grades.append(grade(row, float(not fails(kind, turn))))
    return answers, grades


def shown(found: Comparison) -> list[Any]:
    return conversations([cell for cell in found.cells if cell.variant == "tuned"])


def test_a_line_for_each_turn_and_one_for_each_kind_worst_first(tmp_path: Path) -> None:
    late = talks("tuned", lambda kind, turn: kind == "persona" and turn == 2)
    plot, turns, kinds = shown(compared(tmp_path, joined(talks("base", lambda *_: False), late)))
    assert isinstance(turns, Table) and isinstance(kinds, Table)
    assert [row[0] for row in turns.rows] == ["1", "2", "3"]
    assert [row[2] for row in turns.rows] == [numbers.percent(share) for share in (1.0, 1.0, 0.5)]
    assert [row[0] for row in kinds.rows] == ["persona", "many shot"]
    assert [row[4] for row in turns.rows] == ["40"] * 3 and [row[4] for row in kinds.rows] == ["20"] * 2
    assert "by turn" in plot.title


def test_a_run_of_single_messages_has_no_such_tables(tmp_path: Path) -> None:
    asked = prompts(20)
    tables = joined(answered("base", asked, lambda *_: 1.0), answered("tuned", asked, lambda *_: 1.0))
    assert shown(compared(tmp_path, tables)) == []
