"""Provider kind `llamacpp`: a GGUF base with GGUF or PEFT adapters, answered by llama.cpp in this process.
Gives models of all variants over one engine; identities are digests of the files. No torch, no server, no network."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ftsafety_spec.errors import InputError
from ftsafety_spec.providers.adapter_fit import check_factors, check_made_for, names_of
from ftsafety_spec.providers.base import Capabilities, Request
from ftsafety_spec.providers.digests import cache_folder, file_digest, manifest_digest
from ftsafety_spec.providers.gguf_header import Header, read_header
from ftsafety_spec.providers.installed import version_of
from ftsafety_spec.providers.lora_gguf import training_shapes
from ftsafety_spec.providers.weights import (
    AdapterFile,
    BaseShape,
    adapter_identity,
    base_notes,
    check_fits,
    read_stack,
    weights_path,
)
from ftsafety_spec.records.base import digest_of, digest_text
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.spec.provider import Prices

if TYPE_CHECKING:
    from inspect_ai.model import Model

_PART = re.compile(r"-00001-of-(\d{5})\.gguf$")


class LlamaCpp:
    """The embedded engine."""

    kind = "llamacpp"

    def resolve(self, request: Request) -> Request:
        """Check the files; PEFT adapters are converted now, so that one that cannot be is refused before anything
        runs. Raises InputError FTS-111, FTS-120, FTS-124."""
        version_of("xllamacpp", "llamacpp")
        path = weights_path(request)
        header = read_header(path)
        shape = _shape(header)
        for adapter, _ in read_stack(request):
            check_made_for(adapter, request, names_of(path, [header.metadata.get("general.name")]))
            check_fits(adapter, shape)
            check_factors(adapter, training_shapes(header))
        prepare_adapters(path, [request])
        return request

    def identify(self, request: Request, rehash: bool = False) -> Identity:
        """Digests of the GGUF file(s), the adapters, the tokenizer and the chat template."""
        path = weights_path(request)
        header = read_header(path)
        prompt = request.system_prompt
        return Identity(
            kind="content",
            weights=_weights_digest(path, request.root, rehash),
            adapters=tuple(adapter_identity(a, scale, request.root, rehash) for a, scale in read_stack(request)),
            tokenizer=header.tokenizer,
            chat_template=digest_text(header.chat_template) if header.chat_template else None,
            system_prompt=digest_text(prompt) if prompt else None,
            engine=f"llama.cpp xllamacpp {version_of('xllamacpp', 'llamacpp')}",
            quantization=header.quantization,
        )

    def capabilities(self, request: Request) -> Capabilities:
        """Log probabilities, weights, adapters and seeds; no batch API."""
        notes = {"batch": "an embedded engine has no batch API", **base_notes(request)}
        return Capabilities(logprobs=True, weights=True, adapters=True, seed=True, why_not=notes)

    def price(self, request: Request) -> Prices | None:  # noqa: ARG002
        """Nothing per token."""
        return Prices(input=0, output=0)

    @contextmanager
    def open(self, requests: Mapping[str, Request]) -> Iterator[Mapping[str, Model]]:
        """One engine for each base among the requests. Raises EngineError, InputError."""
        from ftsafety_spec.providers.engine_model import Doors, engine_model
        from ftsafety_spec.providers.llama_engine import LlamaEngine, start, stop

        engines: dict[Path, LlamaEngine] = {}
        try:
            for base, group in _by_base(requests).items():
                engines[base] = start(base, prepare_adapters(base, group), group[0].definition)
            models = {}
            for variant, request in requests.items():
                stack = {name: scale for name, _, scale in request.stack}
                engine = engines[weights_path(request)]
                ask, doors = partial(engine.ask, stack), Doors(complete=partial(engine.complete, stack))
                models[variant] = engine_model(self.kind, request, ask, 4 * request.definition.concurrency, doors)
            yield models
        finally:
            for engine in engines.values():
                stop(engine)


def prepare_adapters(base: Path, requests: Sequence[Request]) -> dict[str, Path]:
    """All adapters of the requests as GGUF files, by id; PEFT folders are converted once into the project's cache."""
    found: dict[str, Path] = {}
    for request in requests:
        for adapter, _ in read_stack(request):
            found[adapter.id] = adapter.path if adapter.form == "gguf" else _converted(adapter, base, request.root)
    return found


def _converted(adapter: AdapterFile, base: Path, root: Path) -> Path:
    from ftsafety_spec.providers.lora_gguf import convert_lora

    heads = {key: value for key, value in read_header(base).metadata.items() if ".head_count" in key}
    key = digest_of([adapter_identity(adapter, 1.0, root).digest, heads, version_of("gguf", "llamacpp")])
    target = cache_folder(root) / "adapters" / f"{key.removeprefix('sha256:')}.gguf"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f"{target.stem}.{os.getpid()}.tmp")
        try:
            convert_lora(adapter.path, base, temporary)
            temporary.replace(target)
        except (ValueError, KeyError) as error:
            raise InputError(
                f"this adapter cannot be used on llamacpp: {error}.",
                code="FTS-124",
                where=adapter.where,
                hint="Use provider kind local, or merge the adapter into the weights.",
            ) from error
        finally:
            temporary.unlink(missing_ok=True)
    return target


def _by_base(requests: Mapping[str, Request]) -> dict[Path, list[Request]]:
    groups: dict[Path, list[Request]] = {}
    for request in requests.values():
        groups.setdefault(weights_path(request), []).append(request)
    return groups


def _shape(header: Header) -> BaseShape:
    if header.is_adapter:
        raise InputError("`path:` names an adapter, not a model.", code="FTS-124")
    name = header.architecture
    return BaseShape(header.metadata.get(f"{name}.block_count"), header.metadata.get(f"{name}.embedding_length"), name)


def _weights_digest(path: Path, root: Path, rehash: bool) -> str:
    names = parts_of(path)
    return file_digest(path, root, rehash) if names is None else manifest_digest(path.parent, names, root, rehash)


def parts_of(path: Path) -> list[str] | None:
    """Names of all parts of a GGUF file that is split; None for a whole one."""
    match = _PART.search(path.name)
    if match is None:
        return None
    stem = path.name[: match.start()]
    return [f"{stem}-{number:05d}-of-{match[1]}.gguf" for number in range(1, int(match[1]) + 1)]


PROVIDER = LlamaCpp()
