"""Provider kind `inspect`: any other Inspect provider by its name, with its arguments (vLLM with LoRA among them).
Local weights give content digests; a model id is a claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from ftsafety_spec.errors import EngineError, InputError, NotFoundError, Where
from ftsafety_spec.providers.api import (
    Call,
    api_capabilities,
    api_key,
    base_url,
    claim,
    listed_price,
    model_id,
    no_stack,
    open_calls,
)
from ftsafety_spec.providers.base import Capabilities, Request
from ftsafety_spec.providers.hf_folder import fits_folder, folder_facts, folder_identity
from ftsafety_spec.providers.vllm_lora import one_adapter, server_args
from ftsafety_spec.providers.weights import read_stack, weights_path
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.spec.provider import Prices

if TYPE_CHECKING:
    from inspect_ai.model import Model

_LORA = ("vllm",)
_FREE = ("vllm", "hf", "sglang", "ollama", "llama-cpp-python", "transformer_lens", "nnterp", "mockllm")


class InspectProvider:
    """A provider that Inspect knows."""

    kind = "inspect"

    def resolve(self, request: Request) -> Request:
        """Check the name, the weights and the adapter. Raises InputError FTS-104, FTS-110, FTS-111, FTS-124."""
        _known(request)
        if request.entry.path is None:
            model_id(request)
            no_stack(request)
            return request
        folder_facts(weights_path(request), trust_remote_code=request.entry.trust_remote_code)
        if request.stack and _name(request) not in _LORA:
            no_stack(request)
        for adapter, _ in read_stack(request):
            fits_folder(adapter, request)
        one_adapter(request)
        return request

    def identify(self, request: Request, rehash: bool = False) -> Identity:
        """Content digests of a local folder and its adapter, else the provider's claim."""
        name = _name(request)
        if request.entry.path is None:
            return claim(request, name)
        path = weights_path(request)
        facts = folder_facts(path, trust_remote_code=request.entry.trust_remote_code)
        return folder_identity(request, facts, _engine(name), request.definition.dtype, rehash)

    def capabilities(self, request: Request) -> Capabilities:
        """What is certain about any Inspect provider; the rest is noted as unknown."""
        if request.entry.path is None:
            return api_capabilities(request, logprobs=False, batch=False, seed=False)
        unknown = f"not known of Inspect's provider {_name(request)}"
        notes = dict.fromkeys(("logprobs", "batch", "seed"), unknown)
        return Capabilities(weights=True, adapters=_name(request) in _LORA, why_not=notes)

    def price(self, request: Request) -> Prices | None:
        """Nothing for local engines; else the definition's or the listed prices."""
        if _name(request) in _FREE and request.definition.prices is None:
            return Prices(input=0, output=0)
        return listed_price(request, _name(request))

    @contextmanager
    def open(self, requests: Mapping[str, Request]) -> Iterator[Mapping[str, Model]]:
        """Inspect's models. Raises InputError FTS-123 where a named key is not set, EngineError where a server with
        adapters does not start or does not take them."""
        calls = {variant: call_of(request) for variant, request in requests.items()}
        local = [item for item in requests.values() if _name(item) in _LORA and item.entry.path is not None]
        ready = server_args(local)
        for variant in (item.variant for item in local if ready):
            calls[variant] = replace(calls[variant], args={**ready, **calls[variant].args})
        with ExitStack() as stack:
            try:
                models = stack.enter_context(open_calls(requests, calls))
            except Exception as error:
                if isinstance(error, InputError) or not ready:
                    raise
                raise EngineError(f"vLLM is not ready with its adapters: {error}") from error
            yield models


def call_of(request: Request) -> Call:
    """How Inspect is asked: `vllm/FOLDER:ADAPTER`, `hf/VARIANT` with `model_path`, else `NAME/MODEL`."""
    definition, name = request.definition, _name(request)
    args = dict(definition.args)
    key = api_key(definition, None)
    if request.entry.path is None:
        return Call(f"{name}/{model_id(request)}", base_url(definition), key, args)
    folder = str(weights_path(request).resolve())
    if name == "hf":
        return Call(f"hf/{request.variant}", None, key, {"model_path": folder, "tokenizer_path": folder, **args})
    adapter = one_adapter(request)
    return Call(f"{name}/" + ":".join([folder, *adapter]), base_url(definition), key, args)


def _name(request: Request) -> str:
    return request.definition.inspect_name or ""


def _known(request: Request) -> None:
    from inspect_ai._util.registry import registry_find, registry_unqualified_name

    known = {registry_unqualified_name(item) for item in registry_find(lambda info: info.type == "modelapi")}
    if _name(request) not in known:
        raise NotFoundError("Inspect provider", _name(request), known, Where(key="inspect_name"))


def _engine(name: str) -> str:
    for distribution in (name, "transformers" if name == "hf" else name):
        try:
            return f"inspect {name} {version(distribution)}"
        except PackageNotFoundError:
            continue
    return f"inspect {name}"


PROVIDER = InspectProvider()
