"""The project's store: by key, only finished answers, safe with several writers and torn lines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.store import REUSABLE, Store, StoredRows, append_row

GENERATION = digest_text("generation")


def key(n: int) -> str:
    return digest_text(f"answer {n}")


def row(n: int, state: str = "ok") -> dict[str, object]:
    return {"answer": key(n), "state": state, "tokens_out": n}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_an_empty_store_knows_nothing_and_creates_nothing(store: Store, tmp_path: Path) -> None:
    assert len(store.answered(GENERATION)) == 0 and store.text(key(1)) is None and len(store.graded(GENERATION)) == 0
    assert list(tmp_path.iterdir()) == []


def test_answers_are_found_by_generation_key_and_answer_key(store: Store) -> None:
    store.put_answer(GENERATION, row(1))
    found = store.answered(GENERATION)
    assert dict(found) == {key(1): row(1)} and key(1) in found and key(2) not in found
    assert not store.answered(digest_text("another"))


@pytest.mark.parametrize("state", ["ok", "filtered", "truncated", "error", "not_run"])
def test_only_finished_answers_enter(store: Store, state: str) -> None:
    store.put_answer(GENERATION, row(1, state))
    assert (key(1) in store.answered(GENERATION)) == (state in REUSABLE)


def test_the_last_of_equal_keys_counts(store: Store) -> None:
    store.put_answer(GENERATION, row(1))
    store.put_answer(GENERATION, row(1) | {"tokens_out": 9})
    assert store.answered(GENERATION)[key(1)]["tokens_out"] == 9


def test_a_finished_answer_is_not_replaced_by_a_later_error(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    for item in (row(1, "error"), row(1), row(1, "error"), row(2, "error")):
        append_row(path, item)
    found = StoredRows(path, "answer", better=REUSABLE)
    assert found[key(1)]["state"] == "ok" and found[key(2)]["state"] == "error"


def test_texts_are_found_by_digest_and_may_be_removed(store: Store) -> None:
    digest = digest_text("placeholder")
    store.put_text(GENERATION, digest, "placeholder")
    assert store.text(digest) == "placeholder" == store.texts(GENERATION)[digest]["body"]
    for path in (store.folder / "texts").iterdir():
        path.unlink()
    assert Store(store.folder.parents[1]).text(digest) is None


def test_a_torn_line_is_passed_over_and_the_next_row_is_whole(store: Store) -> None:
    store.put_answer(GENERATION, row(1))
    path = next((store.folder / "answers").iterdir())
    path.write_bytes(path.read_bytes() + b'{"answer": "sha256:tor')
    assert list(store.answered(GENERATION)) == [key(1)]
    store.put_answer(GENERATION, row(2))
    assert set(store.answered(GENERATION)) == {key(1), key(2)}


def test_two_processes_may_write_at_once(store: Store) -> None:
    code = (
        "import sys; from pathlib import Path; from ftsafety_spec.records.store import Store;"
        "from ftsafety_spec.records.base import digest_text; s = Store(Path(sys.argv[1]));"
        "[s.put_answer(sys.argv[2], {'answer': digest_text(f'answer {n}'), 'state': 'ok', 'pad': 'x' * 20000})"
        " for n in range(int(sys.argv[3]), int(sys.argv[3]) + 50)]"
    )
    root = str(store.folder.parents[1])
    children = [subprocess.Popen([sys.executable, "-c", code, root, GENERATION, start]) for start in ("0", "50")]
    assert [child.wait(60) for child in children] == [0, 0]
    assert set(store.answered(GENERATION)) == {key(n) for n in range(100)}


def test_readings_are_found_by_grader_identity(store: Store) -> None:
    grader = digest_text("grader")
    store.put_grade(grader, {"grade": key(1), "value": 1.0})
    assert store.graded(grader)[key(1)]["value"] == 1.0 and key(1) not in store.graded(digest_text("other"))
