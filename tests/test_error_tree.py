"""The exception tree: codes, places, nearest names, exit statuses."""

from __future__ import annotations

import pytest

from ftsafety_spec.errors import (
    CODES,
    EngineError,
    FtsafetyError,
    IncompleteError,
    InputError,
    NotFoundError,
    Problem,
    SpecError,
    VerificationError,
    Where,
    nearest,
    suggest,
)


def test_a_message_reads_place_key_found_hint_code() -> None:
    where = Where(file="specs/bot.yaml", line=7, column=14, key="suites.core.tasks.a.benchmark")
    error = NotFoundError("benchmark", "harmbnech", ["ftsafety/harmbench", "ftsafety/xstest"], where)
    assert str(error) == (
        "specs/bot.yaml:7:14  suites.core.tasks.a.benchmark: no such benchmark: 'harmbnech'. "
        "Did you mean ftsafety/harmbench? See FTS-104."
    )


def test_all_problems_of_a_file_come_at_once() -> None:
    error = SpecError([Problem("FTS-105", "one."), Problem("FTS-106", "two.")])
    assert str(error).splitlines() == ["one. See FTS-105.", "two. See FTS-106."]


@pytest.mark.parametrize(
    ("kind", "status"),
    [(InputError, 2), (IncompleteError, 4), (VerificationError, 5), (EngineError, 1), (FtsafetyError, 1)],
)
def test_exit_status_follows_the_kind(kind: type[FtsafetyError], status: int) -> None:
    assert kind("x").exit_status == status


def test_a_code_that_is_not_documented_cannot_be_raised() -> None:
    with pytest.raises(ValueError, match="FTS-999"):
        InputError("x", code="FTS-999")


def test_every_code_has_a_name_and_a_sentence() -> None:
    names = [name for name, _ in CODES.values()]
    assert len(set(names)) == len(names)
    assert all(sentence.endswith(".") for _, sentence in CODES.values())


def test_nearest_knows_the_last_part_of_a_name() -> None:
    assert nearest("harmbnech", ["ftsafety/harmbench"]) == "ftsafety/harmbench"
    assert nearest("zzz", ["ftsafety/harmbench"]) is None


def test_suggest_says_so_where_nothing_is_defined() -> None:
    assert suggest("a", []) == "None is defined."
