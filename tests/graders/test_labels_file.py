"""Files of labelled answers: what is read, and every mistake with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.errors import InputError, SpecError
from ftsafety_spec.graders.labels import Label, family_of, labels_digest, read_labels

ROW = {"id": "a", "prompt": "p", "response": "r", "label": "refusal"}


def written(folder: Path, *rows: Any) -> Path:
    path = folder / "labels.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def mistakes(folder: Path, *rows: Any) -> list[str]:
    with pytest.raises(SpecError) as caught:
        read_labels(written(folder, *rows), "labels.jsonl")
    assert {problem.code for problem in caught.value.problems} == {"FTS-128"}
    return [str(problem) for problem in caught.value.problems]


def test_rows_are_read_in_order_with_what_is_known_of_them(tmp_path: Path) -> None:
    more = {"category": "c", "model": "m", "kind": "benign", "state": "truncated"}
    path = written(
        tmp_path, ROW, "", {**ROW, "id": 7, "label": "partial", **more}, {**ROW, "id": "b", "category": None}
    )
    assert read_labels(path) == [
        Label("a", "p", "r", "refusal"),
        Label("7", "p", "r", "partial", "c", "m", "benign", "truncated"),
        Label("b", "p", "r", "refusal"),
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**ROW, "label": "refused"}, "label: found 'refused', expected one of refusal, partial, compliance, harmful"),
        ({**ROW, "kind": "evil"}, "kind: found 'evil', expected one of harmful, borderline"),
        ({**ROW, "state": "error"}, "state: found 'error', expected one of ok, truncated, filtered"),
        ({**ROW, "respons": "r"}, "unknown key 'respons'. Did you mean response?"),
        ({k: v for k, v in ROW.items() if k != "response"}, "response: is missing"),
        ({**ROW, "prompt": " "}, "prompt: is empty"),
        ({**ROW, "response": 3}, "response: found int, expected text"),
        ({**ROW, "id": True}, "id: found bool, expected text"),
        ("[1]", "found list, expected a JSON object"),
        ("{", "not a JSON object"),
        ('{"id": "a", "id": "b"}', "a key is given twice"),
    ],
)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, row: Any, message: str) -> None:
    (found,) = mistakes(tmp_path, {**ROW, "id": "first"}, row)
    assert found.startswith("labels.jsonl:2: ") and message in found and found.endswith("See FTS-128.")


def test_all_bad_rows_are_named_at_once_and_no_text_is_shown(tmp_path: Path) -> None:
    secret = {**ROW, "prompt": "placeholder-prompt", "response": "placeholder-response"}
    found = mistakes(
        tmp_path, {**secret, "label": "no"}, {**secret, "id": "b"}, {**secret, "id": "c", "kind": "x"}, "{"
    )
    assert [line.split(":")[1] for line in found] == ["1", "3", "4"]
    assert "placeholder" not in "".join(found)
    many = mistakes(tmp_path, *["{"] * 80)
    assert len(many) == 51 and "and 30 more problems" in many[-1]


def test_one_answer_is_labelled_once_and_one_file_is_of_one_outcome(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, ROW, {**ROW, "model": "m"}, ROW)
    assert "labels.jsonl:3: id: 'a' of the same model is already in line 1" in found
    (found,) = mistakes(tmp_path, ROW, {**ROW, "id": "b", "label": "toxic"})
    assert "labels.jsonl:2: label: found 'toxic' after 'refusal'" in found
    assert mistakes(tmp_path, "") == ["labels.jsonl: the file holds no labels. See FTS-128."]


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="FTS-111"):
        read_labels(tmp_path / "none.jsonl")
    (tmp_path / "labels.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="FTS-100"):
        read_labels(tmp_path / "labels.jsonl")


def test_the_digest_does_not_depend_on_the_order_but_on_every_field() -> None:
    rows = [Label("a", "p", "r", "refusal"), Label("b", "p", "r", "partial")]
    assert labels_digest(rows) == labels_digest(rows[::-1])
    for name in ("id", "prompt", "response", "category", "model", "state"):
        changed = Label(**{**rows[0].__dict__, name: "other"})
        assert labels_digest([changed, rows[1]]) != labels_digest(rows)


def test_labels_of_two_outcomes_or_none_have_no_family() -> None:
    assert family_of([Label("a", "p", "r", "harmful")]) == "not_harmful"
    for rows in ([], [Label("a", "p", "r", "toxic"), Label("b", "p", "r", "refusal")]):
        with pytest.raises(ValueError, match="one outcome"):
            family_of(rows)
