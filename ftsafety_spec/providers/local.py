"""Provider kind `local`: safetensors and PEFT adapters by transformers, one base in memory, answers in batches.
Identities are digests of the folders. Reads no pickle; runs a model's own code only where its entry says so."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftsafety_spec.errors import EngineError, InputError
from ftsafety_spec.providers.base import Capabilities, NoAnswer, Request
from ftsafety_spec.providers.hf_folder import Folder, fits_folder, folder_facts, folder_identity
from ftsafety_spec.providers.installed import version_of
from ftsafety_spec.providers.weights import AdapterFile, base_notes, read_stack, weights_path
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.spec.provider import Prices, Provider

if TYPE_CHECKING:
    from inspect_ai.model import Model

    from ftsafety_spec.providers.dynamic_batch import Batcher
    from ftsafety_spec.providers.engine_model import Draw, Reply
    from ftsafety_spec.providers.torch_model import Prompt, TorchModel

_PARTS = ("torch", "transformers", "peft")


class Local:
    """transformers and PEFT in this process."""

    kind = "local"

    def resolve(self, request: Request) -> Request:
        """Check folders and adapters. Raises InputError FTS-111, FTS-120, FTS-124."""
        _versions()
        facts = _facts(request)
        if facts.chat_template() is None and not request.grading:
            raise InputError("this model has no chat template.", code="FTS-124", hint="Use an instruct model.")
        stack = read_stack(request)
        for adapter, scale in stack:
            fits_folder(adapter, request)
            _refuse_inexact(adapter, scale, alone=len(stack) == 1)
        return request

    def identify(self, request: Request, rehash: bool = False) -> Identity:
        """Digests of the folder, the adapters, the tokenizer and the chat template."""
        facts = _facts(request)
        return folder_identity(request, facts, _versions(), dtype_of(request.definition, facts), rehash)

    def capabilities(self, request: Request) -> Capabilities:
        """Log probabilities, weights, adapters and seeds; no batch API."""
        notes = {"batch": "a local engine has no batch API", **base_notes(request)}
        return Capabilities(logprobs=True, weights=True, adapters=True, seed=True, why_not=notes)

    def price(self, request: Request) -> Prices | None:  # noqa: ARG002
        """Nothing per token."""
        return Prices(input=0, output=0)

    @contextmanager
    def open(self, requests: Mapping[str, Request]) -> Iterator[Mapping[str, Model]]:
        """One engine for each base among the requests. Raises EngineError, InputError."""
        from ftsafety_spec.providers.engine_model import Doors, engine_model

        classifiers = {name: request for name, request in requests.items() if is_classifier(request)}
        engines: dict[Path, LocalEngine] = {}
        try:
            generating = {name: request for name, request in requests.items() if name not in classifiers}
            for base, group in _by_base(generating).items():
                engines[base] = start(base, group)
            models = {name: _classifier(request) for name, request in classifiers.items()}
            for variant, request in generating.items():
                stack = {name: scale for name, _, scale in request.stack}
                engine = engines[weights_path(request)]
                ask, doors = partial(engine.ask, stack), Doors(complete=partial(engine.complete, stack))
                models[variant] = engine_model(self.kind, request, ask, 8 * request.definition.concurrency, doors)
            yield models
        finally:
            for engine in engines.values():
                engine.close()


@dataclass
class LocalEngine:
    """A loaded model behind a batcher of `size`. `context` is the most tokens of prompt and answer together."""

    model: TorchModel | None
    adapters: tuple[str, ...]
    size: int
    context: int
    batcher: Batcher[Prompt, Reply] = field(init=False)

    def __post_init__(self) -> None:
        from ftsafety_spec.providers.dynamic_batch import Batcher

        self.batcher = Batcher(self.size, self._run)

    async def ask(self, stack: Mapping[str, float], messages: Sequence[Mapping[str, str]], draw: Draw) -> Reply:
        """One answer of the base with `stack`. Raises NoAnswer for this prompt, EngineError for the engine."""
        return await self._generated(stack, self._loaded().encode(messages), draw)

    async def complete(self, stack: Mapping[str, float], text: str, draw: Draw) -> Reply:
        """A raw text completed as it stands, without the chat template. Raises as `ask` does."""
        return await self._generated(stack, self._loaded().encode_raw(text), draw)

    async def _generated(self, stack: Mapping[str, float], ids: tuple[int, ...], draw: Draw) -> Reply:
        from ftsafety_spec.providers.torch_model import Prompt

        if len(ids) + draw.max_tokens > self.context:
            raise NoAnswer(
                f"a prompt of {len(ids)} tokens and {draw.max_tokens} new ones do not fit context_tokens {self.context}"
            )
        seed = draw.seed if draw.temperature > 0 else None
        key = (self.scales(stack), replace(draw, seed=None))
        return await asyncio.wrap_future(self.batcher.submit(key, Prompt(ids, seed), len(ids)))

    def scales(self, stack: Mapping[str, float]) -> tuple[float, ...]:
        """One scale for each loaded adapter, 0 where the stack does not hold it."""
        unknown = set(stack) - set(self.adapters)
        if unknown:
            raise EngineError(f"adapters {sorted(unknown)} are not loaded; loaded: {list(self.adapters)}.")
        return tuple(float(stack.get(name, 0.0)) for name in self.adapters)

    def close(self) -> None:
        """End the batch that runs and free the memory."""
        self.batcher.close()
        self.model = None
        gc.collect()

    def _run(self, key: Any, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        scales, draw = key
        return self._loaded().generate(scales, draw, prompts)

    def _loaded(self) -> TorchModel:
        if self.model is None:
            raise EngineError("the engine is closed.")
        return self.model


def is_classifier(request: Request) -> bool:
    """True for a grader's folder that holds a sequence classification model."""
    architectures = _facts(request).config.get("architectures") or [""]
    return request.grading and str(architectures[0]).endswith("ForSequenceClassification")


def _classifier(request: Request) -> Model:
    from ftsafety_spec.providers.engine_model import Doors, engine_model
    from ftsafety_spec.providers.torch_classifier import load_classifier

    definition, facts = request.definition, _facts(request)
    loaded = load_classifier(
        facts.path,
        dtype=dtype_of(definition, facts),
        device=definition.device,
        size=definition.concurrency,
        trust_remote_code=request.entry.trust_remote_code,
    )

    async def no_chat(messages: object, draw: object) -> Reply:  # noqa: ARG001
        raise NoAnswer("this model classifies texts; it answers nothing")

    return engine_model("local", request, no_chat, definition.concurrency, Doors(classify=loaded.classify))


def start(base: Path, requests: Sequence[Request]) -> LocalEngine:
    """Load a base with all adapters of the requests. Raises EngineError."""
    import torch

    from ftsafety_spec.providers.torch_model import load

    first = requests[0]
    definition = first.definition
    if definition.threads is not None:
        torch.set_num_threads(definition.threads)
    model = load(
        base,
        {adapter.id: adapter.path for request in requests for adapter, _ in read_stack(request)},
        dtype=dtype_of(definition, _facts(first)),
        device=definition.device,
        trust_remote_code=first.entry.trust_remote_code,
    )
    return LocalEngine(model, model.adapters, definition.concurrency, definition.context_tokens)


def dtype_of(definition: Provider, facts: Folder) -> str:
    """The number format: as the definition says, else as the weights were saved."""
    saved = facts.config.get("dtype") or facts.config.get("torch_dtype")
    return definition.dtype or (saved if isinstance(saved, str) else "float32")


def _facts(request: Request) -> Folder:
    return folder_facts(weights_path(request), trust_remote_code=request.entry.trust_remote_code)


def _versions() -> str:
    return " ".join(f"{part} {version_of(part, 'local')}" for part in _PARTS)


def _by_base(requests: Mapping[str, Request]) -> dict[Path, list[Request]]:
    groups: dict[Path, list[Request]] = {}
    for request in requests.values():
        groups.setdefault(weights_path(request), []).append(request)
    return groups


def _refuse_inexact(adapter: AdapterFile, scale: float, *, alone: bool) -> None:
    whole = [name for name in ("use_dora", "modules_to_save") if adapter.config.get(name)]
    if whole and (scale != 1.0 or not alone):
        raise InputError(
            f"an adapter with {whole[0]} can only be used alone and at scale 1.0.",
            code="FTS-124",
            where=adapter.where,
            hint="Its effect does not add up with others'; merge it into the weights first.",
        )


PROVIDER = Local()
