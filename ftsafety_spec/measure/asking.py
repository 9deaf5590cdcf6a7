"""One call, from messages to a `Reply`: seeds, retries, and how an answer ended. Given an Inspect model, gives
replies; an empty answer is an error, a failed call is one after `TRIES` tries. Never writes anything."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ftsafety_spec.measure.halt import Halt
from ftsafety_spec.measure.ledger import Reply, State
from ftsafety_spec.providers.base import REPEAT, NoAnswer

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, Model, ModelOutput

TRIES = 3
"""Tries of one call here; each already holds the provider's own retries."""
FIRST = 20
"""Likeliest first tokens whose log-probabilities are kept; more is refused by most APIs."""
_LONGEST_REASON = 200


@dataclass(frozen=True)
class Draws:
    """How repeats differ: by seed where answers are sampled, not at all where they are greedy."""

    temperature: float
    seed: int

    def seed_of(self, repeat: int) -> int | None:
        """The seed of one repeat; None for greedy answers."""
        return self.seed + repeat if self.temperature > 0 else None


async def ask(
    model: Model, messages: list[ChatMessage] | str, repeat: int, draws: Draws, halt: Halt, *, first: bool = False
) -> tuple[Reply, ModelOutput | None]:
    """Ask until there is an answer, at most `TRIES` times, and not again once a stop was asked for. `first`: with the
    log-probabilities of the first token, at the first try only, for an endpoint may refuse them."""
    from inspect_ai.model import GenerateConfig

    REPEAT.set(repeat)
    begun = time.perf_counter()
    for attempt in range(1, TRIES + 1):
        wanted: dict[str, Any] = {"logprobs": True, "top_logprobs": FIRST} if first and attempt == 1 else {}
        config = GenerateConfig(seed=draws.seed_of(repeat), **wanted)
        try:
            output = await model.generate(messages, config=config)
        except NoAnswer as error:
            if wanted and model.config.batch and error.state == "error" and not halt.now():
                continue  # the endpoint may have refused log-probabilities
            return Reply(error.state, reason=str(error), seconds=time.perf_counter() - begun), None
        except Exception as error:
            if attempt == TRIES or halt.now():
                return Reply("error", reason=reason_of(error), seconds=time.perf_counter() - begun), None
        else:
            reply = reply_of(output, time.perf_counter() - begun)
            if model.config.batch:
                reply = replace(reply, seconds=0.0)  # hours of waiting tell nothing of the engine's speed
            return (replace(reply, first=_take_first(output)) if wanted else reply), output
    raise AssertionError("unreachable")


def reply_of(output: ModelOutput, seconds: float) -> Reply:
    """A model's output as a reply: filtered, truncated, ok; without any text, an error."""
    state: State = "ok"
    stop = output.stop_reason if output.choices else "unknown"
    text = output.completion
    reason = None
    if stop == "content_filter":
        state = "filtered"
    elif output.error or not text.strip():
        state, reason = "error", output.error or f"empty answer ({stop})"
    elif stop in ("max_tokens", "model_length"):
        state = "truncated"
    usage = output.usage
    return Reply(
        state,
        text=text if text.strip() and state != "error" else None,
        reason=reason,
        tokens_in=usage.input_tokens if usage else None,
        tokens_out=usage.output_tokens if usage else None,
        seconds=output.time if output.time is not None else seconds,
    )


def _take_first(output: ModelOutput) -> Mapping[str, float] | None:
    """Log-probabilities at the first position; they are taken out of the output, so that no log holds all of them."""
    given = output.choices[0].logprobs if output.choices else None
    if given is None or not given.content:
        return None
    output.choices[0].logprobs = None
    head = given.content[0]
    return {item.token: item.logprob for item in (*(head.top_logprobs or ()), head)}


def reason_of(error: BaseException) -> str:
    """A short reason without a traceback; wrapped errors give their innermost."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    inner = getattr(error, "last_attempt", None)
    if inner is not None and callable(getattr(inner, "exception", None)) and inner.exception() is not None:
        error = inner.exception()
    first = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"[:_LONGEST_REASON].rstrip(": ")
