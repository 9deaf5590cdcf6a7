"""What an adapter changes and what else its folder holds (R-55, R-60), without running anything. Given a LoRA folder
and its base, gives the size and rank of each update; given the folder alone, what deserves a look before it is used.

Sizes come out of the two small factors: the norm of s B A is that of s R_B R_A^T for thin QR factors, so that no update
is ever formed (Hu et al. 2022 for the parametrisation, rsLoRA's scale: Kalajdzievski 2023)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.weights.delta import TensorDelta, layer_and_module
from ftsafety_spec.weights.tensors import Floats, Tensor, pieces, tensors_of

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_A = ".lora_A.weight"
_PREFIX = "base_model.model."
_RUNS_CODE = (".py", ".pkl", ".pickle", ".pt", ".pth", ".bin", ".ckpt", ".so", ".dll", ".sh", ".exe", ".ipynb")
_KNOWN = (".safetensors", ".json", ".jinja", ".md", ".txt", ".model", ".gguf", ".png", ".jpg", ".svg", ".yaml", ".yml")
_USUAL = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "c_attn", "c_proj", "c_fc",
          "query_key_value", "dense", "fc1", "fc2", "qkv_proj", "gate_up_proj")  # fmt: skip
_WORDS = ("embed", "lm_head", "wte")


@dataclass(frozen=True)
class Oddity:
    """Something in an adapter's folder that deserves a look. `kind` is one word for programs; `severity` as findings
    have it: high can run code or reaches beyond an adapter's business, low is a fact to know."""

    kind: str
    severity: str
    sentence: str


def read_config(folder: Path) -> dict[str, Any]:
    """`adapter_config.json`. Raises InputError FTS-124."""
    where = Where(file=str(folder / CONFIG))
    try:
        found = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{CONFIG} cannot be read.", code="FTS-124", where=where) from error
    if not isinstance(found, dict):
        raise InputError(f"{CONFIG} holds no mapping.", code="FTS-124", where=where)
    return found


def update_sizes(folder: Path, base: Mapping[str, Tensor] | None, scale: float = 1.0) -> tuple[TensorDelta, ...]:
    """The update of each module, at this scale. `relative` is to the base tensor's norm; null where base is not given
    or has no such tensor. `rank` is the number of directions that hold all but a thousandth of the largest."""
    config, tensors = read_config(folder), tensors_of(folder / WEIGHTS)
    norms = {}
    found = []
    for name, factor in tensors.items():
        if not name.endswith(_A):
            continue
        other = tensors.get(name.replace(_A, ".lora_B.weight"))
        if other is None or factor.shape[0] != other.shape[-1]:
            raise InputError(f"{name} has no fitting other half.", code="FTS-124", where=Where(file=str(folder)))
        module = name.removeprefix(_PREFIX).removesuffix(_A)
        values = _values(_whole(other), _whole(factor)) * scale * _scaling(config, module, factor.shape[0])
        size = float(np.linalg.norm(values))
        under = None if base is None else base.get(f"{module}.weight")
        if under is not None and under.name not in norms:
            norms[under.name] = _norm(under)
        layer, short = layer_and_module(f"{module}.weight")
        found.append(
            TensorDelta(
                name=f"{module}.weight",
                layer=layer,
                module=short,
                shape=(other.shape[0], factor.shape[-1]),
                relative=size / norms[under.name] if under is not None and norms[under.name] > 0 else None,
                changed=1.0 if size > 0 else 0.0,
                cosine=None,
                rank=int(np.count_nonzero(values > 1e-3 * max(float(values[0]), 1e-30))) if size > 0 else 0,
            )
        )
    return tuple(found)


def scrutinise(folder: Path, base_name: str | None = None) -> tuple[Oddity, ...]:
    """Everything odd about an adapter's folder (a single GGUF file: nothing but its suffix can be said). `base_name`:
    what the base is called, to hold its own word against. Raises InputError FTS-124 for a folder that is no adapter."""
    if folder.is_file():
        return ()
    config = read_config(folder)
    found = [*_files(folder), *_reach(config), *_shapes(folder, config)]
    said = str(config.get("base_model_name_or_path") or "")
    if said and base_name and not Path(base_name).name.casefold().startswith(Path(said).name.casefold()):
        found.append(Oddity("other_base", "low", f"its config names the base {Path(said).name[:120]}, not {base_name}"))
    return tuple(found)


def _files(folder: Path) -> list[Oddity]:
    found = []
    files = sorted(item for item in folder.rglob("*") if item.is_file())
    code = [item.name for item in files if item.suffix.lower() in _RUNS_CODE]
    if code:
        found.append(Oddity("code", "high", f"files that can run code: {', '.join(code[:5])}; none was opened"))
    strange = [i.name for i in files if i.suffix.lower() not in (*_KNOWN, *_RUNS_CODE) and not i.name.startswith(".")]
    strange = [name for name in strange if name.split(".")[0].upper() not in ("LICENSE", "NOTICE", "README")]
    if strange:
        found.append(Oddity("files", "low", f"files of a kind that no adapter needs: {', '.join(strange[:5])}"))
    if not any("licen" in item.name.lower() for item in files) and not _licence_in_card(folder):
        found.append(Oddity("licence", "low", "it states no licence"))
    links = [item.name for item in folder.rglob("*") if item.is_symlink() and not item.resolve().is_relative_to(folder)]
    if links:
        found.append(Oddity("links", "high", f"links that lead out of its folder: {', '.join(links[:5])}"))
    return found


def _licence_in_card(folder: Path) -> bool:
    card = folder / "README.md"
    try:
        return card.is_file() and "\nlicense:" in card.read_text(encoding="utf-8", errors="replace")[:4000]
    except OSError:
        return False


def _reach(config: Mapping[str, Any]) -> list[Oddity]:
    found = []
    saved = [str(item) for item in config.get("modules_to_save") or []]
    if saved:
        words = any(word in name for name in saved for word in _WORDS)
        what = "whole modules, embeddings among them" if words else "whole modules"
        found.append(
            Oddity("modules_to_save", "high" if words else "medium", f"it replaces {what}: {', '.join(saved[:5])}")
        )
    if config.get("trainable_token_indices"):
        found.append(Oddity("tokens", "high", "it trains embeddings of single tokens"))
    targets = config.get("target_modules")
    odd = [str(t) for t in targets if str(t).rsplit(".", 1)[-1] not in _USUAL] if isinstance(targets, list) else []
    embeddings = [name for name in odd if any(word in name for word in _WORDS)]
    if embeddings:
        sentence = f"it changes how words are read or chosen: {', '.join(embeddings[:5])}"
        found.append(Oddity("embeddings", "high", sentence))
    elif odd:
        found.append(Oddity("targets", "low", f"unusual target modules: {', '.join(odd[:5])}"))
    if config.get("auto_mapping"):
        found.append(Oddity("auto_mapping", "medium", "it names classes that are to be loaded; they are not"))
    ranks = {"r": config.get("r"), **(config.get("rank_pattern") or {})}
    if len({str(value) for value in ranks.values()}) > 1:
        found.append(Oddity("rank_pattern", "low", f"ranks differ by module: {len(ranks) - 1} patterns"))
    if config.get("layers_to_transform") is not None:
        layers = config["layers_to_transform"]
        count = len(layers) if isinstance(layers, list) else 1
        found.append(Oddity("layers", "low", f"it reaches {count} layers only"))
    return found


def _shapes(folder: Path, config: Mapping[str, Any]) -> list[Oddity]:
    tensors = tensors_of(folder / WEIGHTS)
    found = []
    others = [name for name in tensors if ".lora_A." not in name and ".lora_B." not in name]
    if others:
        words = any(word in name for name in others for word in _WORDS)
        found.append(
            Oddity(
                "tensors",
                "high" if words else "medium",
                f"{len(others)} tensors that are no LoRA factors: {', '.join(others[:3])}",
            )
        )
    ranks = {tensor.shape[0] for name, tensor in tensors.items() if name.endswith(_A)}
    stated = {config.get("r"), *(config.get("rank_pattern") or {}).values()}
    if ranks - stated:
        found.append(Oddity("rank", "medium", f"ranks {sorted(ranks - stated)} that its config does not state"))
    return found


def _scaling(config: Mapping[str, Any], module: str, rank: int) -> float:
    patterns = config.get("alpha_pattern") or {}
    alpha = next((value for key, value in patterns.items() if module.endswith(key)), config.get("lora_alpha", rank))
    root = math.sqrt(rank) if config.get("use_rslora") else rank
    return float(alpha) / root if rank else 0.0


def _values(b: Floats, a: Floats) -> Floats:
    """Singular values of B A, largest first."""
    left, right = (np.asarray(np.linalg.qr(factor, mode="r"), dtype=np.float64) for factor in (b, a.T))
    return np.asarray(np.linalg.svd(left @ right.T, compute_uv=False), dtype=np.float32)


def _whole(tensor: Tensor) -> Floats:
    return np.concatenate([piece for _, piece in pieces(tensor)]).reshape(tensor.shape)


def _norm(tensor: Tensor) -> float:
    return math.sqrt(sum(float(np.dot(piece, piece)) for _, piece in pieces(tensor)))
