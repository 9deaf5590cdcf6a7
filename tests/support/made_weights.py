"""Small weights on disk for tests: safetensors in any number format, LoRA folders."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def write_safetensors(path: Path, tensors: Mapping[str, Array], kind: str = "F32", **metadata: str) -> Path:
    """Write arrays in one number format (F32, F16, BF16, or I32 as they are)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    bodies, offset = [], 0
    for name, array in tensors.items():
        body = _bytes(array, kind)
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, offset + len(body)]}
        bodies.append(body)
        offset += len(body)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(bodies))
    return path


def _bytes(array: Array, kind: str) -> bytes:
    if kind == "BF16":
        bits = np.ascontiguousarray(array, dtype="<f4").view("<u4")
        return bytes(((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2").tobytes())
    forms = {"F32": "<f4", "F16": "<f2", "F64": "<f8", "I32": "<i4", "U8": "u1"}
    return bytes(array.astype(forms[kind]).tobytes())


def model_of(layers: int = 3, width: int = 48, seed: int = 0) -> dict[str, Array]:
    """Tensors as a small decoder has them."""
    random = np.random.default_rng(seed)
    names = ["self_attn.q_proj", "self_attn.v_proj", "mlp.down_proj"]
    made = {f"model.layers.{i}.{name}.weight": random.standard_normal((width, width)) for i in range(layers)
            for name in names}  # fmt: skip
    return {"model.embed_tokens.weight": random.standard_normal((200, width)), **made}


def lora_folder(path: Path, width: int = 48, rank: int = 4, seed: int = 1, **config: Any) -> Path:
    """A LoRA folder on `q_proj` of layers 0 and 1."""
    random = np.random.default_rng(seed)
    tensors = {}
    for layer in range(2):
        name = f"base_model.model.model.layers.{layer}.self_attn.q_proj"
        tensors[f"{name}.lora_A.weight"] = random.standard_normal((rank, width))
        tensors[f"{name}.lora_B.weight"] = random.standard_normal((width, rank))
    write_safetensors(path / "adapter_model.safetensors", tensors)
    given = {"peft_type": "LORA", "r": rank, "lora_alpha": 2 * rank, "target_modules": ["q_proj"], **config}
    (path / "adapter_config.json").write_text(json.dumps(given), encoding="utf-8")
    (path / "LICENSE").write_text("Apache-2.0", encoding="utf-8")
    return path
