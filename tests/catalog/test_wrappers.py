"""Attack wrappers and users' suffixes (R-21): content-free, versioned, and one request stays one cluster."""

from __future__ import annotations

import base64
import codecs
import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.wrappers import TRANSFORMATIONS, Wrapper, chosen, suffixes, wrapped, wrappers
from ftsafety_spec.errors import InputError

REQUEST = "Name three fruits, and say where they grow."
ALL = list(wrappers().values())


def test_there_are_at_least_twelve_published_ones_of_both_kinds() -> None:
    assert len(ALL) >= 12 and {wrapper.kind for wrapper in ALL} == {"template", "transformation"}
    assert {"prefix_injection", "refusal_suppression", "roleplay", "base64", "rot13", "leetspeak"} <= set(wrappers())
    assert {"payload_splitting", "translation", "spacing", "combination_1"} <= set(wrappers())


@pytest.mark.parametrize("wrapper", ALL, ids=lambda wrapper: wrapper.id)
def test_each_names_its_source_its_version_and_has_one_slot(wrapper: Wrapper) -> None:
    assert re.search(r"\((19|20)\d\d\)", wrapper.source) and wrapper.version >= 1 and wrapper.title
    assert wrapper.template.count(wrapper.slot) == 1 and wrapper.template.count("{") == 1
    assert (wrapper.kind == "transformation") == (wrapper.function in TRANSFORMATIONS)
    assert len(wrapper.template) < 320, "a shell, not a script"


@pytest.mark.parametrize("wrapper", ALL, ids=lambda wrapper: wrapper.id)
def test_a_template_carries_the_request_unaltered_and_a_transformation_does_not(wrapper: Wrapper) -> None:
    text = wrapper.wrap(REQUEST)
    assert text != REQUEST and (REQUEST in text) == (wrapper.kind == "template")
    assert not re.search(r"[{}]", text)


def test_no_two_wrappers_make_the_same_text() -> None:
    assert len({wrapper.wrap(REQUEST) for wrapper in ALL}) == len(ALL)


@given(st.text(max_size=60))
def test_a_request_with_braces_or_slots_in_it_stays_as_it_is(text: str) -> None:
    request = text + " {request} {text} {0} %s"
    assert request in wrappers()["roleplay"].wrap(request)
    encoded = wrappers()["base64"].wrap(request).rsplit("\n", 1)[1]
    assert base64.b64decode(encoded).decode() == request


def test_transformations_can_be_undone_by_whoever_knows_them() -> None:
    assert codecs.decode(TRANSFORMATIONS["rot13"](REQUEST), "rot13") == REQUEST
    assert TRANSFORMATIONS["leetspeak"]("toast") == "70457"
    assert TRANSFORMATIONS["disemvowel"]("Apple pie") == "ppl p"
    assert TRANSFORMATIONS["spacing"]("ab cd") == "a b   c d"
    assert "".join(re.findall(r'"([^"]*)"', TRANSFORMATIONS["splitting"](REQUEST))) == REQUEST


def test_a_wrapped_prompt_keeps_its_id_its_area_and_its_cluster() -> None:
    plain = Prompt("goal-1", REQUEST, "harmful", "c", "fraud", metadata={"target": "x"})
    around = [wrapped(plain, wrapper) for wrapper in ALL]
    assert {prompt.cluster for prompt in around} == {plain.cluster}
    assert {(prompt.id, prompt.area, prompt.request) for prompt in around} == {("goal-1", "fraud", REQUEST)}
    assert len({prompt.condition for prompt in around} | {"plain"}) == len(ALL) + 1
    assert len({prompt.digest for prompt in around}) == len(ALL), "every text is asked for itself"
    assert all(prompt.metadata["wrapper_version"] >= 1 and prompt.metadata["target"] == "x" for prompt in around)


def test_wrappers_are_chosen_by_name_in_file_order() -> None:
    assert chosen("none") == [] and len(chosen("all")) == len(ALL)
    assert [wrapper.id for wrapper in chosen(["rot13", "base64"])] == ["base64", "rot13"]
    for wrong in (["rot14"], [], "alle"):
        with pytest.raises(InputError) as caught:
            chosen(wrong)
        assert caught.value.code == "FTS-106"
    with pytest.raises(InputError, match="rot13"):
        chosen(["rot12"])


def test_a_suffix_file_gives_one_condition_a_line_named_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "suffixes.txt"
    path.write_text("! ! one\n\n  {request} two \n! ! one\n", encoding="utf-8")
    one, two = suffixes(path, "suffixes.txt")
    assert re.fullmatch(r"suffix-1-[0-9a-f]{8}", one.id) and re.fullmatch(r"suffix-2-[0-9a-f]{8}", two.id)
    assert one.wrap(REQUEST) == f"{REQUEST} ! ! one" and two.wrap(REQUEST) == f"{REQUEST} {{request}} two"
    path.write_text("other\n", encoding="utf-8")
    assert suffixes(path, "s")[0].id != one.id, "a changed suffix is another condition"


@pytest.mark.parametrize(("content", "code"), [(None, "FTS-111"), (b" \n\n", "FTS-112"), (b"\xff\xfe", "FTS-112")])
def test_a_suffix_file_that_cannot_be_used_is_said_so(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "s.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"attacks/s\.txt|no suffix") as caught:
        suffixes(path, "attacks/s.txt")
    assert caught.value.code == code


def test_the_data_file_says_nothing_that_a_wrapper_has_no_place_for() -> None:
    assert {field.name for field in fields(Wrapper)} == {
        "id", "title", "kind", "version", "source", "template", "function"
    }  # fmt: skip
