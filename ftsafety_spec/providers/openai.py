"""Provider kind `openai`: OpenAI's API by Inspect's own provider, fine-tuned ids and fine-tuning jobs included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from ftsafety_spec.errors import InputError, Where
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
from ftsafety_spec.providers.openai_jobs import AZURE_KEY_ENV, KEY_ENV, resolve_job
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.spec.provider import Prices

if TYPE_CHECKING:
    from inspect_ai.model import Model

_REASONING = re.compile(r"(ft:)?(o\d|gpt-5)")
_NO_AZURE_BATCH = "Azure OpenAI batches need a deployment of their own kind, which a fine-tune's is not"
_MAY_DROP = "OpenAI's reasoning models may not take temperature and top_p: the deployment's values may not be applied"


class OpenAIProvider:
    """Models and fine-tuning jobs of OpenAI."""

    kind = "openai"

    def resolve(self, request: Request) -> Request:
        """A job becomes its model id (one call to the provider). Raises InputError FTS-104, FTS-110, FTS-123."""
        no_stack(request)
        _deployed(request)
        if request.entry.job is not None and request.entry.model is None:
            return resolve_job(request)
        model_id(request)
        return request

    def identify(self, request: Request, rehash: bool = False) -> Identity:  # noqa: ARG002
        """The provider's claim: model id, job, checkpoint."""
        return claim(self.resolve(request), "openai")

    def capabilities(self, request: Request) -> Capabilities:
        """Log probabilities, batches and seeds; no weights."""
        azure = request.definition.azure_api_version is not None
        found = api_capabilities(request, logprobs=True, batch=not azure, seed=True)
        if azure:
            found = replace(found, why_not={**found.why_not, "batch": _NO_AZURE_BATCH})
        if request.entry.model is None or not _REASONING.match(request.entry.model):
            return found
        return replace(found, why_not={**found.why_not, "temperature": _MAY_DROP})

    def price(self, request: Request) -> Prices | None:
        """Listed prices."""
        return listed_price(request, "azure" if request.definition.azure_api_version else "openai")

    @contextmanager
    def open(self, requests: Mapping[str, Request]) -> Iterator[Mapping[str, Model]]:
        """Inspect's `openai/…` models. Raises InputError FTS-123 without a key."""
        resolved = {variant: self.resolve(request) for variant, request in requests.items()}
        with open_calls(resolved, {variant: _call(request) for variant, request in resolved.items()}) as models:
            for variant, model in models.items():
                if _plain(resolved[variant]):
                    cast(Any, model.api).is_latest = lambda: False
            yield models


def _deployed(request: Request) -> None:
    """On Azure a job's model answers under the name of its deployment only."""
    if request.definition.azure_api_version and request.entry.job is not None and request.entry.deployment is None:
        raise InputError(
            "on Azure OpenAI a job's model is asked under the name of its deployment.",
            code="FTS-110",
            where=Where(key=f"models.{request.variant}.deployment"),
            hint="Write `deployment: NAME` beside `job:`.",
        )


def _call(request: Request) -> Call:
    definition = request.definition
    if definition.azure_api_version is not None:
        name = request.entry.deployment or model_id(request)
        args = {"api_version": definition.azure_api_version}
        return Call(f"openai/azure/{name}", base_url(definition), api_key(definition, AZURE_KEY_ENV), args)
    plain = {"responses_api": False} if _plain(request) else {}
    return Call(f"openai/{model_id(request)}", base_url(definition), api_key(definition, KEY_ENV), plain)


def _plain(request: Request) -> bool:
    """True at another address than OpenAI's, where Inspect would take a name that it does not know for OpenAI's newest
    reasoning model, drop the temperature and use another protocol."""
    return base_url(request.definition) is not None and not _REASONING.match(model_id(request))


PROVIDER = OpenAIProvider()
