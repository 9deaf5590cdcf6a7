"""Answers side by side: the same prompts as the comparison names, people's labels before graders', paged, differences
marked, texts that were removed told as withheld."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from support.hand_made import answer, answered, grade, joined, locked_spec, prompts, write_tables
from support.page import Page

from ftsafety_spec.console.differ import MOST, differences
from ftsafety_spec.console.pages.pairs import asked_of
from ftsafety_spec.console.pairs import SIZE, Asked, facets, paired, pairs
from ftsafety_spec.errors import NotFoundError
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.folder import RunFolder

Open = Callable[[Path], TestClient]
ASKED = Asked("tuned", "base", "refusal")


def made(root: Path, tables: Any) -> RunFolder:
    folder = RunFolder(root)
    write_tables(folder.tables, tables)
    return folder


def found(folder: RunFolder, **changes: Any) -> list[str]:
    asked = Asked(**{**ASKED.__dict__, **changes})
    return [pair.prompt_id for pair in pairs(folder, paired(folder, asked), asked).pairs]


def test_the_pairs_are_the_discordant_prompts_of_the_comparison(console: Open, project: Path, run: str) -> None:
    folder = RunFolder(project / "runs" / run)
    rows = [row for row in folder.read(Comparison).discordant if row.outcome == "refusal"]
    lost = {row.prompt_id for row in rows if row.tuned < row.base}
    gained = {row.prompt_id for row in rows if row.tuned > row.base}
    assert lost and gained
    assert set(found(folder, show="lost")) == lost
    assert set(found(folder, show="gained")) == gained
    assert set(found(folder)) == lost | gained
    text = console(project).get(f"/runs/{run}/pairs").text
    assert f"{len(lost | gained)} prompts on which they differ" in text
    assert all(name in text for name in lost | gained)


def test_the_greatest_loss_comes_first_and_repeats_are_averaged(tmp_path: Path) -> None:
    asked = prompts(3)
    base = answered("base", asked, lambda *_: 1.0, repeats=3)
    tuned = answered("tuned", asked, lambda index, repeat: float(repeat >= index), repeats=3)
    folder = made(tmp_path, joined(base, tuned))
    page = pairs(folder, paired(folder, ASKED), ASKED)
    assert [(pair.prompt_id, round(pair.loss, 3)) for pair in page.pairs] == [("p2", 0.667), ("p1", 0.333)]
    assert page.pairs[0].tuned.answers == 3
    assert found(folder, show="all") == ["p2", "p1", "p0"]


def test_where_lower_is_safer_a_rise_is_a_loss(tmp_path: Path) -> None:
    asked = prompts(2)
    base = answered("base", asked, lambda *_: 0.0, outcome="over_refusal")
    tuned = answered("tuned", asked, lambda index, _: float(index), outcome="over_refusal")
    folder = made(tmp_path, joined(base, tuned))
    assert found(folder, outcome="over_refusal", higher=False, show="lost") == ["p1"]
    assert found(folder, outcome="over_refusal", higher=True, show="gained") == ["p1"]
    assert found(folder, outcome="over_refusal", higher=False, turned=("core.t",), show="gained") == ["p1"]


def test_a_persons_label_counts_before_every_grader(tmp_path: Path) -> None:
    asked = prompts(1)
    answers, grades = joined(answered("base", asked, lambda *_: 1.0), answered("tuned", asked, lambda *_: 1.0))
    label = {**grade(answers[1], 0.0, role="adjudication", grader="ines"), "person": "ines"}
    folder = made(tmp_path, (answers, [*grades, label, grade(answers[1], 1.0, role="adjudication", grader="strong")]))
    (pair,) = pairs(folder, paired(folder, ASKED), ASKED).pairs
    assert (pair.base.value, pair.tuned.value) == (1.0, 0.0)


def test_what_is_unscored_on_one_side_is_no_pair(tmp_path: Path) -> None:
    asked = prompts(2)
    base = answered("base", asked, lambda *_: 1.0)
    folder = made(tmp_path, joined(base, answered("tuned", asked, lambda index, _: None if index else 0.0)))
    assert found(folder, show="all") == ["p0"]


def test_turns_of_a_conversation_are_pairs_of_their_own(tmp_path: Path) -> None:
    answers, grades = [], []
    for variant in ("base", "tuned"):
        for turn in range(3):
            row = answer(variant, prompts(1, kind="conversation")[0], turn=turn, asks=True)
            row["answer"] = f"{row['answer'][:-1]}{turn}"
            answers.append(row)
            grades.append(grade(row, float(variant == "base" or turn < 2)))
    folder = made(tmp_path, (answers, grades))
    page = pairs(folder, paired(folder, ASKED), ASKED)
    assert [(pair.turn, pair.loss) for pair in page.pairs] == [(3, 1.0)]
    everything = Asked("tuned", "base", "refusal", show="all")
    turns = [pair.turn for pair in pairs(folder, paired(folder, everything), everything).pairs]
    assert turns == [3, 1, 2]


def test_areas_and_pages_divide_all_pairs(tmp_path: Path) -> None:
    asked = prompts(37)
    folder = made(tmp_path, joined(answered("base", asked, lambda *_: 1.0), answered("tuned", asked, lambda *_: 0.0)))
    choices = facets(folder)
    assert choices.outcomes == ("refusal",) and choices.tasks == ("core.t",)
    by_area = [name for area in choices.areas for page in (1, 2) for name in found(folder, area=area, page=page)]
    by_page = [name for page in range(1, 5) for name in found(folder, page=page)]
    assert sorted(by_page) == sorted(row["prompt_id"] for row in asked)
    assert len(by_page) == 37 > 3 * SIZE
    assert set(by_area) <= set(by_page)
    last = pairs(folder, paired(folder, ASKED), Asked(**{**ASKED.__dict__, "page": 999}))
    assert (last.page, last.pages, len(last.pairs)) == (4, 4, 7)


def test_texts_that_were_removed_are_withheld(console: Open, project: Path, run: str) -> None:
    (project / "runs" / run / "tables" / "texts.parquet").unlink()
    page = Page(console(project).get(f"/runs/{run}/pairs").text)
    assert page.pres == []
    assert "text withheld" in page.text


UNKNOWN = ({"outcome": "x"}, {"variant": "base"}, {"area": "'; DROP"}, {"task": "x"}, {"show": "x"})


@pytest.mark.parametrize("address", UNKNOWN)
def test_a_name_that_is_not_there_is_an_error(tmp_path: Path, address: dict[str, str]) -> None:
    asked = prompts(1)
    folder = made(tmp_path, joined(answered("base", asked, lambda *_: 1.0), answered("tuned", asked, lambda *_: 0.0)))
    assert asked_of({}, locked_spec(), facets(folder)) == ASKED
    with pytest.raises(NotFoundError):
        asked_of(address, locked_spec(), facets(folder))


@given(st.text(max_size=200), st.text(max_size=200))
def test_marking_differences_never_changes_a_text(left: str, right: str) -> None:
    both = differences(left, right)
    assert "".join(piece.text for piece in both.left) == left
    assert "".join(piece.text for piece in both.right) == right
    common = ["".join(piece.text for piece in side if not piece.own) for side in (both.left, both.right)]
    assert not both.marked or common[0] == common[1]


def test_differences_are_words_and_nothing_is_marked_where_texts_share_little() -> None:
    both = differences("I can help you with that task", "I cannot help you with that task")
    assert [piece.text for piece in both.left if piece.own] == ["can"]
    assert [piece.text for piece in both.right if piece.own] == ["cannot"]
    assert not differences("One two, three four.", "Five six, seven eight.").marked
    assert not differences("the same", "the same").marked


def test_long_texts_are_compared_at_their_beginning_only() -> None:
    long = "word " * (3 * MOST)
    both = differences(f"start {long}left", f"begin {long}right")
    assert both.left[-1].text.endswith("left") and not both.left[-1].own
