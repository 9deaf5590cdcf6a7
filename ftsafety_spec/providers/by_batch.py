"""Which models can be asked by their provider's batch API, and how that is turned on. Given models that are open, has
them send what they are asked in batches, at half the price, within a day. Never opens a model by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.providers.api import model_id
from ftsafety_spec.providers.base import PROVIDERS, Adapter, Request
from ftsafety_spec.providers.kept_batches import Door, KeptBatches
from ftsafety_spec.registry import Registry
from ftsafety_spec.spec.provider import Prices

if TYPE_CHECKING:
    from inspect_ai.model import Model

SHARE = 0.5
"""What a token costs in a batch, as a share of its price: the same at OpenAI, Azure OpenAI and Anthropic."""
HOURS = 24
"""The longest that a batch takes before it expires."""
AT_ONCE = 10_000
"""Requests that may wait for their batches at a time."""


def check_batches(requests: Mapping[str, Request], providers: Registry[Adapter] = PROVIDERS) -> None:
    """Refuse (InputError FTS-110) `batch: true` where a model's provider has no batch API that is spoken here."""
    for variant, request in requests.items():
        found = providers.get(request.definition.kind).capabilities(request)
        if not found.batch:
            why = found.why_not.get("batch", "it is not spoken here")
            raise InputError(
                f"batch: {variant} cannot be asked by a batch API on provider kind {request.definition.kind}: {why}.",
                code="FTS-110",
                where=Where(key="batch"),
                hint="Leave `batch` out: the models are then asked one call a prompt.",
            )


def halved(prices: Prices | None) -> Prices | None:
    """What tokens cost in a batch."""
    return None if prices is None else Prices(input=prices.input * SHARE, output=prices.output * SHARE)


def ask_by_batch(
    models: Mapping[str, Model],
    requests: Mapping[str, Request],
    folder: Path,
    stopped: Callable[[], bool],
    note: Callable[[str], None],
) -> None:
    """From now on these models send by batch. `folder`: where batches are written down, one file each; `stopped`: no
    answer is waited for any more once it says so. `requests` are resolved."""
    check_batches(requests)
    for variant, model in models.items():
        config = model.config
        config.batch, config.max_connections, config.attempt_timeout = True, AT_ONCE, None
        _replace_batchers(model.api, requests[variant], lambda door: KeptBatches(folder, door, stopped, note))


def _replace_batchers(api: Any, request: Request, kept: Callable[[Door], KeptBatches]) -> None:
    """Put ours where Inspect would make its own, each time that it looks for one: it forgets them with its client."""
    from ftsafety_spec.providers.openai_batches import Endpoint, OpenAIDoor

    name = model_id(request)
    made: dict[str, KeptBatches] = {}

    def resolve(config: Any, for_responses_api: bool) -> None:  # noqa: ARG001
        attribute = "_responses_batcher" if for_responses_api else "_completions_batcher"
        if attribute not in made:
            endpoint: Endpoint = "/v1/responses" if for_responses_api else "/v1/chat/completions"
            made[attribute] = kept(OpenAIDoor(lambda: api.client, name, endpoint))
        setattr(api, attribute, made[attribute])

    api._resolve_batcher = resolve
