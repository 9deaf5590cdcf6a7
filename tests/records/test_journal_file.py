"""The journal survives kills at any byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ftsafety_spec.records.journal import Journal, read_journal


def filled(path: Path, rows: int = 5) -> bytes:
    with Journal(path) as journal:
        for number in range(rows):
            journal.append({"n": number, "text": "line\nbreak \u2028 ü"})
    return path.read_bytes()


def test_rows_come_back_in_order(tmp_path: Path) -> None:
    filled(tmp_path / "j.jsonl")
    assert [row["n"] for row in read_journal(tmp_path / "j.jsonl")] == [0, 1, 2, 3, 4]


def test_a_missing_journal_is_empty(tmp_path: Path) -> None:
    assert list(read_journal(tmp_path / "none.jsonl")) == []


def test_cut_at_every_byte_loses_at_most_the_last_row_and_can_be_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    whole = filled(path, 3)
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        complete = whole[:cut].count(b"\n")
        assert len(list(read_journal(path))) == complete
        with Journal(path) as journal:
            journal.append({"n": "new"})
        assert [row["n"] for row in read_journal(path)] == [*range(complete), "new"]


def test_a_broken_row_in_the_middle_is_an_error_that_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_text('{"n": 0}\n{"n": \n{"n": 2}\n')
    with pytest.raises(ValueError, match=r"j\.jsonl:2"):
        list(read_journal(path))


def test_every_row_reaches_the_file_before_append_returns(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    with Journal(path, batch=1000) as journal:
        journal.append({"n": 1})
        assert json.loads(path.read_text()) == {"n": 1}
