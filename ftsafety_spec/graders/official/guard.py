"""What the official graders share: a prompt in the maker's own format, a strict reading, and the grader made of both.
Given a format and a model, gives readings. Inside an answer, whatever looks like the format's own marks or like a
verdict is written with other signs or quoted; everything else is the official text."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ftsafety_spec.graders.base import GraderModel, Question, Reading
from ftsafety_spec.graders.hearing import before_asking, hear, unscored
from ftsafety_spec.graders.judging import neutral, prompt_text, quoted
from ftsafety_spec.records.base import digest_of, digest_text
from ftsafety_spec.spec.common import PromptKind

PARSING = "1"
"""Version of how texts are made neutral and answers are read; it is in every guard's identity."""

Values = tuple[Mapping[str, float | None], str]
"""Values by outcome, and the reason that stands beside them."""


@dataclass(frozen=True)
class Shown:
    """One prompt in the maker's format: `raw`, which is completed as it stands (the engine puts its begin-of-sequence
    token first), and `chat`, the same as messages, for a model that takes chats only."""

    raw: str
    chat: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Guard:
    """An official grader without its model. `prompts`: files of its prompt; `show(question, request, answer)`: what the
    model is shown, of neutral texts; `parse`: an answer as a verdict, None where it has another form; `read`: a verdict
    as values; `verdict_line`: how a line begins that could be taken for one; `own`: readings that need no model."""

    name: str
    version: str
    prompts: tuple[str, ...]
    max_tokens: int
    show: Callable[[Question, str, str], Shown]
    parse: Callable[[str], str | None]
    read: Callable[[str, PromptKind], Values]
    verdict_line: re.Pattern[str]
    withheld: Mapping[str, float | None]
    outcomes_by_kind: Mapping[PromptKind, tuple[str, ...]]
    own: Callable[[Question], list[Reading] | None] = lambda question: None  # noqa: ARG005

    def outcomes(self, kind: PromptKind) -> tuple[str, ...]:
        """The outcomes that it reads on a kind of prompt."""
        return self.outcomes_by_kind.get(kind, ())

    def bind(self, model: GraderModel) -> BoundGuard:
        """The grader, with its model."""
        return BoundGuard(self, model)

    def shown(self, question: Question) -> Shown:
        """What the model is shown."""
        turns = "".join(f"{role}: {text}\n\n" for role, text in question.before)
        request, answer = neutral(turns + question.asked), neutral(question.answer)
        return self.show(question, request, quoted(answer, self.verdict_line))

    @cached_property
    def text_digest(self) -> str:
        """Digest of the prompt texts and the parsing."""
        return digest_of([self.name, self.version, PARSING, *(digest_text(prompt_text(name)) for name in self.prompts)])


@dataclass(frozen=True)
class BoundGuard:
    """An official grader with its model."""

    guard: Guard
    model: GraderModel

    @property
    def name(self) -> str:
        """The guard's name."""
        return self.guard.name

    @property
    def version(self) -> str:
        """The guard's version."""
        return self.guard.version

    @property
    def tokens_in(self) -> int:
        """What a question adds to request and answer: four characters a token."""
        return sum(len(prompt_text(name)) for name in self.guard.prompts) // 4

    @property
    def tokens_out(self) -> int:
        """The most that it writes."""
        return self.guard.max_tokens

    def outcomes(self, kind: PromptKind) -> tuple[str, ...]:
        """The guard's."""
        return self.guard.outcomes(kind)

    def identity(self) -> str:
        """Digest of prompt, parsing and model; a prompt sent as a chat is another one."""
        return digest_of([self.guard.text_digest, self.model.identity, self.model.raw])

    async def grade(self, questions: Sequence[Question]) -> list[list[Reading]]:
        """Readings in the order of the questions."""
        return list(await asyncio.gather(*map(self._grade, questions)))

    async def _grade(self, question: Question) -> list[Reading]:
        guard, outcomes = self.guard, self.outcomes(question.kind)
        if not outcomes:
            return []
        known = before_asking(question, {name: guard.withheld.get(name) for name in outcomes})
        known = known if known is not None else guard.own(question)
        if known is not None:
            return known
        shown = guard.shown(question)
        messages = shown.raw if self.model.raw else shown.chat
        heard = await hear(self.model, messages, guard.max_tokens, guard.parse, may_be_cut=guard.max_tokens == 1)
        if heard.verdict is None:
            return unscored(outcomes, heard)
        values, reason = guard.read(heard.verdict, question.kind)
        paid = [heard.usd, *[None] * len(outcomes)]
        return [Reading(name, values[name], reason=reason, usd=usd) for name, usd in zip(outcomes, paid, strict=False)]
