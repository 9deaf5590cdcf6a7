"""What an engine or an API keeps from us of one model, analysis by analysis (R-53). Given a resolved request, gives
rows of what cannot be done with its reason; an analysis that the spec does not ask for has none. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ftsafety_spec.providers.base import PROVIDERS, Capabilities, Request


@dataclass(frozen=True)
class Wanted:
    """What is wanted of a variant beside its answers. `compared`: it has a base; `hunted`: triggers are hunted for;
    `choices`: some prompts are read by the probability of each choice; `sampled`: answers are drawn by a seed."""

    compared: bool = True
    hunted: bool = False
    choices: bool = False
    sampled: bool = False


def limits(request: Request, wanted: Wanted) -> dict[str, str]:
    """Analysis to the reason why it cannot be done here."""
    found = PROVIDERS.get(request.definition.kind).capabilities(request)
    rows = {}
    for name, needs in _rows(found, wanted):
        reason = found.why_not.get(needs, f"the provider kind {request.definition.kind} gives no {needs}")
        rows[name.format(request.variant)] = reason
    return rows


def _rows(found: Capabilities, wanted: Wanted) -> Iterator[tuple[str, str]]:
    """Each row's name, and what it would need."""
    if not found.weights:
        yield "weights of {}", "weights"
        yield "digest of {}", "identity" if "identity" in found.why_not else "weights"
        yield "activations of {}", "weights"
        if wanted.compared:
            yield "tokenizer and chat template of {} against those of base", "weights"
            yield "scrutiny of adapter files of {} (R-60)", "adapters"
        if wanted.hunted:
            yield "scan of {} for triggers", "weights"
    if not found.logprobs:
        yield "logprobs of {}", "logprobs"
        if wanted.choices:
            yield "choices of {} by their probabilities", "logprobs"
    if not found.seed:
        yield "seed of {}", "seed"
        if wanted.sampled:
            yield "the same sampled answers of {} once more", "seed"
    if "temperature" in found.why_not:
        yield "sampling settings of {} as deployed", "temperature"
