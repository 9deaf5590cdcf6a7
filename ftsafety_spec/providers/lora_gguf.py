"""A PEFT LoRA (safetensors) as a llama.cpp adapter (GGUF). Given its folder and the base's GGUF, writes one file.
Reads safetensors only, runs nothing, needs no torch. What llama.cpp cannot apply is refused by name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ftsafety_spec.providers.gguf_header import Header, read_header

MODULES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
#: architectures whose q and k rows llama.cpp stores in another order than transformers, and those that it does not
PERMUTED = frozenset({"llama"})
PLAIN = frozenset({"qwen2", "qwen3"})
_KEY = re.compile(r"base_model\.model\.model\.layers\.(\d+)\.(.+?)\.lora_([AB])(?:\.default)?\.weight")
_REFUSED = {
    "use_dora": "DoRA",
    "modules_to_save": "whole modules saved with the adapter (modules_to_save)",
    "rank_pattern": "ranks that differ by module (rank_pattern)",
    "alpha_pattern": "scales that differ by module (alpha_pattern)",
    "trainable_token_indices": "trained token embeddings",
    "lora_bias": "trained biases (lora_bias)",
}


def convert_lora(adapter_dir: Path, base_gguf: Path, out: Path) -> None:
    """Write `adapter_dir` as a GGUF adapter for `base_gguf`. Raises ValueError, in one sentence, for what cannot be
    converted: another architecture, another kind of adapter, a module that is no attention or MLP projection."""
    import numpy as np
    from gguf import GGUFWriter

    config = _config(adapter_dir)
    metadata = read_header(base_gguf).metadata
    architecture = str(_field(metadata, "general.architecture"))
    if architecture not in PERMUTED | PLAIN:
        raise ValueError(
            f"adapters for the architecture {architecture!r} cannot be converted here; "
            "convert it with llama.cpp's convert_lora_to_gguf.py and name the GGUF file"
        )
    heads = {
        "self_attn.q_proj": int(_field(metadata, f"{architecture}.attention.head_count")),
        "self_attn.k_proj": int(
            metadata.get(f"{architecture}.attention.head_count_kv")
            or _field(metadata, f"{architecture}.attention.head_count")
        ),
    }
    writer = GGUFWriter(str(out), architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", _alpha(config))
    for name, tensor in sorted(float_tensors(adapter_dir).items()):
        layer, module, side = _parsed(name)
        if side == "B" and architecture in PERMUTED and module in heads:
            tensor = permuted(tensor, heads[module])
        target = f"blk.{layer}.{MODULES[module]}.weight.lora_{side.lower()}"
        writer.add_tensor(target, np.ascontiguousarray(_narrowed(tensor)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def training_shapes(base: Header) -> dict[str, tuple[int, ...]]:
    """Shapes of a GGUF base's tensors, (out, in), under the names that adapters were trained with."""
    names = {short: long for long, short in MODULES.items()}
    found = {}
    for name, shape in base.tensors.items():
        layer, _, rest = name.removeprefix("blk.").partition(".")
        module = names.get(rest.removesuffix(".weight"))
        if module is not None:
            found[f"model.layers.{layer}.{module}.weight"] = shape[::-1]
    return found


def permuted(rows: Any, heads: int) -> Any:
    """Rows of a (heads × d, rank) array, from transformers' order (rotary halves) to llama.cpp's (rotary pairs)."""
    d = rows.shape[0] // heads
    return rows.reshape(heads, 2, d // 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


def _narrowed(tensor: Any) -> Any:
    """float16 where every value fits and stays, else float32: a value beyond float16 would silently become infinite."""
    import numpy as np

    with np.errstate(over="ignore"):
        half = tensor.astype(np.float16)
    return half if np.allclose(half.astype(np.float32), tensor, rtol=1e-3, atol=1e-7) else tensor


def _config(adapter_dir: Path) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((adapter_dir / "adapter_config.json").read_text(encoding="utf-8"))
    if config.get("peft_type", "LORA") != "LORA":
        raise ValueError(f"a {config.get('peft_type')} adapter is no LoRA; llama.cpp applies LoRA only")
    for key, words in _REFUSED.items():
        if config.get(key):
            raise ValueError(f"llama.cpp cannot apply {words}")
    initial = str(config.get("init_lora_weights", True)).lower()
    if any(initial.startswith(word) for word in ("pissa", "olora", "corda", "loftq")):
        raise ValueError(
            f"an adapter that was initialised by {initial} changes the base weights; convert it to plain LoRA"
        )
    if config.get("bias", "none") != "none":
        raise ValueError("llama.cpp cannot apply trained biases (bias)")
    return config


def _alpha(config: dict[str, Any]) -> float:
    """The alpha that makes llama.cpp's scale alpha / r equal PEFT's (rank-stabilised LoRA: alpha / sqrt(r))."""
    alpha, rank = float(config["lora_alpha"]), float(config["r"])
    return alpha * rank**0.5 if config.get("use_rslora") else alpha


def float_tensors(adapter_dir: Path) -> dict[str, Any]:
    """All tensors as float32 arrays; bfloat16 is widened by hand, since numpy does not know it."""
    import numpy as np
    from safetensors import safe_open

    path = adapter_dir / "adapter_model.safetensors"
    header = _header(path)
    found = {}
    with safe_open(str(path), framework="np") as handle:
        for name in handle.keys():  # noqa: SIM118 (not a mapping)
            if header[name]["dtype"] == "BF16":
                found[name] = _bfloat16(path, header[name])
            else:
                found[name] = handle.get_tensor(name).astype(np.float32)
    return found


def _header(path: Path) -> dict[str, Any]:
    with path.open("rb") as handle:
        size = int.from_bytes(handle.read(8), "little")
        header: dict[str, Any] = json.loads(handle.read(size))
    return {**header, "": {"start": 8 + size}}


def _bfloat16(path: Path, entry: dict[str, Any]) -> Any:
    import numpy as np

    with path.open("rb") as handle:
        start = 8 + int.from_bytes(handle.read(8), "little") + entry["data_offsets"][0]
        handle.seek(start)
        raw = np.frombuffer(handle.read(entry["data_offsets"][1] - entry["data_offsets"][0]), dtype=np.uint16)
    return (raw.astype(np.uint32) << 16).view(np.float32).reshape(entry["shape"])


def _parsed(name: str) -> tuple[str, str, str]:
    match = _KEY.fullmatch(name)
    if match is None or match[2] not in MODULES:
        known = ", ".join(module.split(".")[1] for module in MODULES)
        raise ValueError(f"the tensor {name!r} is no LoRA of {known}")
    return match[1], match[2], match[3]


def _field(metadata: dict[str, Any], key: str) -> Any:
    if metadata.get(key) is None:
        raise ValueError(f"the base file has no {key}")
    return metadata[key]
