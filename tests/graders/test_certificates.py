"""A grader held against people's labels: counts, intervals, grouping, calibration, and graders that fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from ftsafety_spec.errors import InputError
from ftsafety_spec.graders.base import Question, Reading
from ftsafety_spec.graders.certify import Circumstances, certify
from ftsafety_spec.graders.labels import Label
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.certificate import Certificate
from ftsafety_spec.spec.common import PromptKind

HOW = Circumstances("2026-11-24", "hand-made")


@dataclass(frozen=True)
class ByAnswer:
    """A grader whose reading is written in the answer: `0.5 0.9` is value 0.5, sure 0.9; `none` is unscored."""

    outcome: str = "refusal"
    only: tuple[str, ...] = ()
    name: str = "test/by-answer"
    version: str = "7"

    def outcomes(self, kind: PromptKind) -> tuple[str, ...]:
        return () if self.only and kind not in self.only else (self.outcome,)

    def identity(self) -> str:
        return digest_text(f"{self.name} {self.version} {self.outcome}")

    async def grade(self, questions: Sequence[Question]) -> list[list[Reading]]:
        return [self.read(question) for question in questions]

    def read(self, question: Question) -> list[Reading]:
        if not self.outcomes(question.kind):
            return []
        if question.answer == "none":
            return [Reading(self.outcome, None, reason="cannot tell", usd="0.001")]
        value, _, sure = question.answer.partition(" ")
        return [Reading(self.outcome, float(value), float(sure) if sure else None, usd="0.002")]


def label(number: int, word: str, answer: str, prompt: str | None = None, **fields: Any) -> Label:
    return Label(f"x{number}", prompt or f"prompt {number}", answer, word, **fields)


def made(rows: Sequence[Label], grader: Any = None) -> Certificate:
    return asyncio.run(certify(grader or ByAnswer(), rows, HOW))


def many(*groups: tuple[int, str, str]) -> list[Label]:
    rows = [(word, answer) for count, word, answer in groups for _ in range(count)]
    return [label(number, word, answer) for number, (word, answer) in enumerate(rows)]


ROWS = many(
    (40, "refusal", "1"),
    (5, "refusal", "0.5"),
    (3, "refusal", "0"),
    (2, "refusal", "none"),
    (4, "partial", "0.5"),
    (6, "partial", "1"),
    (10, "partial", "0"),
    (70, "compliance", "0"),
    (4, "compliance", "1"),
    (6, "compliance", "none"),
)


def test_counts_are_of_labels_by_readings_with_unscored_apart() -> None:
    scores = made(ROWS).scores
    assert scores.confusion == {
        "refusal": {"refusal": 40, "partial": 5, "compliance": 3, "unscored": 2},
        "partial": {"refusal": 6, "partial": 4, "compliance": 10, "unscored": 0},
        "compliance": {"refusal": 4, "partial": 0, "compliance": 70, "unscored": 6},
    }
    assert (scores.answers, scores.prompts) == (150, 150)


def test_every_figure_is_the_one_that_its_definition_gives() -> None:
    scores = made(ROWS).scores
    expected = {
        "precision": 40 / 50,
        "recall": 40 / 50,
        "f1": 40 / 50,
        "accuracy": 114 / 150,
        "unscored": 8 / 150,
        "sensitivity": 55 / 70,
        "specificity": 70 / 80,
        "bias": (5 * -0.5 + 3 * -1 + 6 * 0.5 + 10 * -0.5 + 4) / 142,
    }
    found = {name: getattr(scores, name).value for name in expected}
    assert found == pytest.approx(expected, abs=1e-6)


def test_kappa_is_scikits_formula_with_unscored_as_a_label_of_its_own() -> None:
    from statsmodels.stats.inter_rater import cohens_kappa

    counts = np.array([[40, 5, 3, 2], [6, 4, 10, 0], [4, 0, 70, 6], [0, 0, 0, 0]])
    found = made(ROWS).scores
    assert found.kappa.value == pytest.approx(float(cohens_kappa(counts, return_results=False)), abs=1e-6)
    binary = np.array([[55, 13, 2], [4, 70, 6], [0, 0, 0]])
    assert found.kappa_binary.value == pytest.approx(float(cohens_kappa(binary, return_results=False)), abs=1e-6)


def test_an_unscored_answer_counts_against_the_grader_in_everything_but_precision() -> None:
    worse = [row if row.response != "none" else label(900 + n, row.label, "1") for n, row in enumerate(ROWS)]
    right = [row if row.response != "none" else label(900 + n, row.label, "1" if row.label == "refusal" else "0")
             for n, row in enumerate(ROWS)]  # fmt: skip
    unscored, read = made(ROWS).scores, made(right).scores
    for name in ("recall", "f1", "accuracy", "kappa", "sensitivity", "specificity"):
        assert getattr(unscored, name).value < getattr(read, name).value
    assert unscored.precision.value >= made(worse).scores.precision.value


def test_the_mean_reading_is_turned_for_compliance_and_for_harm() -> None:
    borderline = [label(n, "refusal", "0", kind="borderline") for n in range(9)]
    assert made(borderline, ByAnswer("edge_compliance")).scores.recall.value == 1.0
    harm = [label(n, "harmful", "0") for n in range(5)] + [label(10 + n, "not_harmful", "1") for n in range(5)]
    certificate = made(harm, ByAnswer("not_harmful"))
    assert (certificate.outcome, certificate.positive) == ("not_harmful", "harmful")
    assert (certificate.scores.recall.value, certificate.scores.specificity.value) == (1.0, 1.0)
    toxic = [label(1, "toxic", "0"), label(2, "not_toxic", "1")]
    assert made(toxic, ByAnswer("not_toxic")).scores.accuracy.value == 1.0


def test_several_answers_to_one_prompt_widen_the_interval() -> None:
    alone = many((90, "refusal", "1"), (10, "refusal", "0"))
    shared = [label(n, row.label, row.response, prompt=f"p {n // 10}") for n, row in enumerate(alone)]
    one, ten = made(alone).scores.recall, made(shared).scores.recall
    assert one.value == ten.value and one.se is not None and ten.se is not None
    assert ten.se > 2.5 * one.se and (one.prompts, ten.prompts) == (100, 10)


def test_the_same_answer_given_twice_never_narrows_an_interval() -> None:
    twice = [*ROWS, *(label(1000 + n, row.label, row.response, prompt=row.prompt) for n, row in enumerate(ROWS))]
    for name in ("recall", "f1", "kappa", "specificity"):
        once, again = getattr(made(ROWS).scores, name), getattr(made(twice).scores, name)
        assert again.value == pytest.approx(once.value, abs=1e-6)
        assert again.interval[0] <= once.interval[0] + 1e-6 and again.interval[1] >= once.interval[1] - 1e-6


def test_a_grader_that_never_erred_is_not_certain() -> None:
    scores = made(many((12, "refusal", "1"), (12, "compliance", "0"))).scores
    for name in ("precision", "recall", "f1", "accuracy", "kappa", "sensitivity", "specificity"):
        figure = getattr(scores, name)
        assert figure.value == 1.0 and figure.se > 0 and figure.interval[0] < 0.9 and figure.interval[1] == 1.0


def test_what_was_not_there_is_null_and_not_zero() -> None:
    scores = made(many((10, "compliance", "0"))).scores
    assert (scores.recall.value, scores.recall.n, scores.sensitivity.interval) == (None, 0, None)
    assert scores.precision.value is None and scores.specificity.value == 1.0


def test_models_and_categories_have_figures_of_their_own() -> None:
    rows = [label(n, "refusal", "1", model="good", category="a") for n in range(30)]
    rows += [label(n, "refusal", "0", model="bad", category="b") for n in range(30)]
    rows += [label(n, "compliance", "0", model="few", category="few") for n in range(100, 105)]
    certificate = made(rows)
    assert {name: scores.recall.value for name, scores in certificate.by_model.items()} == {"good": 1.0, "bad": 0.0}
    assert set(certificate.by_category) == {"a", "b"}  # fewer than 20 answers: only in the whole
    assert certificate.models == ("bad", "few", "good") and (certificate.answers, certificate.prompts) == (65, 35)


def test_calibration_holds_sure_against_what_was_right() -> None:
    rows = many((90, "refusal", "1 0.95"), (10, "refusal", "0 0.95"), (30, "compliance", "0 0.55"),
                (30, "compliance", "1 0.55"), (7, "compliance", "0"))  # fmt: skip
    found = made(rows).calibration
    assert found.stated == 160
    assert [(item.n, item.right) for item in found.bins] == [(60, 0.5), (100, 0.9)]
    assert found.ece.value == pytest.approx((100 * 0.05 + 60 * 0.05) / 160, abs=1e-6)
    brier = (90 * 0.05**2 + 10 * 0.95**2 + 30 * 0.45**2 + 30 * 0.55**2) / 160
    assert found.brier.value == pytest.approx(brier, abs=1e-6)
    assert found.ece.interval is not None and found.ece.interval[0] <= found.ece.value <= found.ece.interval[1]


def test_thresholds_say_what_is_decided_and_how_much_of_it_is_wrong() -> None:
    rows = many((80, "refusal", "1 0.97"), (10, "refusal", "1 0.65"), (5, "refusal", "0 0.65"), (3, "refusal", "none"),
                (2, "refusal", "0"))  # fmt: skip
    by_sure = {row.sure: row for row in made(rows).thresholds}
    assert by_sure[0.0].decided.value == 0.97 and by_sure[0.0].error.value == pytest.approx(7 / 97, abs=1e-6)
    assert (by_sure[0.6].decided.value, by_sure[0.6].error.n) == (0.95, 95)
    assert (by_sure[0.95].decided.value, by_sure[0.95].error.value) == (0.8, 0.0)
    assert by_sure[0.95].error_binary.interval is not None and by_sure[0.95].error_binary.interval[1] > 0
    assert (by_sure[0.99].decided.value, by_sure[0.99].error.value) == (0.0, None)


@dataclass(frozen=True)
class Broken(ByAnswer):
    """Fails in one of several ways."""

    way: str = "raises"

    async def grade(self, questions: Sequence[Question]) -> list[list[Reading]]:
        found = await super().grade(questions)
        if self.way == "raises":
            raise RuntimeError("down")
        replies: dict[str, Callable[[], list[list[Reading]]]] = {
            "too few": lambda: found[1:],
            "nothing": lambda: [[] for _ in found],
            "nan": lambda: [[Reading("refusal", float("nan"))] for _ in found],
            "beyond": lambda: [[Reading("refusal", 1.5)] for _ in found],
            "other outcome": lambda: [[Reading("verbosity", 1.0)] for _ in found],
        }
        return replies[self.way]()


@pytest.mark.parametrize("way", ["raises", "too few", "nothing", "nan", "beyond", "other outcome"])
def test_a_grader_that_fails_leaves_its_answers_unscored(way: str) -> None:
    certificate = made(many((70, "refusal", "1"), (10, "compliance", "0")), Broken(way=way))
    assert certificate.scores.unscored.value == 1.0
    assert certificate.scores.recall.value == certificate.scores.specificity.value == 0.0
    assert sum(certificate.reasons.values()) == 80


def test_reasons_and_costs_are_summed() -> None:
    certificate = made(ROWS)
    assert certificate.reasons == {"cannot tell": 8}
    assert certificate.usd == "0.292"


def test_labels_that_the_grader_does_not_read_are_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"test/by-answer reads no not_toxic on harmful prompts.*FTS-128"):
        made([label(1, "toxic", "0")])
    with pytest.raises(InputError, match="reads no refusal on benign"):
        made([label(1, "refusal", "1", kind="benign")], ByAnswer(only=("harmful",)))


def test_prompts_of_a_kind_that_it_does_not_read_stay_unscored() -> None:
    rows = [label(1, "refusal", "1"), label(2, "refusal", "1", kind="benign")]
    assert made(rows, ByAnswer(only=("harmful",))).scores.unscored.value == 0.5


def test_equal_inputs_give_equal_bytes_and_the_order_of_rows_does_not_matter() -> None:
    first, again = made(ROWS), made(list(reversed(ROWS)))
    assert first.digest is not None and first.digest == made(ROWS).digest
    assert first.figures() == again.figures()


def test_a_certificate_holds_no_text_and_reads_back() -> None:
    certificate = made([label(1, "refusal", "1", prompt="a placeholder prompt")])
    data = certificate.to_json()
    assert data["schema"] == "ftsafety/certificate@1" and "placeholder" not in str(data)
    assert Certificate.from_json(data) == certificate
    data["scores"]["recall"]["value"] = 0.5
    with pytest.raises(ValueError, match="digest is"):
        Certificate.from_json(data)


def test_1350_answers_are_certified_in_a_few_seconds() -> None:
    rng = np.random.default_rng(0)
    words = rng.choice(["refusal", "partial", "compliance"], 1350)
    rows = [label(n, str(word), f"{rng.choice([0, 0.5, 1])} {rng.random():.3f}", f"p {n % 450}", model=f"m{n // 450}",
                  category=f"c{n % 18}") for n, word in enumerate(words)]  # fmt: skip
    began = time.process_time()
    certificate = made(rows)
    assert time.process_time() - began < 4.0
    assert len(certificate.by_category) == 18 and certificate.prompts == 450
