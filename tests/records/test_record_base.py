"""Records: canonical bytes, digests, reading back."""

from __future__ import annotations

import json
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftsafety_spec.records.base import Meta, Record, canonical, clean_text, digest_bytes, digest_of, digest_text


class Note(Record):
    KIND: ClassVar[str] = "note"

    text: str
    share: float | None = None


def test_digest_covers_content_but_neither_digest_nor_meta() -> None:
    plain = Note(text="a", share=0.5)
    sealed = plain.sealed(Meta.now())
    assert sealed.digest == plain.compute_digest() == sealed.compute_digest()
    assert Note(text="b", share=0.5).compute_digest() != sealed.digest


def test_record_reads_back_equal() -> None:
    sealed = Note(text="ü", share=None).sealed(Meta.now())
    assert Note.from_json(json.loads(json.dumps(sealed.to_json()))) == sealed


def test_changed_content_is_refused_on_reading() -> None:
    data = Note(text="a").sealed().to_json()
    data["text"] = "b"
    with pytest.raises(ValueError, match="digest"):
        Note.from_json(data)


def test_another_schema_is_refused() -> None:
    data = Note(text="a").sealed().to_json()
    data["schema"] = "ftsafety/other@1"
    with pytest.raises(ValueError, match="expected 'ftsafety/note@1'"):
        Note.from_json(data)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_no_record_holds_a_number_that_is_none(bad: float) -> None:
    with pytest.raises(ValueError):
        Note(text="a", share=bad)


def test_canonical_form_ignores_key_order_and_writes_integral_floats_as_rfc_8785_does() -> None:
    assert canonical({"b": 1.0, "a": "é"}) == '{"a":"é","b":1}'.encode()


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_has_a_digest_and_a_clean_form_that_utf8_can_hold(text: str) -> None:
    clean = clean_text(text)
    assert clean.encode("utf-8").decode("utf-8") == clean
    assert digest_text(text) == digest_text(clean) == digest_bytes(clean.encode())


@given(st.dictionaries(st.text(max_size=5), st.integers(-(2**50), 2**50) | st.text(max_size=5), max_size=5))
def test_digest_depends_on_content_only(value: dict[str, object]) -> None:
    again = dict(reversed(list(value.items())))
    assert digest_of(value) == digest_of(again)
