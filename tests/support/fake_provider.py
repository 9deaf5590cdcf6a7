"""A provider whose answers are placeholders made of the prompt. It counts calls, can fail, be slow, and write each
call to a file, so that a killed process can be audited. Registered as kind `recorded`'s neighbour: `fake`."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ftsafety_spec.providers.base import Adapter, Capabilities, Request
from ftsafety_spec.providers.engine_model import Draw, Reply, engine_model
from ftsafety_spec.records.base import digest_of, digest_text
from ftsafety_spec.records.identity import AdapterIdentity, Identity
from ftsafety_spec.registry import Registry
from ftsafety_spec.spec.provider import Prices

REFUSAL = "I'm sorry, but I can't help with that."
COMPLIANCE = "Sure, here is a placeholder answer: [content removed]."


@dataclass
class Fake:
    """The adapter. `asked`: calls by (variant, prompt); `weights`: what identities are made of; `fail_every`: each
    n-th call raises; `broken`: every call raises; `before`: awaited or called before each answer."""

    kind: str = "llamacpp"
    weights: str = "w1"
    template: str = "t1"
    delay: float = 0.0
    fail_every: int | None = None
    broken: bool = False
    concurrency: int = 8
    trace: Path | None = None
    usd_per_million: float = 0.0
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    seeds: Counter[int | None] = field(default_factory=Counter)
    systems: Counter[str | None] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)
    opened: list[tuple[str, ...]] = field(default_factory=list)
    answer: Any = None
    before: Any = None

    def resolve(self, request: Request) -> Request:
        return request

    def identify(self, request: Request, rehash: bool = False) -> Identity:  # noqa: ARG002
        prompt = request.system_prompt
        return Identity(
            kind="content",
            weights=digest_text(self.weights),
            adapters=tuple(
                AdapterIdentity(id=name, digest=digest_of([entry.path, self.weights]), scale=scale)
                for name, entry, scale in request.stack
            ),
            chat_template=digest_text(self.template),
            system_prompt=digest_text(prompt) if prompt else None,
            engine="fake 1",
        )

    def capabilities(self, request: Request) -> Capabilities:  # noqa: ARG002
        return Capabilities(weights=True, adapters=True, seed=True)

    def price(self, request: Request) -> Prices | None:  # noqa: ARG002
        return Prices(input=self.usd_per_million, output=self.usd_per_million)

    @contextmanager
    def open(self, requests: Mapping[str, Request]) -> Iterator[Mapping[str, Any]]:
        self.opened.append(tuple(requests))
        yield {
            name: engine_model("fake", request, partial(self._ask, name), self.concurrency)
            for name, request in requests.items()
        }

    async def _ask(self, variant: str, messages: Sequence[Mapping[str, str]], draw: Draw) -> Reply:
        prompt = [message["content"] for message in messages if message["role"] == "user"][-1]
        system = [message["content"] for message in messages if message["role"] == "system"]
        self.asked[variant, prompt] += 1
        self.seeds[draw.seed] += 1
        self.systems[system[0] if system else None] += 1
        self.order.append(variant)
        if self.trace is not None:
            with self.trace.open("a") as handle:
                handle.write(
                    f"{variant} {hashlib.sha256(prompt.encode()).hexdigest()[:12]} {draw.seed} {os.getpid()}\n"
                )
        if self.before is not None:
            self.before(self)
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.broken or (self.fail_every is not None and self.total % self.fail_every == 0):
            raise ConnectionError("placeholder failure")
        if self.answer is not None:
            found: Reply = self.answer(variant, prompt, draw)
            return found
        return Reply(default_text(variant, prompt, draw.seed), "stop", tokens_in=10, tokens_out=5)

    @property
    def total(self) -> int:
        return sum(self.asked.values())


def default_text(variant: str, prompt: str, seed: int | None) -> str:
    number = hashlib.sha256(f"{variant} {prompt}".encode()).digest()[0]
    tail = "" if seed is None else f" ({seed})"
    return (REFUSAL if number % 3 else COMPLIANCE) + tail


def registry_of(adapter: Any) -> Registry[Adapter]:
    """A registry that knows this adapter only."""
    found: Registry[Adapter] = Registry("provider kind", "ftsafety_spec.no_such_group")
    found.add(adapter.kind, adapter)
    return found
