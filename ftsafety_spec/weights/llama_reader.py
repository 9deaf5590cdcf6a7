"""First tokens by llama.cpp, where torch is not installed or an adapter is in its own format.
Given a request on provider kind `llamacpp`, gives the likeliest first tokens of an answer. Each variant has an engine
of its own: prompts are cached here, and what one stack left in the cache must never answer for another."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftsafety_spec.errors import EngineError
from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.llama_engine import LlamaEngine, start
from ftsafety_spec.providers.llamacpp import prepare_adapters
from ftsafety_spec.providers.weights import weights_path
from ftsafety_spec.weights.margins import Top

KEPT = 20
"""As many as llama.cpp's chat protocol tells."""
Chat = tuple[tuple[str, str], ...]


@dataclass
class LlamaReader:
    """An engine that answers for one stack only, one prompt after another."""

    engine: LlamaEngine
    scales: tuple[float, ...]
    base: Path

    def encode(self, messages: Sequence[Mapping[str, str]]) -> Chat:
        """The chat itself: llama.cpp applies its template and tokenizer."""
        return tuple((message["role"], message["content"]) for message in messages)

    def words(self) -> list[tuple[int, str]]:
        """All tokens with what they stand for, out of the GGUF file."""
        from gguf import GGUFReader

        tokens = GGUFReader(self.base).fields["tokenizer.ggml.tokens"]
        texts = [bytes(tokens.parts[part]).decode("utf-8", errors="replace") for part in tokens.data]
        return [(n, text.replace("\u0120", " ").replace("\u2581", " ")) for n, text in enumerate(texts)]

    def tops(self, rows: Sequence[Chat], stop: Callable[[], bool]) -> list[Top | None]:
        """For each row the `KEPT` likeliest next tokens; None for those that were not reached before `stop`."""
        found: list[Top | None] = [None] * len(rows)
        # neighbours begin alike, and what they share stays in the engine's cache
        for number in sorted(range(len(rows)), key=lambda n: rows[n]):
            if stop():
                break
            found[number] = self._ask(rows[number])
        return found

    def _ask(self, chat: Chat) -> Top:
        body: dict[str, Any] = {
            "messages": [{"role": role, "content": content} for role, content in chat],
            "max_tokens": 1,
            "temperature": 0.0,
            "logprobs": True,
            "top_logprobs": KEPT,
            "cache_prompt": True,
            "lora": [{"id": number, "scale": scale} for number, scale in enumerate(self.scales)],
        }
        answer = self.engine.server.handle_chat_completions(body)
        if "error" in answer:
            raise EngineError(f"llama.cpp refused a prompt of the scan: {answer['error'].get('message')}")
        content = (answer["choices"][0].get("logprobs") or {}).get("content") or []
        if not content:
            raise EngineError("llama.cpp gave no log probabilities.")
        return {entry["id"]: math.exp(entry["logprob"]) for entry in content[0]["top_logprobs"]}


def open_readers(requests: Mapping[str, Request]) -> dict[str, LlamaReader]:
    """One engine for each variant, with its own adapters only. Raises EngineError, InputError."""
    readers = {}
    for name, request in requests.items():
        path = weights_path(request)
        engine = start(
            path, prepare_adapters(path, [request]), request.definition.model_copy(update={"concurrency": 1})
        )
        readers[name] = LlamaReader(engine, engine.scales({key: scale for key, _, scale in request.stack}), path)
    return readers
