"""Recorded models that talk: who they are is what the run has measured, what they say is a placeholder made of the
message. For the manual desk, which asks things that nobody has recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from ftsafety_spec.providers.base import PROVIDERS, NoAnswer
from ftsafety_spec.providers.engine_model import Draw, Reply, engine_model
from ftsafety_spec.providers.recorded import RecordedAnswers


@dataclass
class Talking(RecordedAnswers):
    """`shown`: what each model was shown; `delay`: seconds before an answer; `silent`: variants that give none."""

    delay: float = 0.0
    silent: set[str] = field(default_factory=set)
    shown: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    opened: int = 0
    closed: int = 0

    @contextmanager
    def open(self, requests: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        self.opened += 1
        yield {
            name: engine_model("talking", request, partial(self._say, name), 4) for name, request in requests.items()
        }
        self.closed += 1

    async def _say(self, name: str, messages: Sequence[Mapping[str, str]], draw: Draw) -> Reply:  # noqa: ARG002
        self.shown.append((name, [(message["role"], message["content"]) for message in messages]))
        await asyncio.sleep(self.delay)
        if name in self.silent:
            raise NoAnswer("placeholder silence")
        words = messages[-1]["content"]
        return Reply(f"Placeholder of {name} to: {words}", "stop", tokens_in=3 * len(messages), tokens_out=5)


def talking(patch: pytest.MonkeyPatch, **how: Any) -> Talking:
    """Let `recorded` models talk, for as long as the patch holds."""
    made = Talking(**how)
    PROVIDERS.get("recorded")
    patch.setitem(PROVIDERS._loaded, "recorded", made)
    return made
