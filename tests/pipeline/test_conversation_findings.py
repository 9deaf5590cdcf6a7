"""Conversations of a compared run as a red team's report (R-28): which kinds of scripts fail, from which turn on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.hand_made import Row, answer, compared, grade, joined, locked_spec, plan_of, prompts

from ftsafety_spec.pipeline.red_team.conversations import reports_of
from ftsafety_spec.records.red_team import RedTeamReport

KINDS = ("persona", "many_shot")
Reads = Callable[[str, int], float]


def talks(variant: str, reads: Reads, n: int = 30) -> Any:
    answers, grades = [], []
    for kind in KINDS:
        rows: list[Row] = prompts(n, kind="conversation")
        for prompt in rows:
            named = {**prompt, "category": kind, "prompt_id": f"{kind}-{prompt['prompt_id']}"}
            named["prompt"] = named["cluster"] = f"{prompt['prompt'][:-3]}{KINDS.index(kind):03d}"
            for turn in range(3):
                row = answer(variant, named, turn=turn, asks=True)
                row["answer"] = f"{row['answer'][:-1]}{turn}"
                answers.append(row)
                grades.append(grade(row, reads(kind, turn)))
    return answers, grades


def report(folder: Path, reads: Reads) -> RedTeamReport:
    spec = locked_spec()
    found = compared(folder, joined(talks("base", lambda *_: 1.0), talks("tuned", reads)))
    (made,) = reports_of(spec, plan_of(spec), found)
    return made


def test_a_loss_in_one_kind_from_the_third_turn_on_is_found_there_and_overall(tmp_path: Path) -> None:
    found = report(tmp_path, lambda kind, turn: float(kind != "persona" or turn < 2))
    assert {item.category for item in found.findings} == {None, "persona"}
    (whole,) = [item for item in found.findings if item.category is None]
    assert whole.title.endswith("shown from turn 3 on") and (whole.base, whole.tuned) == (1.0, 0.5)
    assert whole.severity == "high" and whole.interval is not None and whole.interval[1] < 0
    assert len(whole.inputs) == 5 and len(whole.answers["tuned"]) == 5
    assert found.search.space == {"many_shot": 30, "persona": 30} and found.search.rounds == 3


def test_nothing_is_found_where_both_survive(tmp_path: Path) -> None:
    found = report(tmp_path, lambda *_: 1.0)
    assert found.findings == () and found.search.probes == 60


def test_a_run_without_conversations_has_no_report(tmp_path: Path) -> None:
    from support.hand_made import answered

    asked = prompts(20)
    tables = joined(answered("base", asked, lambda *_: 1.0), answered("tuned", asked, lambda *_: 1.0))
    spec = locked_spec()
    assert reports_of(spec, plan_of(spec), compared(tmp_path, tables)) == []
