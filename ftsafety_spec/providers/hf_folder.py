"""A folder of weights as transformers reads it, looked at without transformers.
Given a folder, gives its files' digests, chat template and shape. Refuses pickle, and code that is not trusted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.providers.adapter_fit import check_factors, check_made_for, names_of
from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.digests import manifest_digest
from ftsafety_spec.providers.weights import (
    AdapterFile,
    BaseShape,
    adapter_identity,
    check_fits,
    read_stack,
    safetensors_shapes,
    weights_path,
)
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.identity import Identity

_KEPT = (".safetensors", ".json", ".jinja", ".model", ".txt")
#: left by training or by people; none of it changes an answer
_IDLE = ("trainer_state.json", "training_args.json", "all_results.json", "train_results.json", "LICENSE.txt")


@dataclass(frozen=True)
class Folder:
    """Names of the files that make the model, and its config."""

    path: Path
    names: tuple[str, ...]
    config: dict[str, Any]

    def weights(self, root: Path, rehash: bool = False) -> str:
        """Digest of everything that makes an answer: weights, config, tokenizer, template, trusted code."""
        return manifest_digest(self.path, self.names, root, rehash)

    def tokenizer(self, root: Path, rehash: bool = False) -> str | None:
        """Digest of the tokenizer's files; None where there is none."""
        names = [name for name in self.names if _is_tokenizer(name)]
        return manifest_digest(self.path, names, root, rehash) if names else None

    def chat_template(self) -> str | None:
        """Digest of the chat template's text; None where there is none."""
        text = chat_template_of(self.path)
        return None if text is None else digest_text(text)

    @property
    def shape(self) -> BaseShape:
        """Layers and width, as the config says."""
        inner = self.config.get("text_config", self.config)
        return BaseShape(inner.get("num_hidden_layers"), inner.get("hidden_size"))

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of all tensors, from the headers; none of a model whose weights are packed (quantised)."""
        if "quantization_config" in self.config:
            return {}
        found: dict[str, tuple[int, ...]] = {}
        for name in self.names:
            if name.endswith(".safetensors"):
                found |= _header_of(self.path / name)
        return found


def folder_facts(path: Path, *, trust_remote_code: bool) -> Folder:
    """Look at a folder of weights. Raises InputError FTS-124 for pickle, for untrusted code, for no safetensors."""
    where = Where(file=str(path), key="path")
    if not path.is_dir():
        raise InputError(
            "weights for this engine are a folder of safetensors.",
            code="FTS-124",
            where=where,
            hint="GGUF files run on provider kind llamacpp.",
        )
    files = sorted(item.name for item in path.iterdir() if item.is_file())
    if not any(name.endswith(".safetensors") for name in files):
        found = [name for name in files if Path(name).suffix in (".bin", ".pt", ".pth", ".ckpt")]
        why = f"only {found[0]}, which can run code when it is read" if found else "none"
        raise InputError(f"this folder has no safetensors weights: {why}.", code="FTS-124", where=where)
    config = _config(path, where)
    if config.get("auto_map") and not trust_remote_code:
        raise InputError(
            "this model brings its own code.",
            code="FTS-124",
            where=where,
            hint="Set trust_remote_code: true on the model only after reading that code.",
        )
    kept = (*_KEPT, ".py") if trust_remote_code else _KEPT
    names = tuple(name for name in files if name.endswith(kept) and name not in _IDLE)
    return Folder(path, names, config)


def fits_folder(adapter: AdapterFile, request: Request) -> None:
    """Refuse (FTS-124) an adapter that does not fit the request's folder, was made for another base, or is a GGUF
    file."""
    if adapter.form == "gguf":
        raise InputError("GGUF adapters run on provider kind llamacpp only.", code="FTS-124", where=adapter.where)
    facts = folder_facts(weights_path(request), trust_remote_code=True)
    check_made_for(adapter, request, names_of(facts.path, [facts.config.get("_name_or_path")]))
    check_fits(adapter, facts.shape)
    check_factors(adapter, facts.shapes())


def chat_template_of(path: Path) -> str | None:
    """The chat template's text: `chat_template.jinja`, else the one in `tokenizer_config.json`."""
    try:
        return (path / "chat_template.jinja").read_text(encoding="utf-8")
    except FileNotFoundError:
        pass
    try:
        found = json.loads((path / "tokenizer_config.json").read_text(encoding="utf-8")).get("chat_template")
    except (FileNotFoundError, ValueError, AttributeError):
        return None
    return found if isinstance(found, str) or found is None else json.dumps(found, sort_keys=True)


def _header_of(path: Path) -> dict[str, tuple[int, ...]]:
    try:
        return safetensors_shapes(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"this file cannot be read: {error}.", code="FTS-124", where=Where(file=str(path))) from error


def _config(path: Path, where: Where) -> dict[str, Any]:
    try:
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("config.json cannot be read.", code="FTS-124", where=where) from error
    if not isinstance(config, dict):
        raise InputError("config.json is no mapping.", code="FTS-124", where=where)
    return config


def _is_tokenizer(name: str) -> bool:
    return name.startswith(("tokenizer", "vocab", "merges", "special_tokens", "added_tokens", "spiece"))


def folder_identity(request: Request, facts: Folder, engine: str, dtype: str | None, rehash: bool = False) -> Identity:
    """Identity of kind `content`: digests of the folder, its tokenizer and template, and of the adapters in order."""
    prompt = request.system_prompt
    return Identity(
        kind="content",
        weights=facts.weights(request.root, rehash),
        adapters=tuple(adapter_identity(a, scale, request.root, rehash) for a, scale in read_stack(request)),
        tokenizer=facts.tokenizer(request.root, rehash),
        chat_template=facts.chat_template(),
        system_prompt=digest_text(prompt) if prompt else None,
        engine=engine,
        dtype=dtype,
    )
