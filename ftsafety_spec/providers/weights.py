"""Where a model's weights and adapters lie, checked without running anything.
Given a request, gives paths, adapter facts and identities. Refuses pickle, unreadable configs, and adapters whose
shape does not fit the base."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.digests import file_digest, manifest_digest
from ftsafety_spec.providers.gguf_header import read_header
from ftsafety_spec.records.identity import AdapterIdentity
from ftsafety_spec.spec.spec import AdapterEntry

PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt")
PEFT_FILES = _PEFT_CONFIG, _PEFT_WEIGHTS = ("adapter_config.json", "adapter_model.safetensors")
_LAYER = re.compile(r"(?:layers|blk|h)\.(\d+)\.")
_QUERY = re.compile(r"(?:q_proj\.lora_A\.weight|attn_q\.weight\.lora_a)$")


@dataclass(frozen=True)
class BaseShape:
    """What an adapter has to fit: number of layers, hidden width, and the architecture where it is known."""

    layers: int | None
    hidden: int | None
    architecture: str | None = None


@dataclass(frozen=True)
class AdapterFile:
    """One adapter on disk. `config` is the PEFT config; of a GGUF adapter what it calls its base, no more."""

    id: str
    form: Literal["peft", "gguf"]
    path: Path
    config: dict[str, Any]
    tensors: dict[str, tuple[int, ...]]
    architecture: str | None = None

    @property
    def where(self) -> Where:
        """For messages."""
        return Where(file=str(self.path), key=f"adapters.{self.id}.path")


def weights_path(request: Request) -> Path:
    """The base weights' place. Raises InputError FTS-110 where the entry names none, FTS-111 where nothing is there,
    FTS-124 for pickle."""
    kind = request.definition.kind
    if request.entry.path is None:
        raise InputError(f"a model on {kind} needs `path:`.", code="FTS-110", where=Where(key="models"))
    path = request.root / Path(request.entry.path).expanduser()
    where = Where(file=str(path), key="path")
    refuse_pickle(path, where)
    if not path.exists():
        raise InputError("no such weights.", code="FTS-111", where=where)
    return path


def refuse_pickle(path: Path, where: Where) -> None:
    """Raise InputError FTS-124 for a file in a format that can run code."""
    if path.suffix in PICKLES:
        raise InputError(
            f"{path.suffix} files can run code when they are read; they are refused.",
            code="FTS-124",
            where=where,
            hint="Convert them to safetensors or GGUF.",
        )


def read_adapter(name: str, entry: AdapterEntry, root: Path) -> AdapterFile:
    """An adapter's facts. Raises InputError FTS-111 or FTS-124."""
    path = root / Path(entry.path).expanduser()
    where = Where(file=str(path), key=f"adapters.{name}.path")
    refuse_pickle(path, where)
    if not path.exists():
        raise InputError("no such adapter.", code="FTS-111", where=where)
    if path.is_dir():
        return _read_peft(name, path, where)
    header = read_header(path)
    if not header.is_adapter:
        raise InputError("this GGUF file holds no adapter.", code="FTS-124", where=where)
    said = {"base_model_name_or_path": header.metadata.get("general.base_model.0.name")}
    return AdapterFile(name, "gguf", path, said, dict(header.tensors), header.architecture)


def check_fits(adapter: AdapterFile, base: BaseShape) -> None:
    """Raise InputError FTS-124 where an adapter was plainly made for another base."""
    if adapter.architecture and base.architecture and adapter.architecture != base.architecture:
        raise misfit(adapter, f"it is for {adapter.architecture}, the base is {base.architecture}")
    found = [int(match[1]) for name in adapter.tensors if (match := _LAYER.search(name))]
    if found and base.layers is not None and max(found) >= base.layers:
        raise misfit(adapter, f"it has a layer {max(found)}, the base has {base.layers} layers")
    for name, shape in adapter.tensors.items():
        # safetensors gives (rank, in), GGUF (in, rank)
        width = shape[-1] if adapter.form == "peft" else shape[0]
        if _QUERY.search(name) and base.hidden is not None and width != base.hidden:
            raise misfit(adapter, f"it is {width} wide, the base {base.hidden}")


def adapter_identity(adapter: AdapterFile, scale: float, root: Path, rehash: bool = False) -> AdapterIdentity:
    """Digest of what an adapter does: its file, or its config and weights; any conversion leaves it as it is."""
    if adapter.form == "gguf":
        digest = file_digest(adapter.path, root, rehash)
    else:
        digest = manifest_digest(adapter.path, PEFT_FILES, root, rehash)
    return AdapterIdentity(id=adapter.id, digest=digest, scale=scale)


def read_stack(request: Request) -> Sequence[tuple[AdapterFile, float]]:
    """The request's adapters in order, each with its scale."""
    return [(read_adapter(name, entry, request.root), scale) for name, entry, scale in request.stack]


def base_notes(request: Request) -> dict[str, str]:
    """What an adapter says about its base, where that is another name than the base's: a note, no proof."""
    notes = {}
    place = Path(request.entry.path or "").name
    for adapter, _ in read_stack(request):
        said = base_said(adapter)
        if said and place and Path(said).name != place:
            notes[f"adapter {adapter.id}"] = f"its config names the base {Path(said).name}; it runs on {place}"
    return notes


def base_said(adapter: AdapterFile) -> str:
    """What an adapter calls its base; empty where it does not say."""
    found = adapter.config.get("base_model_name_or_path")
    return found if isinstance(found, str) else ""


def safetensors_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Tensor names and shapes out of a safetensors header. Raises ValueError."""
    with path.open("rb") as handle:
        head = handle.read(8)
        size = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
        if not 2 <= size <= 100_000_000:
            raise ValueError("it has no safetensors header")
        header = json.loads(handle.read(size))
    return {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}


def _read_peft(name: str, path: Path, where: Where) -> AdapterFile:
    if not (path / _PEFT_WEIGHTS).exists():
        pickles = sorted(item.name for item in path.iterdir() if item.suffix in PICKLES)
        if pickles:
            refuse_pickle(path / pickles[0], where)
        raise InputError(f"this folder has no {_PEFT_WEIGHTS}.", code="FTS-124", where=where)
    try:
        config = json.loads((path / _PEFT_CONFIG).read_text(encoding="utf-8"))
        tensors = safetensors_shapes(path / _PEFT_WEIGHTS)
    except OSError as error:
        raise InputError(f"{_PEFT_CONFIG} cannot be read.", code="FTS-124", where=where) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"this adapter cannot be read: {error}.", code="FTS-124", where=where) from error
    if not isinstance(config, dict) or str(config.get("peft_type", "")).upper() != "LORA":
        found = config.get("peft_type") if isinstance(config, dict) else None
        raise InputError(f"only LoRA adapters can be evaluated; found {found!r}.", code="FTS-124", where=where)
    return AdapterFile(name, "peft", path, config, tensors)


def misfit(adapter: AdapterFile, why: str) -> InputError:
    """What refuses an adapter that does not fit its base (FTS-124)."""
    return InputError(
        f"this adapter does not fit the base: {why}.",
        code="FTS-124",
        where=adapter.where,
        hint="Name the base that it was trained on.",
    )
