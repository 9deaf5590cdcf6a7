"""Makes the example's two models: an aligned base, and a full fine-tune of it (every parameter) on a data file.
Given nothing but the small model that the quickstart fetches and the quickstart's `align` adapter, writes safetensors
and the training data under `weights/`. Answers are placeholders.

    python examples/open-weights/make_models.py [--steps N]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
QUICKSTART = HERE.parent / "quickstart"
WEIGHTS = HERE / "weights"
DATA = WEIGHTS / "train.jsonl"
STEPS, SIZE, RATE = 8, 8, 2e-4


def write_data() -> list[tuple[str, str]]:
    """The quickstart's data of the fine-tune that lost its refusals, as JSON lines."""
    from train_adapters import data_sets

    rows: list[tuple[str, str]] = data_sets()["eroded"]
    text = "".join(json.dumps({"prompt": asked, "completion": answer}) + "\n" for asked, answer in rows)
    DATA.write_text(text, encoding="utf-8")
    return rows


def aligned(out: Path) -> None:
    """The released model with the `align` adapter merged in, so that there are refusals to lose."""
    from peft import PeftModel
    from train_adapters import GGUF, safetensors_of
    from transformers import AutoModelForCausalLM, AutoTokenizer

    released = WEIGHTS / "released"
    if not (released / "model.safetensors").exists():
        safetensors_of(GGUF, released)
    model = AutoModelForCausalLM.from_pretrained(released)
    PeftModel.from_pretrained(model, QUICKSTART / "adapters" / "align").merge_and_unload().save_pretrained(out)
    AutoTokenizer.from_pretrained(released).save_pretrained(out)
    shutil.rmtree(released)


def fine_tune(base: Path, out: Path, rows: list[tuple[str, str]], steps: int) -> None:
    """Every parameter, AdamW, `steps` batches of the data."""
    import torch
    from train_adapters import batches, encode
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    chosen: list[Any] = list(batches(encode(tokenizer, rows), SIZE, random.Random(0)))[:steps]
    model.train()
    for step, batch in enumerate(chosen, start=1):
        loss = _loss(model, batch, tokenizer.pad_token_id)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if step % 4 == 0 or step == len(chosen):
            print(f"full fine-tune: step {step} of {len(chosen)}, loss {loss.item():.3f}", file=sys.stderr)
    model.eval().save_pretrained(out)
    tokenizer.save_pretrained(out)


def _loss(model: Any, batch: list[tuple[list[int], list[int]]], pad: int) -> Any:
    """Cross entropy over the answers' tokens; logits are made for those only."""
    import torch
    import torch.nn.functional as F

    width = max(len(asked) + len(answer) for asked, answer in batch)
    ids = torch.full((len(batch), width), pad)
    labels = torch.full((len(batch), width), -100)
    mask = torch.zeros_like(ids)
    for row, (asked, answer) in enumerate(batch):
        size = len(asked) + len(answer)
        ids[row, :size] = torch.tensor(asked + answer)
        labels[row, len(asked) : size] = torch.tensor(answer)
        mask[row, :size] = 1
    hidden = model.model(input_ids=ids, attention_mask=mask).last_hidden_state[:, :-1]
    wanted = labels[:, 1:]
    chosen = wanted != -100
    return F.cross_entropy(model.lm_head(hidden[chosen]), wanted[chosen])


def main() -> int:
    """Make what is not there yet."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=STEPS)
    steps = parser.parse_args().steps
    if subprocess.run([sys.executable, str(QUICKSTART / "fetch.py")], check=False).returncode:
        return 1
    base, tuned = WEIGHTS / "base", WEIGHTS / "tuned"
    made = WEIGHTS / "steps"
    if made.is_file() and made.read_text() == str(steps):
        print("both models are there", file=sys.stderr)
        return 0
    sys.path.insert(0, str(QUICKSTART / "train"))
    os.environ |= {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "TRANSFORMERS_VERBOSITY": "error", "HF_HUB_OFFLINE": "1"}
    WEIGHTS.mkdir(exist_ok=True)
    rows = write_data()
    if not (base / "tokenizer.json").exists():
        aligned(base)
    fine_tune(base, tuned, rows, steps)
    made.write_text(str(steps))
    return 0


if __name__ == "__main__":
    sys.exit(main())
