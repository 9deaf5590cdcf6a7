"""Nearness of texts by shared words, and words of training data: figures by hand, and what is never taken."""

from __future__ import annotations

import json
from math import log, sqrt
from pathlib import Path

import pytest

from ftsafety_spec.errors import InputError
from ftsafety_spec.probes.domain_vocabulary import LEAST_ROWS, MOST_WORDS, words_of
from ftsafety_spec.probes.similarity import Space, similarities

BACKGROUND = ["please write a letter", "please tell a story"]


def written(folder: Path, texts: list[str], name: str = "train.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return path


def test_similarity_is_the_cosine_of_tf_idf() -> None:
    space = Space.of(["red apple", "red pear", "green pear"])
    one, two = log(4 / 3) + 1, log(4 / 2) + 1
    near = similarities(space.vectors(["red apple"]), space.vectors(["red pear", "green pear", "blue"]))[0]
    red, apple = one, two
    assert [round(space.idf[space.index[w]], 6) for w in ("pear", "apple")] == [round(one, 6), round(two, 6)]
    assert near == pytest.approx([red * one / (sqrt(red**2 + apple**2) * sqrt(2) * one), 0, 0], abs=1e-6)


def test_plural_and_case_make_no_difference_and_a_text_is_nearest_to_itself() -> None:
    space = Space.of(["The Doctors' pills", "a doctor's pill", "other words"])
    near = similarities(space.vectors(["doctor pill"]), space.vectors(["DOCTORS PILLS", "other words"]))[0]
    assert near[0] == pytest.approx(1) and near[1] == 0


def test_words_that_most_texts_have_can_be_left_out() -> None:
    texts = ["tell me of law", "tell me of bread", "tell me of rain"]
    assert set(Space.of(texts, most_common=0.5).index) == {"law", "bread", "rain"}


def test_the_order_of_texts_makes_no_difference() -> None:
    texts = ["a red apple", "a green pear", "some red wine"]
    first, second = (Space.of(order).vectors(["red wine"]) for order in (texts, texts[::-1]))
    assert (first != second).nnz == 0


def test_words_that_many_rows_use_and_everyday_requests_do_not_come_first(tmp_path: Path) -> None:
    texts = ["please check the mortgage rate"] * 30 + ["please close the mortgage"] * 10
    found = words_of(written(tmp_path, texts), BACKGROUND, "train.jsonl")
    assert found[0] == "mortgage" and found.index("rate") < found.index("close") and "please" not in found[:2]


def test_names_numbers_addresses_and_rare_words_are_never_taken(tmp_path: Path) -> None:
    private = "Ask Vilhelmina at vilhelmina@acme.example or https://acme.example/kontonummer about 4711 konto99"
    texts = [private] * 30 + ["the secretword of one person"] * (LEAST_ROWS - 1)
    assert set(words_of(written(tmp_path, texts), BACKGROUND, "train.jsonl")) <= {"about"}


def test_chats_of_any_shape_and_broken_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    row = json.dumps({"messages": [{"role": "user", "content": [{"type": "text", "text": "grow tomatoes"}]}]})
    path.write_text((row + "\nno json about tomatoes\n") * 10, encoding="utf-8")
    assert "tomatoes" in words_of(path, BACKGROUND, "train.jsonl")


def test_a_plain_text_file_is_read_by_lines(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text("grow tomatoes\n" * 10, encoding="utf-8")
    assert words_of(path, BACKGROUND, "train.txt") == ["grow", "tomatoes"]


def test_no_more_words_than_asked(tmp_path: Path) -> None:
    texts = [" ".join(chr(97 + i % 26) * 3 + chr(97 + i // 26) * 2 for i in range(200))] * 10
    assert len(words_of(written(tmp_path, texts), BACKGROUND, "t")) == MOST_WORDS


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError) as caught:
        words_of(tmp_path / "train.jsonl", BACKGROUND, "data/train.jsonl")
    assert caught.value.code == "FTS-100" and "data/train.jsonl" in str(caught.value)
