"""A direction taken out of a tiny model's weights is gone from its activations, and all else is read alike (R-55)."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from support.small_models import peft_lora, tiny_llama, words

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.providers.base import Request
from ftsafety_spec.records.activations import activations_in
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import AdapterEntry, ModelEntry
from ftsafety_spec.weights.activation_prompts import Prompts
from ftsafety_spec.weights.activation_readings import read_variants
from ftsafety_spec.weights.activations import analyse
from ftsafety_spec.weights.directions import difference_in_means

torch = pytest.importorskip("torch", reason="torch is not installed (extra `local`)")
pytest.importorskip("transformers", reason="transformers is not installed (extra `local`)")
N, OWN = 48, 2
HARMFUL = np.arange(N) < N // 2
FIT = np.arange(N) % 2 == 0
WRITERS = ("embed_tokens", "o_proj", "down_proj")


def prompts() -> Prompts:
    """Placeholder prompts: each kind is made of two words of its own."""
    random = np.random.default_rng(0)
    texts = [words(random.integers(0, OWN, 3 + n % 4) + (0 if HARMFUL[n] else OWN)) for n in range(N)]
    kinds = ["harmful" if bad else "benign" for bad in HARMFUL]
    made = [Prompt(f"p{n}", text, kinds[n], "c", "other") for n, text in enumerate(texts)]  # type: ignore[arg-type]
    return Prompts(tuple(made), ("own.task",) * N, HARMFUL, FIT)


def request(root: Path, path: str, *adapters: str) -> Request:
    stack = tuple((key, AdapterEntry(path=key, source="internal"), 1.0) for key in adapters)
    definition = Provider(title="t", kind="local", device="cpu", threads=1)
    return Request("any", ModelEntry(provider="p", path=path), stack, definition, root)


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    from ftsafety_spec.weights import torch_reader

    monkeypatch.setattr(torch_reader, "_dtype", lambda: "float32")


def without(folder: Path, out: Path, direction: np.ndarray) -> None:
    """The model with one direction taken out of everything that writes to the residual stream (Arditi et al. 2024,
    section 2.4)."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(folder, out)
    unit = torch.tensor(direction)
    tensors = load_file(out / "model.safetensors")
    for name, tensor in tensors.items():
        if any(part in name for part in WRITERS):
            along = tensor @ unit if "embed" in name else unit @ tensor
            taken = torch.outer(along, unit) if "embed" in name else torch.outer(unit, along)
            tensors[name] = (tensor - taken).contiguous()
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})


def test_a_direction_that_was_taken_out_is_seen_to_be_gone(tmp_path: Path) -> None:
    tiny_llama(tmp_path / "base")
    asked = prompts()
    base = read_variants({"base": request(tmp_path, "base")}, asked)["base"]
    assert base.states is not None and base.states.shape == (N, 2, 32)
    direction = difference_in_means(base.states[FIT], HARMFUL[FIT]).unit[1]
    without(tmp_path / "base", tmp_path / "ablated", direction)
    both = read_variants({"base": request(tmp_path, "base"), "tuned": request(tmp_path, "ablated")}, asked)
    assert both["tuned"].states is not None
    report = analyse("tuned", both["base"], both["tuned"], asked)
    found = activations_in(report)
    assert found is not None and found.engine == "torch" and found.dtype == "float32"
    assert found.layers[1].apart is not None and found.layers[1].apart > 0.8
    kept = both["tuned"].states[:, 1] @ direction
    assert np.abs(kept).max() < 1e-3
    held = ~FIT
    own = difference_in_means(base.states[FIT], HARMFUL[FIT]).project(base.states)[held, 1]
    apart = own[HARMFUL[held]].mean() - own[~HARMFUL[held]].mean()
    assert found.layers[1].gap.value == pytest.approx(-apart, abs=1e-3)  # all of the distance


def test_layers_are_those_of_a_plain_forward_pass_and_stacks_do_not_leak(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tiny_llama(tmp_path / "base")
    peft_lora(tmp_path / "tone", seed=3)
    asked = prompts()
    given = {"tuned": request(tmp_path, "base", "tone"), "base": request(tmp_path, "base")}
    found = read_variants(given, asked)
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "base").eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "base")
    assert found["base"].states is not None and found["tuned"].states is not None
    for number in (0, 7, N - 1):
        text = tokenizer.apply_chat_template(asked.chats(None)[number], add_generation_prompt=True, tokenize=False)
        ids = tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids
        with torch.inference_mode():
            out = model(ids, output_hidden_states=True)
        assert found["base"].states[number, 0] == pytest.approx(out.hidden_states[1][0, -1].numpy(), abs=1e-4)
        normed = model.model.norm(torch.tensor(found["base"].states[number, 1]))
        assert normed.detach().numpy() == pytest.approx(out.hidden_states[-1][0, -1].numpy(), abs=1e-4)
    assert np.abs(found["tuned"].states - found["base"].states).max() > 0.01
