"""What all providers behind an API share: key, address, retries, price, and the claim of who answers.
Given a request, gives an Inspect model of Inspect's own provider. Reads secrets from the environment only when a
model is opened; never puts one into a record or a message."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.providers.base import Capabilities, Request
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.identity import Identity, ProviderIdentity
from ftsafety_spec.spec.provider import Prices, Provider

if TYPE_CHECKING:
    from inspect_ai.model import Model

_SNAPSHOT = re.compile(r"(^ft:)|(^arn:\S+:(custom|imported)-model/)|(\d{4}-\d\d-\d\d)|(-\d{8}(-v\d.*)?$)|(@\w+$)")
_NO_WEIGHTS = "the weights are not at hand, only the provider's API"


@dataclass(frozen=True)
class Call:
    """How a request is sent: Inspect's name of the model, address and key, and arguments of its model class."""

    name: str
    base_url: str | None
    key: str | None
    args: Mapping[str, Any]


def no_stack(request: Request) -> None:
    """Refuse adapters where the provider cannot apply them. Raises InputError FTS-110."""
    if request.stack:
        raise InputError(
            f"adapters cannot be applied on provider kind {request.definition.kind}.",
            code="FTS-110",
            where=Where(key=f"models.{request.variant}.adapters"),
            hint="Use llamacpp, local, or inspect with vllm.",
        )


def model_id(request: Request) -> str:
    """The provider's model id. Raises InputError FTS-110 where the entry names none."""
    if request.entry.model is None:
        raise InputError(
            f"a model on {request.definition.kind} needs `model:`.",
            code="FTS-110",
            where=Where(key=f"models.{request.variant}"),
        )
    return request.entry.model


def api_key(definition: Provider, default_env: str | None) -> str | None:
    """The key out of the environment; None where the definition names no variable and there is no default.
    Raises InputError FTS-123 naming the variable."""
    name = definition.api_key_env or default_env
    return None if name is None else secret(name)


def secret(name: str) -> str:
    """The value of an environment variable. Raises InputError FTS-123 where it is unset or empty."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise InputError(f"the environment variable {name} is not set.", code="FTS-123", hint=f"export {name}=…")
    return value


def base_url(definition: Provider) -> str | None:
    """The address: from the named environment variable, else as written, else None (the provider's own)."""
    if definition.base_url_env is not None and (definition.base_url is None or definition.base_url_env in os.environ):
        return secret(definition.base_url_env)
    return definition.base_url


def public_address(address: str | None) -> str | None:
    """Scheme, host, port and path of an address, without anything that could be a secret."""
    if address is None:
        return None
    parts = urlsplit(address)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}".rstrip("/")


def claim(request: Request, name: str) -> Identity:
    """Identity of kind `provider`: an address and a model id, as the provider uses them."""
    prompt = request.system_prompt
    entry = request.entry
    address = public_address(base_url(request.definition))
    return Identity(
        kind="provider",
        engine=_engine(name, address, entry.deployment),
        system_prompt=digest_text(prompt) if prompt else None,
        provider=ProviderIdentity(
            name=name,
            model=model_id(request),
            job=entry.job,
            checkpoint=None if entry.checkpoint is None else str(entry.checkpoint),
        ),
    )


def _engine(name: str, address: str | None, deployment: str | None) -> str:
    place = f"{name} api" if address is None else f"{name} api at {address}"
    return place if deployment is None else f"{place}, deployment {deployment}"


def api_capabilities(request: Request, *, logprobs: bool, batch: bool, seed: bool) -> Capabilities:
    """An API's capabilities; an alias that may change without notice is noted under `identity`."""
    notes = {"weights": _NO_WEIGHTS, "adapters": _NO_WEIGHTS}
    if request.entry.model is not None and not _SNAPSHOT.search(request.entry.model):
        notes["identity"] = (
            f"{request.entry.model} is an alias: the provider may change what answers under it; name a dated snapshot"
        )
    for name, given in (("logprobs", logprobs), ("batch", batch), ("seed", seed)):
        if not given:
            notes[name] = "the provider does not offer it"
    return Capabilities(logprobs=logprobs, batch=batch, seed=seed, why_not=notes)


def listed_price(request: Request, provider: str) -> Prices | None:
    """The definition's prices, else genai-prices' (offline list), else None."""
    if request.definition.prices is not None:
        return request.definition.prices
    if request.entry.model is None:
        return None
    from genai_prices import Usage, calc_price

    try:
        found = calc_price(
            Usage(input_tokens=1000, output_tokens=1000), model_ref=request.entry.model, provider_id=provider
        )
    except LookupError:
        return None
    return Prices(input=float(found.input_price) * 1000, output=float(found.output_price) * 1000)


@contextmanager
def open_calls(
    requests: Mapping[str, Request], calls: Mapping[str, Call], *, sampling: bool = True
) -> Iterator[Mapping[str, Model]]:
    """Models of Inspect's own providers, with this definition's concurrency, retries and timeout. Without `sampling`,
    temperature and top_p are left out, so that no log claims settings that the API does not take."""
    from inspect_ai.model import get_model

    from ftsafety_spec.providers.engine_model import generation_config

    models = {}
    for variant, call in calls.items():
        definition = requests[variant].definition
        config = generation_config(requests[variant], definition.concurrency)
        if not sampling:
            config.temperature = config.top_p = None
        config.max_retries = definition.retries
        config.attempt_timeout = math.ceil(definition.timeout)
        models[variant] = get_model(
            call.name, config=config, base_url=call.base_url, api_key=call.key, memoize=False, **call.args
        )
    yield models
