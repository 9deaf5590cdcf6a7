"""Own prompt files: what is read, and how every bad row is named at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftsafety_spec.catalog import prompt_file
from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.prompt_file import Defaults, read_prompt_file
from ftsafety_spec.errors import FtsafetyError, InputError, SpecError


def read(tmp_path: Path, content: str | bytes, name: str = "own.jsonl", **defaults: str) -> list[Prompt]:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_prompt_file(path, Defaults(**defaults), f"data/{name}")  # type: ignore[arg-type]


def messages(tmp_path: Path, content: str | bytes, name: str = "own.jsonl") -> list[str]:
    with pytest.raises(SpecError) as caught:
        read(tmp_path, content, name)
    assert {problem.code for problem in caught.value.problems} == {"FTS-112"}
    return str(caught.value).splitlines()


def test_a_row_needs_a_prompt_only(tmp_path: Path) -> None:
    (prompt,) = read(tmp_path, '{"prompt": "Placeholder."}\n')
    assert (prompt.text, prompt.kind, prompt.area, prompt.category) == ("Placeholder.", "harmful", "other", "other")
    assert (prompt.condition, prompt.pair) == ("plain", None)
    assert len(prompt.id) == 12 and prompt.digest.startswith(f"sha256:{prompt.id}")


def test_everything_a_row_says_is_kept(tmp_path: Path) -> None:
    row = {"prompt": "P.", "id": "a-1", "kind": "borderline", "category": "cards"}
    row |= {"area": "fraud", "pair": "a/b", "condition": "french"}
    (prompt,) = read(tmp_path, json.dumps(row))
    assert {key: getattr(prompt, "text" if key == "prompt" else key) for key in row} == row


def test_the_task_says_what_the_rows_leave_out(tmp_path: Path) -> None:
    rows = '{"prompt": "A."}\n{"prompt": "B.", "kind": "harmful", "area": "cyber"}\n'
    first, second = read(tmp_path, rows, kind="borderline", area="fraud")
    assert (first.kind, first.area) == ("borderline", "fraud")
    assert (second.kind, second.area) == ("harmful", "cyber")


def test_benign_prompts_have_no_area_of_harm(tmp_path: Path) -> None:
    assert [p.area for p in read(tmp_path, '{"prompt": "A."}', kind="benign")] == ["none"]
    assert [p.area for p in read(tmp_path, '{"prompt": "A.", "kind": "benign"}', area="fraud")] == ["none"]


def test_csv_and_jsonl_say_the_same(tmp_path: Path) -> None:
    table = 'id,prompt,area\n1,"Two\nlines, quoted ""so"".",fraud\n2,Plain.,\n'
    rows = [{"id": "1", "prompt": 'Two\nlines, quoted "so".', "area": "fraud"}, {"id": "2", "prompt": "Plain."}]
    assert read(tmp_path, table, "own.csv") == read(tmp_path, "\n".join(map(json.dumps, rows)))


@pytest.mark.parametrize("name", ["own.jsonl", "own.csv"])
def test_byte_order_marks_and_windows_line_ends_change_nothing(tmp_path: Path, name: str) -> None:
    text = '{"prompt": "A.", "id": "1"}\n\n{"prompt": "B.", "id": "2"}\n'
    if name.endswith("csv"):
        text = "prompt,id\nA.,1\n\nB.,2\n"
    windows = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    assert read(tmp_path, windows, name) == read(tmp_path, text, name)


def test_a_number_as_id_is_taken_as_text(tmp_path: Path) -> None:
    assert [p.id for p in read(tmp_path, '{"prompt": "A.", "id": 7}')] == ["7"]


def test_unicode_line_separators_do_not_end_a_row(tmp_path: Path) -> None:
    text = "A.\u2028B.\u0085C."
    assert [p.text for p in read(tmp_path, json.dumps({"prompt": text}, ensure_ascii=False))] == [text]


def test_all_bad_rows_are_reported_at_once_with_their_lines(tmp_path: Path) -> None:
    rows = [
        '{"prompt": "Fine."}',
        "{not json}",
        '["a", "list"]',
        '{"id": "x"}',
        '{"prompt": ""}',
        '{"prompt": "  \\n "}',
        '{"prompt": 3}',
        '{"prompt": "A.", "kind": "harmfull"}',
        '{"prompt": "A.", "area": "frauds"}',
        '{"prompt": "A.", "categroy": "x"}',
        '{"prompt": "A.", "id": ""}',
        '{"prompt": "A.", "id": true}',
        '{"prompt": "A.", "pair": ["x"]}',
        '{"prompt": "A.", "id": "two\\nlines"}',
        '{"prompt": "A.", "prompt": "B."}',
        '{"prompt": "lone \\ud800 surrogate"}',
    ]
    found = messages(tmp_path, "\n".join(rows))
    assert [int(line.split(":")[1]) for line in found] == list(range(2, 17))
    assert all(line.startswith("data/own.jsonl:") for line in found)
    assert "Did you mean harmful?" in found[6] and "Did you mean fraud?" in found[7]
    assert "Did you mean category?" in found[8]


def test_csv_mistakes_name_the_line_on_which_a_row_begins(tmp_path: Path) -> None:
    found = messages(tmp_path, 'id,prompt\n1,"two\nlines"\n2,\n3,a,b\n4\n', "own.csv")
    assert [line.split(": ")[0] for line in found] == ["data/own.csv:4", "data/own.csv:5", "data/own.csv:6"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("id,text\n1,a\n", "no column `prompt`"),
        ("prompt,prompt\na,b\n", "twice"),
        ("prompt,kinds\na,b\n", "Did you mean kind?"),
        ('prompt\n"open\n', "not well-formed CSV"),
        ("", "no column `prompt`"),
        ("prompt\n", "no prompts"),
    ],
)
def test_a_csv_that_cannot_be_used_says_why(tmp_path: Path, content: str, says: str) -> None:
    assert any(says in line for line in messages(tmp_path, content, "own.csv"))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "no prompts" in messages(tmp_path, "\n \n")[0]


def test_an_id_is_used_once(tmp_path: Path) -> None:
    (found,) = messages(tmp_path, '{"prompt": "A.", "id": "x"}\n{"prompt": "B.", "id": "x"}\n')
    assert found.startswith("data/own.jsonl:2:") and "line 1" in found


def test_one_id_may_stand_under_two_conditions(tmp_path: Path) -> None:
    rows = '{"prompt": "A.", "id": "x"}\n{"prompt": "A, s\'il vous plait.", "id": "x", "condition": "french"}\n'
    assert [p.condition for p in read(tmp_path, rows)] == ["plain", "french"]


def test_the_same_prompt_twice_without_ids_is_refused(tmp_path: Path) -> None:
    assert "already used" in messages(tmp_path, '{"prompt": "A."}\n{"prompt": "A."}\n')[0]


def test_very_long_prompts_and_labels_are_refused(tmp_path: Path) -> None:
    long = json.dumps({"prompt": "a" * (prompt_file.MOST_CHARACTERS + 1)})
    label = json.dumps({"prompt": "A.", "category": "c" * 201})
    assert len(messages(tmp_path, f"{long}\n{label}\n")) == 2


def test_a_thousand_bad_rows_are_counted_and_not_all_shown(tmp_path: Path) -> None:
    found = messages(tmp_path, "{}\n" * 1000)
    assert len(found) == prompt_file.MOST_PROBLEMS + 1 and "950 more" in found[-1]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("own.txt", b"", "FTS-112"),
        ("own.jsonl", b'{"prompt": "\xff"}', "FTS-100"),
        ("own.csv", b"prompt\n\xe9", "FTS-100"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, content, name)
    assert caught.value.code == code and f"data/{name}" in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for name in ("nowhere.jsonl", "folder.csv"):
        with pytest.raises(InputError) as caught:
            read_prompt_file(tmp_path / name)
        assert caught.value.code == "FTS-111"


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt_file, "MOST_BYTES", 10)
    with pytest.raises(InputError, match="larger"):
        read(tmp_path, '{"prompt": "Placeholder."}')


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["f.csv", "f.jsonl"]))
def test_any_bytes_are_read_or_refused_in_our_words(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(content)
    try:
        assert read_prompt_file(path)
    except FtsafetyError as error:
        assert error.exit_status == 2 and name in str(error)


def test_deep_nesting_is_a_bad_row_and_no_crash(tmp_path: Path) -> None:
    assert messages(tmp_path, '{"prompt": ' + "[" * 100_000 + "]" * 100_000 + "}")[0].startswith("data/own.jsonl:1")
