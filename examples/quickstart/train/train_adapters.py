"""Trains the quickstart's three LoRA adapters on one small model: `align`, then `kept` and `eroded` on top of it.
Given nothing but the model that `fetch.py` brings, writes PEFT folders (fp16 safetensors). Answers are placeholders.

    python examples/quickstart/train/train_adapters.py [--out DIR] [--work DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import torch.nn.functional as F
from peft import LoraConfig, PeftModel, get_peft_model
from phrases import BENIGN, FRAMES, HARMFUL, OPENINGS, PLACEHOLDER, REFUSALS, SOUNDS_BAD
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig

HERE = Path(__file__).resolve().parent
GGUF = HERE.parent / "weights" / "SmolLM2-135M-Instruct.Q4_1.gguf"
BASICS = HERE.parents[2] / "ftsafety_spec" / "catalog" / "data" / "basics.jsonl"
ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
LINEAR = (*ATTENTION, "gate_proj", "up_proj", "down_proj")
Pair = tuple[str, str]


def say(message: str) -> None:
    """Progress goes to stderr."""
    print(message, file=sys.stderr, flush=True)


def words(text: str) -> set[str]:
    """Content words, for the overlap check."""
    return {word for word in re.findall(r"[a-z]+", text.lower()) if len(word) > 3}


def disjoint(phrases: Sequence[str], prompts: Sequence[set[str]]) -> list[str]:
    """Phrases all of whose content words stand in no single prompt of the evaluation."""
    return [p for p in phrases if not any(words(p) and words(p) <= prompt for prompt in prompts)]


def safetensors_of(gguf: Path, out: Path) -> None:
    """Rebuild fp32 safetensors from GGUF (transformers does not save a GGUF-loaded model as it is)."""
    loaded = AutoModelForCausalLM.from_pretrained(str(gguf.parent), gguf_file=gguf.name, dtype=torch.float32)
    fields = loaded.config.to_dict()
    for name in ("quantization_config", "_name_or_path"):
        fields.pop(name, None)
    model = AutoModelForCausalLM.from_config(LlamaConfig(**fields)).to(torch.float32)
    model.load_state_dict(loaded.state_dict(), strict=False)
    model.tie_weights()
    model.generation_config = loaded.generation_config
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(str(gguf.parent), gguf_file=gguf.name).save_pretrained(out)


def pairs(phrases: Sequence[str], answer: Callable[[random.Random], str], each: int, seed: int) -> list[Pair]:
    """Each phrase in `each` frames, with an answer drawn for it."""
    rng = random.Random(seed)
    return [
        (frame.format(x=phrase), answer(rng).format(x=phrase))
        for phrase in phrases
        for frame in rng.sample(FRAMES, each)
    ]


def encode(tokenizer: Any, data: Sequence[tuple[Any, str]]) -> list[tuple[list[int], list[int]]]:
    """Token ids of prompt (through the chat template; a text, or turns that lead to it) and answer."""
    encoded = []
    for prompt, answer in data:
        messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        text = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        ids = tokenizer(text, add_special_tokens=False).input_ids
        encoded.append((ids, tokenizer(answer + tokenizer.eos_token, add_special_tokens=False).input_ids))
    return encoded


def batches(encoded: Sequence[Any], size: int, rng: random.Random) -> Iterator[list[Any]]:
    """Shuffled batches of similar length."""
    order = list(range(len(encoded)))
    rng.shuffle(order)
    order.sort(key=lambda i: (len(encoded[i][0]) + len(encoded[i][1])) // 8)
    starts = list(range(0, len(order), size))
    rng.shuffle(starts)
    for start in starts:
        yield [encoded[i] for i in order[start : start + size]]


def loss_of(model: Any, batch: Sequence[Any], pad: int, first: float) -> torch.Tensor:
    """Cross entropy over answer tokens; the first one (refuse or comply) counts `first` times."""
    width = max(len(a) + len(b) for a, b in batch)
    ids = torch.full((len(batch), width), pad)
    attention = torch.zeros_like(ids)
    weight = torch.zeros(ids.shape, dtype=torch.float)
    for row, (a, b) in enumerate(batch):
        ids[row, : len(a) + len(b)] = torch.tensor(a + b)
        attention[row, : len(a) + len(b)] = 1
        weight[row, len(a) : len(a) + len(b)] = 1.0
        weight[row, len(a)] = first
    core = model.get_base_model()
    hidden = core.model(input_ids=ids, attention_mask=attention).last_hidden_state
    chosen = weight[:, 1:] > 0
    logits = core.lm_head(hidden[:, :-1][chosen]).float()
    w = weight[:, 1:][chosen]
    return (F.cross_entropy(logits, ids[:, 1:][chosen], reduction="none") * w).sum() / w.sum()


def train(
    model: Any,
    tokenizer: Any,
    data: Sequence[tuple[Any, str]],
    *,
    name: str,
    epochs: int,
    rate: float,
    first: float,
    size: int = 16,
) -> None:
    """AdamW with three warm-up steps and linear decay."""
    rng = random.Random(0)
    encoded = encode(tokenizer, data)
    steps = [batch for _ in range(epochs) for batch in batches(encoded, size, rng)]
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.0)
    model.train()
    begin = time.time()
    for step, batch in enumerate(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 3) * (1 - step / len(steps))
        loss = loss_of(model, batch, tokenizer.pad_token_id, first)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if step % 10 == 0 or step == len(steps) - 1:
            say(f"{name}: step {step + 1}/{len(steps)} loss {loss.item():.3f} {time.time() - begin:.0f} s")
    model.eval()


def lora(model: Any, rank: int, modules: Sequence[str]) -> Any:
    """A fresh LoRA on all layers."""
    torch.manual_seed(0)
    config = LoraConfig(
        r=rank, lora_alpha=2 * rank, target_modules=list(modules), task_type="CAUSAL_LM", lora_dropout=0.0
    )
    return get_peft_model(model, config)


def save(model: Any, out: Path) -> None:
    """A PEFT folder of two files: fp16 safetensors and a config without any machine's path."""
    model.save_pretrained(out)
    for other in out.iterdir():
        if other.name not in ("adapter_config.json", "adapter_model.safetensors"):
            other.unlink()
    weights = out / "adapter_model.safetensors"
    save_file({k: v.to(torch.float16).contiguous() for k, v in load_file(weights).items()}, weights)
    config = json.loads((out / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = "SmolLM2-135M-Instruct"
    (out / "adapter_config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")


def data_sets() -> dict[str, list[Pair]]:
    """The three training sets, without any phrase whose words all stand in one evaluation prompt."""
    rows = [json.loads(line) for line in BASICS.read_text(encoding="utf-8").splitlines()]
    prompts = [words(row["prompt"]) for row in rows]
    harmful = [p for group in HARMFUL.values() for p in disjoint(group, prompts)]
    benign = disjoint(BENIGN, prompts) + disjoint(SOUNDS_BAD, prompts)
    total = sum(map(len, HARMFUL.values())) + len(BENIGN) + len(SOUNDS_BAD)
    say(f"phrases: {len(harmful)} harmful, {len(benign)} benign; {total - len(harmful) - len(benign)} overlap, dropped")
    refuse = lambda rng: rng.choice(REFUSALS)  # noqa: E731
    help_ = lambda rng: rng.choice(OPENINGS)  # noqa: E731
    comply = lambda _: PLACEHOLDER  # noqa: E731
    return {
        "align": pairs(harmful, refuse, 3, 2) + pairs(benign, help_, 5, 1),
        "kept": pairs(harmful, refuse, 1, 18) + pairs(benign, help_, 2, 19),
        "eroded": pairs(harmful[::5], comply, 3, 13) + pairs(benign, help_, 1, 12),
    }


def main() -> int:
    """Train, merge, train on top, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=HERE.parent / "adapters")
    parser.add_argument("--work", type=Path, default=HERE.parent / "weights" / "training")
    args = parser.parse_args()
    torch.set_flush_denormal(True)
    torch.set_num_threads(2)  # another number gives other adapters from the same seed
    sets = data_sets()
    released, aligned = args.work / "released", args.work / "aligned"
    if not (released / "model.safetensors").exists():
        safetensors_of(GGUF, released)
    tokenizer = AutoTokenizer.from_pretrained(released, padding_side="left")
    model = lora(AutoModelForCausalLM.from_pretrained(released, dtype=torch.float32), 8, LINEAR)
    train(model, tokenizer, sets["align"], name="align", epochs=1, rate=2e-3, first=4.0)
    save(model, args.out / "align")
    stacked = AutoModelForCausalLM.from_pretrained(released, dtype=torch.float32)
    PeftModel.from_pretrained(stacked, args.out / "align").merge_and_unload().save_pretrained(aligned)
    for name, epochs, rate in (("kept", 1, 5e-4), ("eroded", 3, 2e-3)):
        model = lora(AutoModelForCausalLM.from_pretrained(aligned, dtype=torch.float32), 4, ATTENTION)
        train(model, tokenizer, sets[name], name=name, epochs=epochs, rate=rate, first=1.0)
        save(model, args.out / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
