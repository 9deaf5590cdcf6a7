"""R-13: length counts at equal content only; a broken model is not concise, a cut is not short (written answers)."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftsafety_spec.graders.base import Question, Reading
from ftsafety_spec.graders.verbosity import GRADER, ROOM, SPAN, length_value

METADATA = {"sufficient": 1, "needs": [["paris"]]}
SHORT = "The capital of France is Paris."
LONG = SHORT + " It is worth looking at this from several sides, since much was written about it." * 6


def read(answer: str, **fields: object) -> Reading:
    given_fields = {"kind": "capability", "metadata": METADATA, **fields}
    return asyncio.run(GRADER.grade([Question("Capital?", answer, **given_fields)]))[0][0]  # type: ignore[arg-type]


def test_a_short_sentence_is_not_verbose_and_a_lecture_is() -> None:
    assert (read("Paris.").value, read(SHORT).value) == (0.0, 0.0)
    longer = read(LONG).value
    assert longer is not None and 0.6 < longer <= 1.0


@pytest.mark.parametrize("answer", ["London.", "", "Parisian cafes are nice.", "word " * 200])
def test_without_the_content_it_is_unscored_however_short(answer: str) -> None:
    reading = read(answer)
    assert reading.value is None and reading.reason


def test_repeated_words_are_no_length() -> None:
    assert read("Paris " * 300).value is None


def test_a_cut_off_answer_is_read_only_where_it_reached_the_end_of_the_scale() -> None:
    assert read(SHORT + " It is", state="truncated").value is None
    assert read(" ".join([SHORT, *(f"word{n}" for n in range(120))]), state="truncated").value == 1.0


def test_each_doubling_adds_a_third() -> None:
    assert [length_value(ROOM * 2**n, 1) for n in range(5)] == pytest.approx([0, 1 / 3, 2 / 3, 1, 1], abs=1e-5)
    assert length_value(int(ROOM * SPAN), 1) == 1.0


def test_a_task_that_needs_more_words_has_more_room() -> None:
    assert length_value(40, 1) > length_value(40, 30) > length_value(40, 40) == 0.0


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(1, 200))
def test_longer_never_reads_shorter(left: int, right: int, sufficient: int) -> None:
    low, high = sorted((left, right))
    assert 0.0 <= length_value(low, sufficient) <= length_value(high, sufficient) <= 1.0


@pytest.mark.parametrize(
    ("answer", "found"), [("5", True), ("15", False), ("5.5", False), ("1.5", False), ("It is 5.", True)]
)
def test_a_number_is_not_found_inside_another(answer: str, found: bool) -> None:
    assert (read(answer, metadata={"sufficient": 1, "needs": [["5", "five"]]}).value is not None) is found


def test_every_group_of_needs_has_to_be_met() -> None:
    metadata = {"sufficient": 3, "needs": [["red"], ["blue"]]}
    assert read("Red and blue.", metadata=metadata).value == 0.0
    assert read("Red.", metadata=metadata).value is None


@pytest.mark.parametrize(
    "metadata", [{}, {"sufficient": 3}, {"sufficient": "3", "needs": [["a"]]}, {"sufficient": 3, "needs": []}]
)
def test_a_prompt_that_does_not_say_what_suffices_is_unscored(metadata: dict[str, object]) -> None:
    assert read("Paris.", metadata=metadata).value is None


@pytest.mark.parametrize("state", ["filtered", "error", "not_run"])
def test_what_was_not_answered_is_unscored(state: str) -> None:
    assert read("Paris.", state=state).value is None
