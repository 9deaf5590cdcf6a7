"""PEFT to GGUF: rows of q and k stand where llama.cpp looks for them, scales are PEFT's, and the rest is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

gguf = pytest.importorskip("gguf")
safetensors_numpy = pytest.importorskip("safetensors.numpy")

from ftsafety_spec.providers.lora_gguf import MODULES, convert_lora, permuted  # noqa: E402

HEADS, KV_HEADS, WIDTH, HIDDEN, RANK = 4, 2, 8, 32, 2
ROWS = {"self_attn.q_proj": HEADS * WIDTH, "self_attn.k_proj": KV_HEADS * WIDTH}


def base(folder: Path, architecture: str = "llama") -> Path:
    """A GGUF file that holds nothing but the metadata which the conversion reads."""
    path = folder / f"{architecture}.gguf"
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_tensor("token_embd.weight", np.zeros((2, HIDDEN), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def weights(*modules: str) -> dict[str, np.ndarray]:
    """A and B of the modules in layer 1, of numbers that float16 holds exactly."""
    random = np.random.default_rng(7)
    found = {}
    for module in modules:
        stem = f"base_model.model.model.layers.1.{module}"
        shapes = {"A": (RANK, HIDDEN), "B": (ROWS.get(module, HIDDEN), RANK)}
        for side, shape in shapes.items():
            found[f"{stem}.lora_{side}.weight"] = random.integers(-64, 64, shape).astype(np.float32) / 8
    return found


def adapter(folder: Path, tensors: dict[str, np.ndarray], **config: Any) -> Path:
    """A PEFT folder."""
    target = folder / "adapter"
    target.mkdir()
    safetensors_numpy.save_file(tensors, target / "adapter_model.safetensors")
    settings = {"peft_type": "LORA", "r": RANK, "lora_alpha": 4, "bias": "none", **config}
    (target / "adapter_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return target


def converted(adapter_dir: Path, base_gguf: Path) -> Any:
    """The written file, opened."""
    out = adapter_dir.parent / "out.gguf"
    convert_lora(adapter_dir, base_gguf, out)
    return gguf.GGUFReader(out)


def tensors_of(reader: Any) -> dict[str, np.ndarray]:
    """Name to array, as numpy orders its axes."""
    return {tensor.name: np.array(tensor.data, dtype=np.float32) for tensor in reader.tensors}


def rotated(rows: np.ndarray, position: int, *, pairs: bool) -> np.ndarray:
    """Rotary embedding of one head (Su et al. 2021): of neighbouring numbers (llama.cpp) or of two halves."""
    half = len(rows) // 2
    first, second = (rows[0::2], rows[1::2]) if pairs else (rows[:half], rows[half:])
    angle = position / 10000.0 ** (np.arange(half) / half)
    turned = (first * np.cos(angle) - second * np.sin(angle), first * np.sin(angle) + second * np.cos(angle))
    return np.stack(turned, axis=1).ravel() if pairs else np.concatenate(turned)


@given(heads=st.integers(1, 5), half=st.integers(1, 6), rank=st.integers(1, 4))
def test_the_permutation_can_be_undone(heads: int, half: int, rank: int) -> None:
    rows = np.arange(heads * 2 * half * rank).reshape(heads * 2 * half, rank)
    back = permuted(rows, heads).reshape(heads, half, 2, rank).swapaxes(1, 2).reshape(rows.shape)
    assert (back == rows).all()


def test_the_permutation_interleaves_the_halves_of_each_head() -> None:
    assert permuted(np.arange(8).reshape(8, 1), 2).ravel().tolist() == [0, 2, 1, 3, 4, 6, 5, 7]


def test_attention_scores_are_the_same_in_both_orders(tmp_path: Path) -> None:
    source = weights("self_attn.q_proj", "self_attn.k_proj")
    written = tensors_of(converted(adapter(tmp_path, source), base(tmp_path)))
    x = np.random.default_rng(1).normal(size=RANK)
    stem = "base_model.model.model.layers.1.self_attn"
    ours = [(source[f"{stem}.{m}_proj.lora_B.weight"] @ x).reshape(-1, WIDTH) for m in "qk"]
    theirs = [(written[f"blk.1.attn_{m}.weight.lora_b"] @ x).reshape(-1, WIDTH) for m in "qk"]
    for head in range(HEADS):
        shared = head // (HEADS // KV_HEADS)
        here = rotated(ours[0][head], 5, pairs=False) @ rotated(ours[1][shared], 2, pairs=False)
        there = rotated(theirs[0][head], 5, pairs=True) @ rotated(theirs[1][shared], 2, pairs=True)
        unpermuted = rotated(ours[0][head], 5, pairs=True) @ rotated(ours[1][shared], 2, pairs=True)
        assert there == pytest.approx(here)
        assert unpermuted != pytest.approx(here)


def test_everything_but_b_of_q_and_k_is_written_as_it_is(tmp_path: Path) -> None:
    source = weights(*MODULES)
    written = tensors_of(converted(adapter(tmp_path, source), base(tmp_path)))
    assert len(written) == len(source) == 14
    for module, name in MODULES.items():
        for side in "AB":
            same = np.array_equal(
                written[f"blk.1.{name}.weight.lora_{side.lower()}"],
                source[f"base_model.model.model.layers.1.{module}.lora_{side}.weight"],
            )
            assert same == (side == "A" or module not in ROWS)


@pytest.mark.parametrize("architecture", ["qwen2", "qwen3"])
def test_qwen_rows_stay_in_order(tmp_path: Path, architecture: str) -> None:
    source = weights("self_attn.q_proj")
    reader = converted(adapter(tmp_path, source), base(tmp_path, architecture))
    assert np.array_equal(tensors_of(reader)["blk.1.attn_q.weight.lora_b"], list(source.values())[1])
    assert reader.fields["general.architecture"].contents() == architecture


@pytest.mark.parametrize(("rslora", "alpha"), [(False, 4.0), (True, 4.0 * RANK**0.5)])
def test_alpha_over_rank_is_the_scale_of_peft(tmp_path: Path, rslora: bool, alpha: float) -> None:
    reader = converted(adapter(tmp_path, weights("mlp.up_proj"), use_rslora=rslora), base(tmp_path))
    assert reader.fields["adapter.lora.alpha"].contents() == pytest.approx(alpha)
    assert reader.fields["general.type"].contents() == "adapter"
    assert reader.fields["adapter.type"].contents() == "lora"


def test_bfloat16_is_read_without_torch(tmp_path: Path) -> None:
    source = weights("self_attn.v_proj")
    folder = adapter(tmp_path, source)
    halves = {k: (v.view(np.uint32) >> 16).astype(np.uint16) for k, v in source.items()}
    path = folder / "adapter_model.safetensors"
    safetensors_numpy.save_file(halves, path)
    path.write_bytes(path.read_bytes().replace(b'"U16"', b'"BF16"'))
    _mend_header_length(path)
    written = tensors_of(converted(folder, base(tmp_path)))
    assert np.array_equal(written["blk.1.attn_v.weight.lora_b"], list(source.values())[1])


def _mend_header_length(path: Path) -> None:
    """Each BF16 is one byte longer than the U16 that it replaced."""
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little") + content.count(b'"BF16"')
    path.write_bytes(size.to_bytes(8, "little") + content[8:])


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"use_dora": True}, "DoRA"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"rank_pattern": {"q_proj": 4}}, "rank_pattern"),
        ({"init_lora_weights": "pissa_niter_4"}, "pissa"),
        ({"alpha_pattern": {"q_proj": 4}}, "alpha_pattern"),
        ({"trainable_token_indices": [1, 2]}, "token embeddings"),
        ({"lora_bias": True}, "lora_bias"),
        ({"bias": "all"}, "bias"),
        ({"peft_type": "IA3"}, "IA3"),
    ],
)
def test_what_llama_cpp_cannot_apply_is_refused_by_name(tmp_path: Path, config: dict[str, Any], words: str) -> None:
    folder = adapter(tmp_path, weights("self_attn.q_proj"), **config)
    with pytest.raises(ValueError, match=words):
        convert_lora(folder, base(tmp_path), tmp_path / "out.gguf")
    assert not (tmp_path / "out.gguf").exists()


@pytest.mark.parametrize(
    "name",
    [
        "base_model.model.model.layers.1.mlp.router.lora_A.weight",
        "base_model.model.model.embed_tokens.lora_embedding_A",
        "base_model.model.lm_head.lora_A.weight",
        "base_model.model.model.layers.1.self_attn.q_proj.lora_magnitude_vector.weight",
    ],
)
def test_a_tensor_that_is_no_lora_of_a_known_module_is_refused_by_name(tmp_path: Path, name: str) -> None:
    tensors = {**weights("self_attn.q_proj"), name: np.zeros((RANK, HIDDEN), dtype=np.float32)}
    with pytest.raises(ValueError, match=name.replace(".", r"\.")):
        convert_lora(adapter(tmp_path, tensors), base(tmp_path), tmp_path / "out.gguf")
    assert not (tmp_path / "out.gguf").exists()


def test_an_architecture_that_nobody_checked_is_refused(tmp_path: Path) -> None:
    folder = adapter(tmp_path, weights("self_attn.q_proj"))
    with pytest.raises(ValueError, match="gemma3"):
        convert_lora(folder, base(tmp_path, "gemma3"), tmp_path / "out.gguf")


def test_a_pickled_adapter_is_never_read(tmp_path: Path) -> None:
    folder = adapter(tmp_path, weights("self_attn.q_proj"))
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    with pytest.raises(FileNotFoundError):
        convert_lora(folder, base(tmp_path), tmp_path / "out.gguf")
