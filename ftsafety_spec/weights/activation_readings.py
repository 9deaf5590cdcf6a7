"""Activations and first tokens of variants, each model's weights in memory once and one after another.
Given requests and prompts, gives a reading for each variant. Asks every variant once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ftsafety_spec.errors import EngineError
from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.weights import weights_path
from ftsafety_spec.weights.activation_prompts import Prompts
from ftsafety_spec.weights.activations import Reading

Note = Callable[[str], None]
NO_LAYERS = "llama.cpp gives no activations; with the extra `local` and adapters in PEFT's form, torch does"


def read_variants(requests: Mapping[str, Request], prompts: Prompts, note: Note = lambda _: None) -> dict[str, Reading]:
    """One reading for each resolved request: by torch where it can, else first tokens alone by llama.cpp. Raises
    EngineError, InputError."""
    found: dict[str, Reading] = {}
    for group in _by_weights(requests):
        note(f"reading {', '.join(group)} on {len(prompts.prompts)} prompts")
        found |= _read(group, prompts)
    return {name: found[name] for name in requests}


def _by_weights(requests: Mapping[str, Request]) -> list[dict[str, Request]]:
    groups: dict[Path, dict[str, Request]] = {}
    for name, request in requests.items():
        groups.setdefault(weights_path(request), {})[name] = request
    return list(groups.values())


def _read(requests: Mapping[str, Request], prompts: Prompts) -> dict[str, Reading]:
    from ftsafety_spec.weights import torch_reader

    if not all(torch_reader.fits(request) for request in requests.values()):
        return _by_llama(requests, prompts)
    try:
        readers = torch_reader.open_readers(requests)
    except EngineError:
        if any(request.definition.kind == "local" for request in requests.values()):
            raise
        return _by_llama(requests, prompts)  # a GGUF file of an architecture that transformers does not read
    found = {}
    for name, reader in readers.items():
        rows = [reader.encode(chat) for chat in prompts.chats(requests[name].system_prompt)]
        tops, states = reader.readings(rows)
        found[name] = Reading(tops, states, "torch", str(reader.model.model.dtype).removeprefix("torch."))
    return found


def _by_llama(requests: Mapping[str, Request], prompts: Prompts) -> dict[str, Reading]:
    from ftsafety_spec.weights import llama_reader

    found = {}
    for name, request in requests.items():
        reader = llama_reader.open_readers({name: request})[name]
        rows = [reader.encode(chat) for chat in prompts.chats(request.system_prompt)]
        tops = [top for top in reader.tops(rows, lambda: False) if top is not None]
        found[name] = Reading(tops, None, "llama.cpp", no_layers=NO_LAYERS)
    return found
