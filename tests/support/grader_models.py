"""Models behind graders, scripted: what they are asked is kept, what they answer is a function of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ftsafety_spec.graders.base import Asked

Messages = Sequence[tuple[str, str]] | str


def text_of(messages: Messages) -> str:
    """What is shown, as one text; of a chat, the last user message."""
    return messages if isinstance(messages, str) else [text for role, text in messages if role == "user"][-1]


@dataclass
class Scripted:
    """A grader's model. `say`: shown messages to an answer (or to an Asked, or to an exception that is raised)."""

    say: Callable[[Messages], str | Asked | Exception]
    raw: bool = True
    identity: str = "sha256:" + "1" * 64
    labels: Callable[[str], dict[str, float]] | None = None
    asked: list[Messages] = field(default_factory=list)

    async def ask(self, messages: Messages, max_tokens: int, logprobs: bool = False) -> Asked:  # noqa: ARG002
        self.asked.append(messages)
        said = self.say(messages)
        if isinstance(said, Exception):
            raise said
        return said if isinstance(said, Asked) else Asked(said, usd="0.00010000")

    async def classify(self, texts: Sequence[str]) -> list[dict[str, float]]:
        assert self.labels is not None
        return [self.labels(text) for text in texts]


def saying(text: str | Asked | Exception, raw: bool = True) -> Scripted:
    """A model that always says the same."""
    return Scripted(lambda messages: text, raw)  # noqa: ARG005
