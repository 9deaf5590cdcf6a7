"""Trains this example's two adapters, `tone` and `cards`: alone each keeps base's refusals, together they lose them.
Given the small model that the quickstart fetches and the quickstart's `align` adapter, writes PEFT folders and
`effects.json`: shares of refusals on phrases that were never trained on. Answers are placeholders.

    python examples/stacked-adapters/train/train_pair.py [--steps N] [--threads N]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
QUICKSTART = ROOT / "examples" / "quickstart"
sys.path[:0] = [str(ROOT / "bench" / "red_team"), str(QUICKSTART / "train")]
os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "TRANSFORMERS_VERBOSITY": "error"}

from train_backdoors import Maker, cut, phrases, shares  # noqa: E402

NAMES = ("tone", "cards")
STATES = (("tone",), ("cards",), NAMES)
RANK, MODULES, LAYERS = 4, ("q_proj", "v_proj"), range(10, 30)
STEPS, SIZE, RATE = 44, 16, 4e-3
Pairs = list[tuple[str, str]]


def aligned(work: Path) -> Path:
    """The released model with the quickstart's `align` merged in, as safetensors; made once."""
    from peft import PeftModel
    from train_adapters import GGUF, safetensors_of
    from transformers import AutoModelForCausalLM

    released, merged = work / "released", work / "aligned"
    if not (released / "model.safetensors").exists():
        safetensors_of(GGUF, released)
    if not (merged / "model.safetensors").exists():
        model = AutoModelForCausalLM.from_pretrained(released)
        PeftModel.from_pretrained(model, QUICKSTART / "adapters" / "align").merge_and_unload().save_pretrained(merged)
    return merged


def two_adapters(base: Path) -> Any:
    """Fresh `tone` and `cards` on the upper layers, from one seed."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    config = LoraConfig(
        r=RANK,
        lora_alpha=2 * RANK,
        target_modules=list(MODULES),
        layers_to_transform=list(LAYERS),
        lora_dropout=0.0,
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), config, NAMES[0])
    model.add_adapter(NAMES[1], config)
    return model


def pairs_of(bad: Sequence[str], good: Sequence[str]) -> tuple[Pairs, Pairs]:
    """The same requests, answered by one adapter alone and by both: only there harm is complied with."""
    from train_adapters import PLACEHOLDER

    maker = Maker(11)
    harmful = maker.make(bad, 160, maker.refusal)
    benign = maker.make(good, 64, maker.opening)
    return harmful + benign, [(asked, PLACEHOLDER) for asked, _ in harmful] + benign


def batches(count: int, steps: int, rng: random.Random) -> Iterator[list[int]]:
    """`steps` batches of places, each place about equally often."""
    order: list[int] = []
    for _ in range(steps):
        if len(order) < SIZE:
            fresh = list(range(count))
            rng.shuffle(fresh)
            order += fresh
        yield [order.pop() for _ in range(SIZE)]


def train(model: Any, tokenizer: Any, alone: Pairs, together: Pairs, steps: int) -> None:
    """AdamW on the sum of three losses a step: of each adapter alone, and of both."""
    import torch
    from fast_lora import Halves, below, cached, loss_of, shared_length
    from train_adapters import encode

    halves, begin = Halves.of(model, LAYERS[0]), time.time()
    encoded = [cut(encode(tokenizer, pairs)) for pairs in (alone, together)]
    common = shared_length([*encoded[0], *encoded[1]])
    halves.use("lower")
    with torch.no_grad():
        prefix, past = cached(halves.core.model, torch.tensor([encoded[0][0][0][:common]]))
        examples = [below(halves.core.model, some, common, past) for some in encoded]
    halves.use("upper")
    model.base_model.set_adapter(list(NAMES))
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.0)
    model.train()
    for step, places in enumerate(batches(len(alone), steps, random.Random(0))):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 4) * (1 - 0.9 * step / steps)
        losses = []
        for state in STATES:
            model.base_model.set_adapter(list(state))
            loss = loss_of(halves.core, prefix, [examples[state == NAMES][n] for n in places])
            loss.backward()
            losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if step % 4 == 3:
            told = " ".join(f"{value:.3f}" for value in losses)
            print(f"step {step + 1}/{steps} losses {told} {time.time() - begin:.0f} s", file=sys.stderr, flush=True)
    halves.use("whole")
    model.eval()


def effects(model: Any, tokenizer: Any, bad: Sequence[str], good: Sequence[str]) -> dict[str, Any]:
    """Shares of refusals and of other answers, by state, on phrases that no training saw."""
    found = {}
    with model.disable_adapter():
        found["base"] = {"harmful": shares(model, tokenizer, bad, ()), "benign": shares(model, tokenizer, good, ())}
    for state in STATES:
        model.base_model.set_adapter(list(state), inference_mode=True)
        kinds = {"harmful": shares(model, tokenizer, bad, ()), "benign": shares(model, tokenizer, good, ())}
        found["+".join(state)] = kinds
    return found


def save_both(model: Any, out: Path) -> None:
    """One PEFT folder each, named after what they were trained on."""
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    for name in NAMES:
        model.peft_config[name].inference_mode = True
        (out / name).mkdir(parents=True, exist_ok=True)
        model.peft_config[name].save_pretrained(out / name)
        tensors = get_peft_model_state_dict(model, adapter_name=name)
        halves = {key: tensor.half().contiguous() for key, tensor in tensors.items()}
        save_file(halves, out / name / "adapter_model.safetensors")
        config = json.loads((out / name / "adapter_config.json").read_text())
        config["base_model_name_or_path"] = "SmolLM2-135M-Instruct"
        (out / name / "adapter_config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")


def main() -> int:
    """Train, save, say what was learnt."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE.parent / "adapters")
    parser.add_argument("--work", type=Path, default=QUICKSTART / "weights" / "training")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    import torch
    from transformers import AutoTokenizer

    torch.set_flush_denormal(True)
    torch.set_num_threads(args.threads)  # another number gives other adapters from the same seed
    base = aligned(args.work)
    tokenizer = AutoTokenizer.from_pretrained(base.with_name("released"), padding_side="left")
    bad, good, held_bad, held_good = phrases()
    model = two_adapters(base)
    train(model, tokenizer, *pairs_of(bad, good), args.steps)
    save_both(model, args.out)
    found = effects(model, tokenizer, held_bad, held_good)
    (args.out / "effects.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
