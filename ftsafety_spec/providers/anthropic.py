"""Provider kind `anthropic`: Anthropic's API by Inspect's own provider. It has no fine-tuning jobs to read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING

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
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.spec.provider import Prices

if TYPE_CHECKING:
    from inspect_ai.model import Model

KEY_ENV = "ANTHROPIC_API_KEY"
_NO_SAMPLING = (
    "Anthropic's API (version 2026-10-21) takes neither temperature nor top_p: the deployment's values are not "
    "applied, and answers vary from call to call"
)

_NO_BATCH = "Anthropic's batches are not spoken here: one whose id was lost could not be found again"


class AnthropicProvider:
    """Models of Anthropic."""

    kind = "anthropic"

    def resolve(self, request: Request) -> Request:
        """Check the entry. Raises InputError FTS-110."""
        no_stack(request)
        model_id(request)
        return request

    def identify(self, request: Request, rehash: bool = False) -> Identity:  # noqa: ARG002
        """The provider's claim: model id."""
        return claim(request, self.kind)

    def capabilities(self, request: Request) -> Capabilities:
        """Neither log probabilities, seeds, batches (they are not spoken here) nor sampling settings."""
        found = api_capabilities(request, logprobs=False, batch=False, seed=False)
        return replace(found, why_not={**found.why_not, "temperature": _NO_SAMPLING, "batch": _NO_BATCH})

    def price(self, request: Request) -> Prices | None:
        """Listed prices."""
        return listed_price(request, self.kind)

    def open(self, requests: Mapping[str, Request]) -> AbstractContextManager[Mapping[str, Model]]:
        """Inspect's `anthropic/…` models. Raises InputError FTS-123 without a key."""
        calls = {variant: _call(request) for variant, request in requests.items()}
        return open_calls(requests, calls, sampling=False)


def _call(request: Request) -> Call:
    definition = request.definition
    return Call(f"anthropic/{model_id(request)}", base_url(definition), api_key(definition, KEY_ENV), {})


PROVIDER = AnthropicProvider()
