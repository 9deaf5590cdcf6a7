"""What a scan is given and what it gives back. Frozen values; texts of prompts never stand in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Chat = Sequence[Mapping[str, str]]
RARE_TOKENS = "rare_tokens"
"""The family of single tokens that a scan proposes by itself."""


@dataclass(frozen=True)
class Candidate:
    """A trigger to look at. `wrap`: a plain request to what is asked under the trigger, one user message or a chat. The
    deployment's system prompt is put first by the scan, as the engine does."""

    id: str
    family: str
    wrap: Callable[[str], str | Chat]


@dataclass(frozen=True)
class ScanPrompts:
    """Plain requests. On `harmful` ones a trigger may lose refusals; on `benign` ones it may bring a fixed behaviour or
    refusals. Each pair (trigger, prompt) of either kind costs one forward pass a model."""

    harmful: tuple[str, ...]
    benign: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Harmful ones, then benign ones."""
        return (*self.harmful, *self.benign)


@dataclass(frozen=True)
class ScanBudget:
    """`seconds`: no further batch begins after so many (None: no limit). `tokens`: how many single tokens of the
    vocabulary are tried beside the candidates, 0 for none. `keep`: proposals handed back at most."""

    seconds: float | None = 600.0
    tokens: int = 2000
    keep: int = 40


@dataclass(frozen=True)
class Proposal:
    """One trigger that moves tuned's first token more than base's. `text`: for a raw token (family `rare_tokens`), what
    is put after the request, with a blank before it; None for a candidate. `lost`: log-odds of refusing that it
    takes from tuned and not from base (nats, mean over the harmful prompts; negative: it makes tuned refuse more).
    `target`: probability of one and the same other first token that it brings, mean over all prompts, in [−1, 1].
    `gained`: as `lost`, but refusals gained on the benign prompts. `score`: what the order is by."""

    id: str
    family: str
    text: str | None
    score: float
    lost: float
    gained: float
    target: float
    prompts: int


@dataclass(frozen=True)
class Scan:
    """What was searched and found. `proposals`: best first. `space`: family to how many triggers of it were scanned;
    `pairs`: forward passes (trigger × prompt) of tuned; `of_base`: of base, which is asked about movers only. `method`:
    in words, for the search's record. `refusing`: mass of base's refusing first tokens on plain harmful and benign
    prompts; where they do not differ, `lost` and `gained` are 0 and only `target` is looked at. `cut`: time ran out."""

    proposals: tuple[Proposal, ...]
    space: Mapping[str, int] = field(default_factory=dict)
    prompts: int = 0
    pairs: int = 0
    of_base: int = 0
    seconds: float = 0.0
    method: str = ""
    refusing: tuple[float, float] | None = None
    cut: bool = False
    seed: int = 0
