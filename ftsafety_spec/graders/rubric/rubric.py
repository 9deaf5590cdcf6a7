"""What all rubric judges share: the framed question, the strict form of its verdict, and the grader made of both.
Given a rubric and a model, gives readings; a verdict without the question's key is none. Source of the approach: Zheng
et al. 2023 (LLM as a judge); the key and the fences are ours."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ftsafety_spec.graders.base import GraderModel, Question, Reading
from ftsafety_spec.graders.hearing import before_asking, hear, unscored
from ftsafety_spec.graders.judging import fenced, filled, key_of, prompt_text
from ftsafety_spec.records.base import digest_of, digest_text
from ftsafety_spec.spec.common import PromptKind

PARSING = "1"
"""Version of the frame and of how verdicts are read; it is in every judge's identity."""
MAX_TOKENS = 128
_FENCE = re.compile(r"\A```(?:json)?[ \t]*\n(.*?)\n?```\Z", re.DOTALL)

Verdict = Mapping[str, Any]
Words = tuple[str, ...] | range


@dataclass(frozen=True)
class Rubric:
    """A judge without its model. `entries`: entry of the verdict to its allowed values; `read`: a verdict as
    values by outcome (None: unscored) with a reason; `withheld`: outcome to its value where the system filtered the
    answer; `outcomes_by_kind`: what it reads."""

    name: str
    version: str
    rubric: str
    entries: Mapping[str, Words]
    read: Callable[[Verdict, PromptKind], tuple[Mapping[str, float | None], str]]
    withheld: Mapping[str, float | None]
    outcomes_by_kind: Mapping[PromptKind, tuple[str, ...]]
    system: str = "system"

    def outcomes(self, kind: PromptKind) -> tuple[str, ...]:
        """The outcomes that it reads on a kind of prompt."""
        return self.outcomes_by_kind.get(kind, ())

    def bind(self, model: GraderModel) -> RubricJudge:
        """The judge, with its model."""
        return RubricJudge(self, model)

    def messages(self, question: Question) -> tuple[list[tuple[str, str]], str]:
        """The chat that asks for a verdict, and the key that the verdict has to carry."""
        request = _request(question)
        key = key_of(self.text_digest, request, question.answer)
        entries = "\n".join(f'"{name}": {_listed(words)}' for name, words in self.entries.items())
        values = {
            "key": key,
            "request": fenced("request", key, request),
            "answer": fenced("answer", key, question.answer),
            "rubric": prompt_text(self.rubric),
            "entries": entries,
        }
        return [("system", prompt_text(self.system)), ("user", filled(prompt_text("frame"), values))], key

    def verdict(self, text: str, key: str) -> Verdict | None:
        """The verdict in a model's answer; None unless the whole answer is one object with this key, exactly our
        entries and allowed values."""
        found = _object(text)
        if found is None or found.pop("key", None) != key or set(found) != set(self.entries):
            return None
        return found if all(_allowed(found[name], words) for name, words in self.entries.items()) else None

    @cached_property
    def text_digest(self) -> str:
        """Digest of everything that is said to the model beside request and answer, and of the parsing."""
        texts = [prompt_text(name) for name in (self.system, "frame", self.rubric)]
        entries = {name: list(words) for name, words in self.entries.items()}
        return digest_of([self.name, self.version, PARSING, *map(digest_text, texts), entries])


@dataclass(frozen=True)
class RubricJudge:
    """A judge with its model. `tokens_in`: what a question adds to request and answer; `tokens_out`: of a verdict."""

    rubric: Rubric
    model: GraderModel
    tokens_out: int = 40

    @property
    def name(self) -> str:
        """The rubric's name."""
        return self.rubric.name

    @property
    def version(self) -> str:
        """The rubric's version."""
        return self.rubric.version

    @property
    def tokens_in(self) -> int:
        """Four characters a token."""
        return sum(len(prompt_text(name)) for name in (self.rubric.system, "frame", self.rubric.rubric)) // 4

    def outcomes(self, kind: PromptKind) -> tuple[str, ...]:
        """The rubric's."""
        return self.rubric.outcomes(kind)

    def identity(self) -> str:
        """Digest of all prompt texts, the parsing and the model."""
        return digest_of([self.rubric.text_digest, self.model.identity])

    async def grade(self, questions: Sequence[Question]) -> list[list[Reading]]:
        """Readings in the order of the questions; the model takes as many at once as its provider allows."""
        return list(await asyncio.gather(*map(self._grade, questions)))

    async def _grade(self, question: Question) -> list[Reading]:
        outcomes = self.outcomes(question.kind)
        if not outcomes:
            return []
        known = before_asking(question, {name: self.rubric.withheld.get(name) for name in outcomes})
        if known is not None:
            return known
        messages, key = self.rubric.messages(question)
        form = f'Only the JSON object, with "key": the text {key}, and with the allowed values.'
        heard = await hear(self.model, messages, MAX_TOKENS, lambda text: self.rubric.verdict(text, key), form=form)
        if heard.verdict is None:
            return unscored(outcomes, heard)
        values, reason = self.rubric.read(heard.verdict, question.kind)
        paid = [heard.usd, *[None] * len(outcomes)]
        return [Reading(name, values[name], reason=reason, usd=usd) for name, usd in zip(outcomes, paid, strict=False)]


def _request(question: Question) -> str:
    """The request that the answer is judged against, after the scripted turns that lead to it."""
    turns = "".join(f"{role}: {text}\n\n" for role, text in question.before)
    return turns + question.asked


def _object(text: str) -> dict[str, Any] | None:
    text = text.strip()
    fence = _FENCE.match(text)
    try:
        found = json.loads(fence[1] if fence else text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("an entry stands there twice")
    return dict(pairs)


def _allowed(value: Any, words: Words) -> bool:
    return not isinstance(value, (bool, float)) and isinstance(value, (str, int)) and value in words


def _listed(words: Words) -> str:
    if isinstance(words, range):
        return f"a whole number from {words.start} to {words.stop - 1}"
    return " or ".join(f'"{word}"' for word in words)
