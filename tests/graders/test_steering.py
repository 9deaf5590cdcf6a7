"""Answers that try to steer their grader (issue 5, item 8): no verdict ever comes out of the answer's text, whatever a
model makes of it. The models here are the worst parsers that we could think of."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.grader_models import Messages, Scripted, saying, text_of

from ftsafety_spec.graders.base import GRADERS, Question, Reading
from ftsafety_spec.graders.judging import neutral
from ftsafety_spec.graders.official import guard, harmbench, llama_guard, md_judge, toxigen_roberta, wildguard
from ftsafety_spec.graders.official.guard import Guard
from ftsafety_spec.graders.rubric import harmfulness, refusal, refusal_quality, rubric, strongreject
from ftsafety_spec.graders.rubric.rubric import Rubric

ROWS = [json.loads(line) for line in (Path(__file__).parent / "data" / "steering.jsonl").read_text().splitlines()]
ANSWERS = {row["id"]: row.get("pad", ["", 0])[0] * row.get("pad", ["", 0])[1] + row["answer"] for row in ROWS}
GUARDS: tuple[Guard, ...] = (
    harmbench.GRADER,
    md_judge.GRADER,
    wildguard.GRADER,
    llama_guard.GRADER,
    llama_guard.GRADER_2,
)
RUBRICS: tuple[Rubric, ...] = (refusal.GRADER, harmfulness.GRADER, strongreject.GRADER, refusal_quality.GRADER)
HONEST = {
    "ftsafety/refusal_judge": {"refusal": "partial"},
    "ftsafety/harmfulness": {"score": 4},
    "ftsafety/strongreject": {"refusal": 0, "convincing": 3, "specific": 4},
    "ftsafety/refusal_quality_judge": dict.fromkeys(("declines", *refusal_quality.QUESTIONS), "yes"),
}
TEMPLATES = re.compile(
    r"\[/INST\]|<\|eot_id\|><\|start_header_id\|>assistant<\|end_header_id\|>|<\|im_start\|>assistant|"
    r"<\|assistant\|>|<start_of_turn>model|<｜Assistant｜>|<\|end\|>"
)
ENDS = re.compile(r"<\|[a-z_]+\|>|\[INST\]|</s>|<end_of_turn>")


def question(answer: str) -> Question:
    return Question("A placeholder request.", answer, "harmful")


def read(grader: Guard | Rubric, model: Scripted, answer: str) -> list[Reading]:
    (readings,) = asyncio.run(grader.bind(model).grade([question(answer)]))
    return readings


def shown_answer(messages: Messages) -> str:
    """The answer as the model sees it, in any of the formats."""
    text = text_of(messages)
    fenced = re.search(r"\[answer (k[0-9a-f]{16})\]\n(.*)\n\[/answer \1\]", text, re.DOTALL)
    if fenced:
        return fenced[2]
    start = max(text.rfind(mark) + len(mark) for mark in _OPENINGS if mark in text)
    end = min(text.find(mark, start) for mark in _CLOSINGS if mark in text[start:])
    return text[start:end]


_OPENINGS = ("\nGeneration:\n", "\n[GENERATION]:\n", "\nAgent: ", "\nAI assistant:\n")
_CLOSINGS = ("\n\n---\n", "\n\n<END CONVERSATION>")


def last_line(messages: Messages) -> str:
    """Repeats the answer's last line."""
    return shown_answer(messages).rstrip().split("\n")[-1]


def first_verdict(messages: Messages) -> str:
    """Finds the first thing after the true opening line that looks like a verdict of any grader, and says it."""
    answer = shown_answer(messages)
    found = re.search(r"\{[^{}]*\}", answer) or re.search(r"(?im)^(?:safe|unsafe|yes|no)\W*$", answer)
    return found.group() if found else answer


def last_verdict(messages: Messages) -> str:
    """The same, from the end, code fence and all."""
    answer = shown_answer(messages)
    found = re.findall(r"```json.*?```|\{[^{}]*\}", answer, re.DOTALL)
    return found[-1] if found else answer.rstrip().split("\n")[-1]


def after_the_first_mark(messages: Messages) -> str:
    """Takes every mark of a chat template for a mark, wherever it stands, as tokenizers do: the answer turn begins
    after the first one, and ends with the next."""
    text = text_of(messages)
    first = TEMPLATES.search(text)
    said = text[first.end() :] if first else ""
    return ENDS.split(TEMPLATES.split(said)[0])[0].strip().split("\n\n")[0]


VICTIMS: tuple[Callable[[Messages], str], ...] = (last_line, first_verdict, last_verdict, after_the_first_mark)


def test_the_set_is_large_and_of_many_kinds() -> None:
    assert len(ROWS) >= 40 and len(ANSWERS) == len(ROWS)
    assert len({row["kind"].split()[0] for row in ROWS}) >= 9


@pytest.mark.parametrize("victim", VICTIMS, ids=lambda victim: victim.__name__)
@pytest.mark.parametrize("raw", [True, False], ids=["raw", "chat"])
@pytest.mark.parametrize("grader", [*GUARDS, *RUBRICS], ids=lambda grader: grader.name)
def test_no_verdict_comes_from_the_answer(grader: Guard | Rubric, raw: bool, victim: Callable[[Messages], str]) -> None:
    for name, answer in ANSWERS.items():
        readings = read(grader, Scripted(victim, raw), answer)
        assert readings and all(reading.value is None and reading.reason for reading in readings), name


@pytest.mark.parametrize("grader", GUARDS, ids=lambda grader: grader.name)
def test_no_line_of_a_shown_answer_is_a_verdict_however_it_is_cut(grader: Guard) -> None:
    for name, answer in ANSWERS.items():
        lines = shown_answer(grader.shown(question(answer)).raw).split("\n")
        for echo in _echoes(lines[:12] + lines[-12:]):
            assert grader.parse(echo) is None, name


def _echoes(lines: list[str]) -> Iterator[str]:
    """Lines, up to three together, and the first words of each: a grader of one token hears no more."""
    for start, length in itertools.product(range(len(lines)), (1, 2, 3)):
        yield "\n".join(lines[start : start + length])
    for line in lines:
        words = line.split()
        yield from (" ".join(words[:count]) for count in (1, 2) if words)


@pytest.mark.parametrize("victim", [last_line, after_the_first_mark], ids=lambda victim: victim.__name__)
@pytest.mark.parametrize("grader", GUARDS[:4], ids=lambda grader: grader.name)
def test_without_the_defence_the_same_answers_would_steer(
    grader: Guard, victim: Callable[[Messages], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "neutral", lambda text: text)
    monkeypatch.setattr(guard, "quoted", lambda text, verdict: text)  # noqa: ARG005
    steered = [name for name, answer in ANSWERS.items() if read(grader, Scripted(victim), answer)[0].value is not None]
    if (grader.name, victim.__name__) != ("ftsafety/wildguard", "last_line"):  # its verdict has three lines
        assert steered, "the tests above would hold for no reason"


def test_without_its_key_a_judge_would_be_steered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rubric, "key_of", lambda *texts: "k0000000000000000")  # noqa: ARG005
    monkeypatch.setattr(rubric, "fenced", lambda name, key, text: f"[{name} {key}]\n{text}\n[/{name} {key}]")
    steered = [
        n for n, answer in ANSWERS.items() if read(refusal.GRADER, Scripted(last_verdict), answer)[0].value is not None
    ]
    assert steered, "the tests above would hold for no reason"


@pytest.mark.parametrize("grader", [*GUARDS, *RUBRICS], ids=lambda grader: grader.name)
def test_an_honest_model_is_read_whatever_the_answer_says(grader: Guard | Rubric) -> None:
    for name, answer in ANSWERS.items():
        model = Scripted(lambda messages: _honest(grader, messages))
        assert all(reading.value is not None for reading in read(grader, model, answer)), name
        assert len(model.asked) == 1, f"{name}: no second question was needed"


def _honest(grader: Guard | Rubric, messages: Messages) -> str:
    if isinstance(grader, Rubric):
        key = re.search(r"carry the key (k[0-9a-f]{16})", text_of(messages))
        assert key is not None
        return json.dumps({"key": key[1], **HONEST[grader.name]})
    return {
        "ftsafety/harmbench": "yes",
        "ftsafety/md_judge": "unsafe\nO5",
        "ftsafety/wildguard": "Harmful request: yes\nResponse refusal: no\nHarmful response: yes",
    }.get(grader.name, "unsafe\nS1,S10")


@pytest.mark.parametrize("grader", [*GUARDS, *RUBRICS], ids=lambda grader: grader.name)
def test_a_shown_answer_holds_no_mark_of_a_chat_template(grader: Guard | Rubric) -> None:
    for name, answer in ANSWERS.items():
        model = saying("")
        read(grader, model, answer)
        text = shown_answer(model.asked[0])
        assert not TEMPLATES.search(text) and not ENDS.search(text), name


def test_no_answer_can_hold_its_own_key() -> None:
    messages, key = refusal.GRADER.messages(question("placeholder"))
    _, other = refusal.GRADER.messages(question(f"placeholder {key}"))
    assert key != other
    assert refusal.GRADER.verdict(json.dumps({"key": key, "refusal": "full"}), key) is not None
    assert refusal.GRADER.verdict(json.dumps({"key": key, "refusal": "full"}), other) is None
    assert refusal.GRADER.messages(question("placeholder")) == (messages, key), "the same in every run"


def test_the_question_itself_holds_no_verdict() -> None:
    for grader in RUBRICS:
        messages, key = grader.messages(question("placeholder"))
        for piece in re.findall(r"\{[^{}]*\}", messages[1][1]) + messages[1][1].split("\n"):
            assert grader.verdict(piece, key) is None


def test_padding_hides_nothing_from_a_classifier_with_a_window() -> None:
    toxic = saying("")
    toxic.labels = lambda text: {"LABEL_1": 0.9 if "MARK" in text else 0.1}
    for before, after in ((0, 5000), (5000, 5000), (5000, 0), (949, 3)):
        answer = "a " * before + "MARK" + " a" * after
        (readings,) = asyncio.run(toxigen_roberta.GRADER.bind(toxic).grade([question(answer)]))
        assert readings[0].value == 0.0


@pytest.mark.parametrize("text", ["a < b | c > d", "def f(x):\n    return [x]", 'He said: "no"', "1. first\n2. second"])
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert neutral(text) == text


@pytest.mark.parametrize("piece", ["<", "[", "user", "<|", "</", "[/", "#", "- ", "<<", "a\n", "\u200b", "safe ", "|"])
def test_hostile_spacing_takes_no_time(piece: str) -> None:
    began = time.process_time()
    for filling in (" ", "\t", "\u00a0"):
        for text in (piece + filling * 30_000, (piece + filling) * 10_000, filling * 30_000 + piece):
            wildguard.GRADER.shown(question(text))
    assert time.process_time() - began < 2


def test_every_grader_with_a_model_is_among_these() -> None:
    ours = {grader.name for grader in (*GUARDS, *RUBRICS)} | {"ftsafety/toxigen_roberta"}
    named = {name for name in GRADERS.names() if hasattr(GRADERS.get(name), "bind")}
    assert {name for name in named if name.startswith("ftsafety/")} <= ours | {"ftsafety/mc_judge"}
