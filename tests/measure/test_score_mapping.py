"""An Inspect task's score becomes an outcome in [0, 1], or is unscored, or the mapping is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ftsafety_spec.errors import InputError
from ftsafety_spec.measure.mapping import mapped
from ftsafety_spec.spec.suite import OutcomeMapping

KEY = "suites.s.tasks.t.outcomes.o"


def value(score: Any, **mapping: Any) -> float | None:
    return mapped({"match": score}, OutcomeMapping(**mapping), KEY)[0]


@pytest.mark.parametrize(
    ("score", "wanted"),
    [("C", 1.0), ("I", 0.0), ("P", 0.5), (True, 1.0), (False, 0.0), (0.25, 0.25), (1, 1.0), ("0.5", 0.5), ("yes", 1.0)],
)
def test_letters_words_and_numbers_have_values(score: Any, wanted: float) -> None:
    assert value(score) == wanted


@pytest.mark.parametrize("score", [None, "N"])
def test_missing_scores_are_unscored_never_a_value(score: Any) -> None:
    assert mapped({"match": score}, OutcomeMapping(), KEY) == (None, "unscored by the task's scorer")


def test_a_missing_mapping_or_entry_is_unscored() -> None:
    named = OutcomeMapping(value="truthful")
    assert mapped({"match": None}, named, KEY)[0] is None
    assert mapped({"match": {"truthful": None}}, named, KEY)[0] is None


def test_a_scale_maps_its_ends_to_zero_and_one() -> None:
    assert [value(n, scale=(1, 5)) for n in (1, 3, 5)] == [0.0, 0.5, 1.0]
    assert [value(n, scale=(10, 0)) for n in (10, 5, 0)] == [0.0, 0.5, 1.0]
    assert value("C", scale=(1, 0)) == 0.0, "a reversed scale turns letters round as well"


@pytest.mark.parametrize(
    ("scores", "mapping", "words"),
    [
        ({"match": 7}, {}, "outside of scale"),
        ({"match": "maybe"}, {}, "no number"),
        ({"match": [1, 2]}, {}, "no number"),
        ({"match": float("inf")}, {}, "no number"),
        ({"match": {"a": 1}}, {}, "Name one by `value:`"),
        ({"match": 1}, {"value": "a"}, "not a mapping"),
        ({"match": {"truthful": 1}}, {"value": "truthfull"}, "Did you mean truthful"),
        ({"match": 1}, {"scorer": "macth"}, "Did you mean match"),
        ({"one": 1, "two": 1}, {}, "2 scorers; name one"),
    ],
)
def test_what_cannot_be_mapped_is_refused_with_its_place(
    scores: dict[str, Any], mapping: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match="FTS-126") as caught:
        mapped(scores, OutcomeMapping(**mapping), KEY)
    assert words in str(caught.value) and caught.value.problems[0].where.key is not None
    assert KEY in str(caught.value)
