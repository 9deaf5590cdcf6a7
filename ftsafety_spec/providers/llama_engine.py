"""llama.cpp in this process: one base, all adapters loaded at scale 0, each call naming every adapter's scale.
Given a GGUF file and adapters, answers chats. What other adapters answered never leaks into an answer: prompts are not
cached, every adapter is named in every call, and calls of different stacks are never in flight together."""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ftsafety_spec.errors import EngineError, Where
from ftsafety_spec.providers.base import NoAnswer
from ftsafety_spec.providers.engine_model import Draw, Reply
from ftsafety_spec.providers.stack_gate import StackGate
from ftsafety_spec.spec.provider import Provider

Stack = Mapping[str, float]
_STOPS: dict[str, Literal["stop", "max_tokens", "content_filter"]] = {"length": "max_tokens", "stop": "stop"}


@dataclass
class LlamaEngine:
    """A running server; `adapters` are ids in the order in which llama.cpp numbers them."""

    server: Any
    adapters: tuple[str, ...]
    gate: StackGate

    async def ask(self, stack: Stack, messages: Sequence[Mapping[str, str]], draw: Draw) -> Reply:
        """One answer of the base with `stack`. Raises NoAnswer for this prompt, EngineError for the engine."""
        scales = self.scales(stack)
        body = {"messages": [dict(message) for message in messages], **_body(draw, scales)}
        return await asyncio.wrap_future(self.gate.submit(scales, lambda: self._call("handle_chat_completions", body)))

    async def complete(self, stack: Stack, text: str, draw: Draw) -> Reply:
        """A raw text completed as it stands, without a chat template. Raises as `ask` does."""
        scales = self.scales(stack)
        body = {"prompt": text, **_body(draw, scales)}
        return await asyncio.wrap_future(self.gate.submit(scales, lambda: self._call("handle_completions", body)))

    def scales(self, stack: Stack) -> tuple[float, ...]:
        """One scale for each loaded adapter, 0 where the stack does not hold it."""
        unknown = set(stack) - set(self.adapters)
        if unknown:
            raise EngineError(f"adapters {sorted(unknown)} are not loaded; loaded: {list(self.adapters)}.")
        return tuple(float(stack.get(name, 0.0)) for name in self.adapters)

    def _call(self, method: str, body: dict[str, Any]) -> Reply:
        try:
            answer = getattr(self.server, method)(body)
        except Exception as error:
            raise EngineError(f"llama.cpp failed: {error}") from error
        if "error" in answer:
            raise NoAnswer(str(answer["error"].get("message", "the engine refused this prompt")))
        return _reply(answer)


def start(base: Path, adapters: Mapping[str, Path], definition: Provider) -> LlamaEngine:
    """Load weights and adapters. Raises EngineError where llama.cpp cannot."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(base)
    params.n_parallel = definition.concurrency
    params.n_ctx = definition.concurrency * definition.context_tokens
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = definition.threads or free_cores()
    params.cache_prompt, params.cache_ram_mib = False, 0
    params.verbosity, params.port = 0, 0
    params.api_keys = [secrets.token_hex(16)]
    if definition.device == "cpu":
        params.n_gpu_layers = 0
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(path), 0.0) for path in adapters.values()]
    try:
        server = xllamacpp.Server(params)
    except Exception as error:
        raise EngineError(
            f"llama.cpp cannot load these weights with {len(adapters)} adapter(s): {error}",
            where=Where(file=str(base)),
        ) from error
    engine = LlamaEngine(server, tuple(adapters), StackGate(definition.concurrency))
    _greet(engine)
    return engine


def stop(engine: LlamaEngine) -> None:
    """End what runs and free the memory; the engine is of no use afterwards."""
    engine.gate.close()
    engine.server = None
    gc.collect()


def _greet(engine: LlamaEngine) -> None:
    """Have one token answered. A server that is dropped before its loop runs never ends: its destructor waits forever
    (seen with xllamacpp 2026.10); once it has answered, the loop runs."""
    draw = Draw(temperature=0.0, top_p=None, max_tokens=1, seed=None)
    hello = [{"role": "user", "content": "hi"}]
    engine.server.handle_chat_completions({"messages": hello, **_body(draw, engine.scales({}))})


def cores() -> int:
    """CPU cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_cores(seconds: float = 0.3) -> int:
    """Cores that nobody else is using now, at least one. llama.cpp's threads wait for each other by spinning: with one
    thread more than there are free cores, the same work takes several times as long."""
    import psutil

    busy = float(psutil.cpu_percent(interval=seconds)) / 100 * (os.cpu_count() or 1)
    return max(1, cores() - round(busy))


def _body(draw: Draw, scales: Sequence[float]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "max_tokens": draw.max_tokens,
        "temperature": draw.temperature,
        "cache_prompt": False,
    }
    if draw.top_p is not None:
        body["top_p"] = draw.top_p
    if draw.seed is not None:
        body["seed"] = draw.seed
    if draw.stop:
        body["stop"] = list(draw.stop)
    if draw.top_logprobs:
        body |= {"logprobs": True, "top_logprobs": draw.top_logprobs}
    if scales:
        body["lora"] = [{"id": number, "scale": scale} for number, scale in enumerate(scales)]
    return body


def _reply(answer: Mapping[str, Any]) -> Reply:
    choice, usage = answer["choices"][0], answer["usage"]
    message = choice.get("message") or {"content": choice.get("text")}
    return Reply(
        text=message.get("content") or "",
        stop=_STOPS.get(choice["finish_reason"], "stop"),
        tokens_in=usage["prompt_tokens"],
        tokens_out=usage["completion_tokens"],
        logprobs=choice.get("logprobs"),
        reasoning=message.get("reasoning_content"),
    )
