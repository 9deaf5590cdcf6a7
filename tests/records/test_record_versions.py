"""A record that an older version wrote keeps its name and is still trusted."""

from __future__ import annotations

from typing import ClassVar

import pytest

from ftsafety_spec.records.base import Record, digest_of


class Old(Record):
    """As an older version had it."""

    KIND: ClassVar[str] = "thing"

    a: int


class New(Record):
    """The same, with a field more."""

    KIND: ClassVar[str] = "thing"

    a: int
    b: tuple[int, ...] = ()


def test_an_older_record_is_read_under_its_own_digest() -> None:
    data = Old(a=1).sealed().to_json()
    read = New.from_json(data)
    assert read.compute_digest() == read.digest == data["digest"]
    assert read.compute_digest() != New(a=1).compute_digest()


def test_a_changed_older_record_is_refused() -> None:
    data = {**Old(a=1).sealed().to_json(), "a": 2}
    with pytest.raises(ValueError, match="digest is"):
        New.from_json(data)


def test_a_copy_with_another_content_has_another_digest() -> None:
    read = New.from_json(Old(a=1).sealed().to_json())
    changed = read.model_copy(update={"a": 2})
    assert changed.compute_digest() == digest_of(New(a=2).plain())
    assert read.model_copy().compute_digest() == read.compute_digest()


def test_where_a_record_was_read_from_does_not_matter() -> None:
    sealed = New(a=1).sealed()
    assert New.from_json(sealed.to_json()) == sealed
    assert New(a=1) != New(a=2)
    assert New(a=1) != Old(a=1)
