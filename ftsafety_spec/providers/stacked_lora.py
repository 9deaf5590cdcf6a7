"""A stack of LoRA adapters as one, for engines that apply one adapter at scale 1. Given PEFT folders and scales, writes
one folder that has the same effect. Exact: sum of s B A is the product of the factors side by side (PEFT's combination
`cat`), the scales folded into one of them. Reads safetensors only, runs nothing, needs no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.providers.lora_gguf import float_tensors
from ftsafety_spec.providers.weights import PEFT_FILES, AdapterFile

if TYPE_CHECKING:
    import numpy as np

RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""Ranks that vLLM takes (`--max-lora-rank`); a stack is padded with zeros up to the next."""
_A, _B = ".lora_A.weight", ".lora_B.weight"
_ADDS_MORE = ("use_dora", "modules_to_save", "lora_bias", "trainable_token_indices", "layer_replication", "use_qalora")
Factors = tuple["np.ndarray", "np.ndarray"]
"""A of (rank, in) and B of (out, rank)."""


def check_adds_up(adapter: AdapterFile) -> None:
    """Refuse what is more than a LoRA: its effect is no product of two factors. Raises InputError FTS-124."""
    more = [name for name in _ADDS_MORE if adapter.config.get(name)]
    more += ["bias"] if adapter.config.get("bias", "none") != "none" else []
    initial = str(adapter.config.get("init_lora_weights", True)).casefold()
    more += [initial] if initial.startswith(("pissa", "olora", "corda", "loftq")) else []
    if more or adapter.form != "peft":
        raise InputError(
            f"an adapter with {more[0]} cannot be stacked or scaled here."
            if more
            else "a GGUF adapter is no PEFT one.",
            code="FTS-124",
            where=adapter.where,
            hint="Its effect does not add up with others'; merge it into the weights first.",
        )


def write_stack(stack: Sequence[tuple[AdapterFile, float]], out: Path) -> None:
    """Write the stack's sum as one PEFT folder `out`, which must not exist. Raises InputError FTS-124 where it has more
    ranks than any engine takes."""
    import numpy as np
    from safetensors.numpy import save_file

    found: dict[str, list[Factors]] = {}
    for adapter, scale in stack:
        check_adds_up(adapter)
        for module, factors in _scaled(adapter, scale):
            found.setdefault(module, []).append(factors)
    rank = next_rank(max(sum(a.shape[0] for a, _ in factors) for factors in found.values()), stack[0][0].where)
    tensors = {}
    for module, parts in found.items():
        a, b = np.concatenate([a for a, _ in parts]), np.concatenate([b for _, b in parts], axis=1)
        more = rank - a.shape[0]
        tensors[module + _A] = np.ascontiguousarray(np.pad(a, ((0, more), (0, 0))))
        tensors[module + _B] = np.ascontiguousarray(np.pad(b, ((0, 0), (0, more))))
    out.mkdir(parents=True)
    config, weights = PEFT_FILES
    save_file(tensors, out / weights)
    (out / config).write_text(json.dumps(_config(stack[0][0], found, rank), indent=1) + "\n", encoding="utf-8")


def _scaled(adapter: AdapterFile, scale: float) -> list[tuple[str, Factors]]:
    tensors = float_tensors(adapter.path)
    found = []
    for name, a in tensors.items():
        if name.endswith(_A):
            module = name.removesuffix(_A)
            found.append((module, (a * scaling(adapter.config, module, a.shape[0], scale), tensors[module + _B])))
    if 2 * len(found) != len(tensors):
        raise InputError("tensors that are no LoRA factors.", code="FTS-124", where=adapter.where)
    return found


def scaling(config: Mapping[str, Any], module: str, rank: int, scale: float) -> float:
    """What PEFT multiplies B A with: alpha / r, or alpha / sqrt(r) where rank-stabilised, times the stack's scale."""
    patterns = config.get("alpha_pattern") or {}
    alpha = next((value for key, value in patterns.items() if module.endswith(key)), config.get("lora_alpha", rank))
    return scale * float(alpha) / float(rank**0.5 if config.get("use_rslora") else rank)


def next_rank(rank: int, where: Where | None = None) -> int:
    """The least of `RANKS` that holds `rank`. Raises InputError FTS-124 where none does."""
    found = next((wide for wide in RANKS if wide >= rank), None)
    if found is None:
        raise InputError(
            f"this adapter or stack has rank {rank}, more than {RANKS[-1]}.", code="FTS-124", where=where,
            hint="Use llamacpp or local, or merge an adapter into the weights.",
        )  # fmt: skip
    return found


def _config(first: AdapterFile, modules: Mapping[str, object], rank: int) -> dict[str, Any]:
    return {
        "peft_type": "LORA",
        "task_type": first.config.get("task_type"),
        "base_model_name_or_path": first.config.get("base_model_name_or_path"),
        "r": rank,
        "lora_alpha": rank,
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": bool(first.config.get("fan_in_fan_out")),
        "inference_mode": True,
        "target_modules": sorted({module.rpartition(".")[2] for module in modules}),
    }
