"""Provider kind `openai_compatible`: any server that speaks OpenAI's chat protocol (llama.cpp, vLLM, gateways)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from ftsafety_spec.providers.api import (
    Call,
    api_capabilities,
    api_key,
    base_url,
    claim,
    model_id,
    no_stack,
    open_calls,
)
from ftsafety_spec.providers.base import Capabilities, Request
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.spec.provider import Prices

if TYPE_CHECKING:
    from inspect_ai.model import Model

NO_KEY = "none"
"""Sent where the definition names no key: servers without keys ignore it."""


class OpenAICompatible:
    """A server at an address."""

    kind = "openai_compatible"

    def resolve(self, request: Request) -> Request:
        """Check the entry and the address; a job becomes its model id. Raises InputError FTS-104, FTS-110, FTS-123."""
        no_stack(request)
        base_url(request.definition)
        if request.entry.job is not None and request.entry.model is None:
            from ftsafety_spec.providers.rest_jobs import resolve_rest_job

            return resolve_rest_job(request)
        model_id(request)
        return request

    def identify(self, request: Request, rehash: bool = False) -> Identity:  # noqa: ARG002
        """The server's claim: address and model id."""
        return claim(self.resolve(request), self.kind)

    def capabilities(self, request: Request) -> Capabilities:
        """Log probabilities and seeds, as the protocol has them; no batches."""
        return api_capabilities(request, logprobs=True, batch=False, seed=True)

    def price(self, request: Request) -> Prices | None:
        """The definition's prices; a server of one's own has no list."""
        return request.definition.prices

    def open(self, requests: Mapping[str, Request]) -> AbstractContextManager[Mapping[str, Model]]:
        """Inspect's `openai-api/server/…` models. Raises InputError FTS-123."""
        resolved = {variant: self.resolve(request) for variant, request in requests.items()}
        return open_calls(resolved, {variant: _call(request) for variant, request in resolved.items()})


def _call(request: Request) -> Call:
    definition = request.definition
    key = api_key(definition, None) or NO_KEY
    return Call(f"openai-api/server/{model_id(request)}", base_url(definition), key, {})


PROVIDER = OpenAICompatible()
