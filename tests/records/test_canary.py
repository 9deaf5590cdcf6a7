"""R-53: what tells another model under a provider's name: names, fingerprints, answers; and what does not."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.canary import LEVEL, CanaryAnswers, another_model

WHO = digest_text("who")
PROMPTS = [digest_text(f"prompt {n}") for n in range(12)]


def seen(
    answers: Sequence[Sequence[str]] = (), models: tuple[str, ...] = (), prints: tuple[str, ...] = ()
) -> CanaryAnswers:
    said = {p: tuple(digest_text(text) for text in texts) for p, texts in zip(PROMPTS, answers, strict=False)}
    return CanaryAnswers(identity=WHO, at="2026-11-25T00:00:00Z", models=models, fingerprints=prints, answers=said)


def drawn(rng: random.Random, of: int, name: str = "") -> list[list[str]]:
    """Twelve prompts asked twice, of a model that has `of` answers to each."""
    return [[f"{name}{n}-{rng.randrange(of)}" for _ in range(2)] for n in range(12)]


def test_equal_answers_and_names_say_nothing() -> None:
    one = seen([["a", "a"]] * 12, ("m",), ("fp",))
    assert another_model([one], one) == ()


def test_another_fingerprint_or_name_is_said_with_both() -> None:
    said = another_model([seen([], ("m-1",), ("fp_1", "fp_2"))], seen([], ("m-2",), ("fp_3",)))
    assert said == (
        "the provider names m-2 and named m-1",
        "the provider gives the fingerprint fp_3 and gave fp_1, fp_2",
    )


@pytest.mark.parametrize("prints", [("fp_2", "fp_9"), ()], ids=["one of several servers", "none given"])
def test_a_fingerprint_in_common_or_missing_says_nothing(prints: tuple[str, ...]) -> None:
    assert another_model([seen([], (), ("fp_1", "fp_2"))], seen([], (), prints)) == ()


def test_any_earlier_time_counts() -> None:
    assert another_model([seen([], (), ("fp_1",)), seen([], (), ("fp_2",))], seen([], (), ("fp_1",))) == ()


def test_a_sure_model_whose_answers_are_all_others_is_another_one() -> None:
    rng = random.Random(1)
    said = another_model([seen(drawn(rng, 1, "old"))], seen(drawn(rng, 1, "new")))
    assert said == ("12 of 12 fixed prompts are answered otherwise",)


@pytest.mark.parametrize("of", [1, 2, 3, 5, 20])
def test_a_model_that_varies_is_seldom_taken_for_another(of: int) -> None:
    rng = random.Random(7)
    wrong = sum(bool(another_model([seen(drawn(rng, of))], seen(drawn(rng, of)))) for _ in range(2000))
    assert wrong <= 2000 * LEVEL * 3 + 2


def test_what_differed_between_earlier_times_of_one_model_is_its_own_variation() -> None:
    def at(changed: Sequence[int], name: str) -> CanaryAnswers:
        return seen([[name if n in changed else "same"] * 2 for n in range(12)])

    first, later = at([], ""), at(range(6), "later")
    assert another_model([first], later) != ()
    assert another_model([first, at([0, 1, 2], "b"), at([3, 4], "c")], later) == ()


def test_nothing_before_says_nothing() -> None:
    assert another_model([], seen([["a", "a"]] * 12, ("m",), ("fp",))) == ()
