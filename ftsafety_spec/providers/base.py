"""The shape of a provider adapter: resolve, identify, open, capabilities, price.
Given a model entry and a provider definition, gives Inspect models whose identity is known."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from ftsafety_spec.records.identity import Identity
from ftsafety_spec.registry import Registry
from ftsafety_spec.spec.provider import Prices, Provider
from ftsafety_spec.spec.spec import AdapterEntry, Generation, ModelEntry

if TYPE_CHECKING:
    from inspect_ai.model import Model

REPEAT: ContextVar[int | None] = ContextVar("ftsafety_repeat", default=None)
"""Which repeat of a prompt is being asked (from 0). Set by whoever calls a model; recorded answers are looked up by
it. Unset: the Inspect sample's epoch, else the number of calls so far."""


class NoAnswer(Exception):
    """One prompt was not answered: an answer of state `state` with this text as its reason. Never retried."""

    def __init__(self, reason: str, state: Literal["error", "not_run"] = "error") -> None:
        super().__init__(reason)
        self.state = state


@dataclass(frozen=True)
class Request:
    """One variant as the spec has it: the root model entry (never `of`), its whole adapter stack in order. `grading`: a
    grader's model, which may lack a chat template or be a classifier."""

    variant: str
    entry: ModelEntry
    stack: tuple[tuple[str, AdapterEntry, float], ...]
    definition: Provider
    root: Path
    generation: Generation = field(default_factory=Generation)
    system_prompt: str | None = None
    grading: bool = False


@dataclass(frozen=True)
class Capabilities:
    """What this engine or API lets us see."""

    logprobs: bool = False
    weights: bool = False
    adapters: bool = False
    batch: bool = False
    seed: bool = False
    why_not: Mapping[str, str] = field(default_factory=dict)


class Adapter(Protocol):
    """A provider adapter. All variants that share an engine are opened together, so that one set of base weights
    is in memory once."""

    kind: str

    def resolve(self, request: Request) -> Request:
        """The request with paths checked and jobs turned into model ids. Raises InputError (FTS-111, FTS-124)."""

    def identify(self, request: Request, rehash: bool = False) -> Identity:
        """Who will answer: content digests where weights are at hand, else the provider's claim."""

    def capabilities(self, request: Request) -> Capabilities:
        """What can be asked of it."""

    def price(self, request: Request) -> Prices | None:
        """USD per million tokens, or None where unknown; local engines cost nothing per token."""

    def open(self, requests: Mapping[str, Request]) -> AbstractContextManager[Mapping[str, Model]]:
        """Inspect models by variant, closed on exit. Their config holds the generation settings and puts the system
        prompt first: a caller adds none. Raises EngineError; a single prompt's failure is NoAnswer."""


PROVIDERS: Registry[Adapter] = Registry("provider kind", "ftsafety_spec.providers")


def one_engine_only(requests: Mapping[str, Request]) -> None:
    """Base and tuned always run on the same engine: refuse a mix of provider kinds."""
    from ftsafety_spec.errors import InputError

    kinds = {variant: request.definition.kind for variant, request in requests.items()}
    if len(set(kinds.values())) > 1:
        raise InputError(
            f"base and tuned must run on the same engine; found {kinds}.",
            code="FTS-110",
            hint="Give every variant the same provider kind.",
        )
