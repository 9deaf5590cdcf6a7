"""Files of rows that people filled in: every bad line is named by its number, and nothing of it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftsafety_spec.errors import InputError, Problem
from ftsafety_spec.records.json_rows import json_rows


def test_good_rows_keep_their_lines_and_bad_ones_are_named_without_what_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('\ufeff{"a": 1}\n\n[1]\nsecret\n{"b": 2}\n' + "[" * 100_000 + '\n{"a": 3}', encoding="utf-8")
    problems: list[Problem] = []
    found = [(where.line, row) for where, row in json_rows(path, problems, "FTS-128", ("a",))]
    assert found == [(1, {"a": 1}), (5, {"b": 2}), (7, {"a": 3})]
    assert [(problem.where.line, problem.code) for problem in problems] == [(n, "FTS-128") for n in (3, 4, 5, 6)]
    assert not any("secret" in problem.message for problem in problems)
    assert "'b'" in problems[2].message


def test_what_is_no_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xff\xfe{}")
    with pytest.raises(InputError, match="UTF-8"):
        list(json_rows(tmp_path / "x", [], "FTS-128"))
