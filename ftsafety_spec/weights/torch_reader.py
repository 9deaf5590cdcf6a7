"""First tokens by torch: many prompts that begin alike, in batches, each shared beginning computed once.
Given a request on provider kind `local`, or on `llamacpp` with PEFT adapters, gives the likeliest first tokens of an
answer. Half precision where the processor has it: good enough to propose, never to measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.torch_model import TorchModel, load
from ftsafety_spec.providers.weights import read_stack, weights_path
from ftsafety_spec.weights.layer_taps import tapped
from ftsafety_spec.weights.margins import Top
from ftsafety_spec.weights.shared_prefix import Batch, Row, batches, common_length

KEPT = 32
SIZE = 64


@dataclass
class TorchReader:
    """A loaded model with the scales of one variant's stack."""

    model: TorchModel
    scales: tuple[float, ...]
    prefix: Row = ()
    past: Any = field(default=None, repr=False)

    def encode(self, messages: Sequence[Mapping[str, str]]) -> Row:
        """Token ids of a chat."""
        return self.model.encode(messages)

    def words(self) -> list[tuple[int, str]]:
        """All tokens that are not special, with what they stand for."""
        tokenizer = self.model.tokenizer
        special = set(tokenizer.all_special_ids)
        numbers = [number for number in range(len(tokenizer)) if number not in special]
        return list(zip(numbers, tokenizer.batch_decode([[n] for n in numbers]), strict=True))

    def tops(self, rows: Sequence[Row], stop: Callable[[], bool]) -> list[Top | None]:
        """For each row the `KEPT` likeliest next tokens; None for those that were not reached before `stop`."""
        found: list[Top | None] = [None] * len(rows)
        for numbers, tops, _ in self._passes(rows, stop, deep=False):
            for number, top in zip(numbers, tops, strict=True):
                found[number] = top
        return found

    def readings(self, rows: Sequence[Row]) -> tuple[list[Top], Any]:
        """For each row the likeliest next tokens, and what every layer makes of its last token: a float32 array of
        shape (rows, layers, width). No other position is kept."""
        import numpy as np

        tops: list[Top] = [{} for _ in rows]
        states: Any = None
        for numbers, some, deep in self._passes(rows, lambda: False, deep=True):
            if states is None:
                states = np.empty((len(rows), *deep.shape[1:]), dtype=np.float32)
            states[list(numbers)] = deep
            for number, top in zip(numbers, some, strict=True):
                tops[number] = top
        return tops, states

    def _passes(
        self, rows: Sequence[Row], stop: Callable[[], bool], *, deep: bool
    ) -> Iterator[tuple[tuple[int, ...], list[Top], Any]]:
        """Batch by batch: numbers of rows, their tops, and their layers' states where they are wanted."""
        import torch

        self.prefix, self.past = (), None
        with self.model.stacked(self.scales), torch.inference_mode():
            for batch in batches(rows, SIZE):
                if stop():
                    break
                yield (batch.rows, *self._batch(rows, batch, deep))
        self.prefix, self.past = (), None

    def _batch(self, rows: Sequence[Row], batch: Batch, deep: bool) -> tuple[list[Top], Any]:
        import torch

        self._to(rows[batch.rows[0]][: batch.shared])
        rest = [rows[number][batch.shared :] for number in batch.rows]
        width = max(map(len, rest))
        # padding stands on the right, where causal attention never looks
        ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in rest], device=self._device())
        ends = (torch.arange(len(rest)), torch.tensor([len(row) - 1 for row in rest]))
        watched: AbstractContextManager[list[Any]] = tapped(self._core(), ends) if deep else nullcontext([])
        with watched as states:
            hidden = self._forward(ids, self._shared(len(rest)))
        odds = torch.softmax(self._head()(hidden[ends]).float(), dim=-1)
        mass, tokens = odds.topk(min(KEPT, odds.shape[-1]))
        tops: list[Top] = [dict(zip(t, m, strict=True)) for t, m in zip(tokens.tolist(), mass.tolist(), strict=True)]
        return tops, torch.stack(states, dim=1).numpy() if deep else None

    def _to(self, prefix: Row) -> None:
        """Make the cache hold exactly `prefix`, keeping what it shares with the last one."""
        import torch
        from transformers import DynamicCache

        kept = common_length(self.prefix, prefix)
        if self.past is None or kept == 0:
            self.past, kept = DynamicCache(), 0
        elif kept < len(self.prefix):
            self.past.crop(kept - len(self.prefix))
        if kept < len(prefix):
            self._forward(torch.tensor([prefix[kept:]], device=self._device()), self.past)
        self.prefix = prefix

    def _shared(self, rows: int) -> Any:
        from transformers import DynamicCache

        cache = DynamicCache()
        for number, layer in enumerate(self.past.layers if self.prefix else ()):
            shape = (rows, -1, -1, -1)
            cache.update(layer.keys.expand(shape), layer.values.expand(shape), number)
        return cache

    def _core(self) -> Any:
        inner = self.model.model
        return inner.get_base_model() if hasattr(inner, "get_base_model") else inner

    def _forward(self, ids: Any, past: Any) -> Any:
        return self._core().base_model(input_ids=ids, past_key_values=past, use_cache=True).last_hidden_state

    def _head(self) -> Any:
        return self._core().get_output_embeddings()

    def _device(self) -> Any:
        return self.model.model.device


def fits(request: Request) -> bool:
    """Whether torch can read this request's weights: installed, and no adapter in llama.cpp's own format."""
    import importlib.util

    parts = ["torch", "transformers", "peft", *(["gguf"] if request.definition.kind == "llamacpp" else [])]
    if any(importlib.util.find_spec(part) is None for part in parts):
        return False
    return all(adapter.form == "peft" for adapter, _ in read_stack(request))


def open_readers(requests: Mapping[str, Request]) -> dict[str, TorchReader]:
    """One reader for each variant; variants of the same weights share one copy in memory. Raises EngineError."""
    models: dict[Path, TorchModel] = {}
    readers = {}
    for name, request in requests.items():
        path = weights_path(request)
        if path not in models:
            models[path] = _load(path, [r for r in requests.values() if weights_path(r) == path])
        stack = {adapter.id: scale for adapter, scale in read_stack(request)}
        readers[name] = TorchReader(models[path], tuple(stack.get(key, 0.0) for key in models[path].adapters))
    return readers


def _load(path: Path, requests: Sequence[Request]) -> TorchModel:
    import torch

    first = requests[0]
    if first.definition.threads is not None:
        torch.set_num_threads(first.definition.threads)
    adapters = {adapter.id: adapter.path for request in requests for adapter, _ in read_stack(request)}
    return load(
        path,
        adapters,
        dtype=_dtype(),
        device=first.definition.device,
        trust_remote_code=first.entry.trust_remote_code,
    )


def _dtype() -> str:
    import torch

    half = torch.cuda.is_available() or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return "bfloat16" if half else "float32"
