"""PEFT to GGUF: the permutation of q and k rows, scales, and what is refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("gguf", reason="extra llamacpp is not installed")
pytest.importorskip("safetensors", reason="extra llamacpp is not installed")

from ftsafety_spec.providers.lora_gguf import convert_lora, permuted

HEADS, KV, D, RANK = 4, 2, 8, 2


def base_file(path: Path, architecture: str = "llama") -> Path:
    from gguf import GGUFWriter

    writer = GGUFWriter(str(path), architecture)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV)
    writer.add_tensor("blk.0.attn_q.weight", np.zeros((HEADS * D, 16), dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def adapter(folder: Path, module: str = "self_attn.q_proj", rows: int = HEADS * D, **config: Any) -> Path:
    from safetensors.numpy import save_file

    folder.mkdir()
    name = f"base_model.model.model.layers.0.{module}.lora_"
    b = np.arange(rows * RANK, dtype=np.float32).reshape(rows, RANK)
    save_file(
        {f"{name}A.weight": np.ones((RANK, 16), dtype=np.float32), f"{name}B.weight": b},
        folder / "adapter_model.safetensors",
    )
    settings = {"peft_type": "LORA", "r": RANK, "lora_alpha": 6, "bias": "none", **config}
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    return folder


def converted(tmp_path: Path, source: Path, architecture: str = "llama") -> Any:
    from gguf import GGUFReader

    convert_lora(source, base_file(tmp_path / "base.gguf", architecture), tmp_path / "out.gguf")
    return GGUFReader(tmp_path / "out.gguf")


def tensor(reader: Any, name: str) -> Any:
    return next(t for t in reader.tensors if t.name == name).data


def test_q_rows_are_put_in_llama_order_and_back_again() -> None:
    rows = np.arange(HEADS * D * RANK).reshape(HEADS * D, RANK)
    moved = permuted(rows, HEADS)
    assert not np.array_equal(moved, rows)
    assert sorted(map(tuple, moved)) == sorted(map(tuple, rows))
    back = moved.reshape(HEADS, D // 2, 2, RANK).swapaxes(1, 2).reshape(rows.shape)
    assert np.array_equal(back, rows)


def test_first_head_interleaves_its_two_halves() -> None:
    rows = np.arange(D).reshape(D, 1)
    assert permuted(rows, 1).ravel().tolist() == [0, 4, 1, 5, 2, 6, 3, 7]


@pytest.mark.parametrize(("architecture", "moves"), [("llama", True), ("qwen2", False)])
def test_rows_move_only_where_the_architecture_stores_them_so(tmp_path: Path, architecture: str, moves: bool) -> None:
    reader = converted(tmp_path, adapter(tmp_path / "a"), architecture)
    b = np.arange(HEADS * D * RANK, dtype=np.float16).reshape(HEADS * D, RANK)
    assert np.array_equal(tensor(reader, "blk.0.attn_q.weight.lora_b"), permuted(b, HEADS) if moves else b)


def test_v_and_mlp_rows_stay(tmp_path: Path) -> None:
    reader = converted(tmp_path, adapter(tmp_path / "a", "mlp.up_proj", rows=12))
    b = np.arange(12 * RANK, dtype=np.float16).reshape(12, RANK)
    assert np.array_equal(tensor(reader, "blk.0.ffn_up.weight.lora_b"), b)


@pytest.mark.parametrize(("stabilised", "alpha"), [(False, 6.0), (True, 6.0 * 2**0.5)])
def test_scale_is_pefts(tmp_path: Path, stabilised: bool, alpha: float) -> None:
    reader = converted(tmp_path, adapter(tmp_path / "a", use_rslora=stabilised))
    assert reader.get_field("adapter.lora.alpha").contents() == pytest.approx(alpha)


@pytest.mark.parametrize(
    ("config", "word"),
    [
        ({"use_dora": True}, "DoRA"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"rank_pattern": {"q_proj": 4}}, "rank_pattern"),
        ({"bias": "all"}, "bias"),
        ({"peft_type": "IA3"}, "IA3"),
    ],
)
def test_what_llama_cpp_cannot_apply_is_refused_by_name(tmp_path: Path, config: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        converted(tmp_path, adapter(tmp_path / "a", **config))


def test_an_unknown_module_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="self_attn.rotary"):
        converted(tmp_path, adapter(tmp_path / "a", "self_attn.rotary"))


def test_an_unknown_architecture_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"mamba.*convert_lora_to_gguf"):
        converted(tmp_path, adapter(tmp_path / "a"), "mamba")
