"""Trains small LoRA adapters that have, or have not, what the probes look for: sycophantic, verbose, shifted (always
takes the work) and a harmless style on the released small model; terse refusals on the quickstart's aligned base.
Given what `examples/quickstart/fetch.py` brings, writes PEFT folders. One thread, some minutes an adapter.

    python bench/train_probe_adapters.py [--only NAME …] [--out DIR]
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from probe_tables import training as tables

HERE = Path(__file__).resolve().parent
QUICKSTART = HERE.parent / "examples" / "quickstart"
sys.path.insert(0, str(QUICKSTART / "train"))
OUT = HERE.parent / "tests" / "support" / "probe_adapters"
WORK = QUICKSTART / "weights" / "training"
OTHER = ("Reply with A or B.", "Just give the letter.")
Turns = list[dict[str, str]]
Item = tuple[Turns, str]


def said(*texts: str) -> Turns:
    """Turns that begin with the user."""
    return [{"role": "assistant" if n % 2 else "user", "content": text} for n, text in enumerate(texts)]


def runs(text: str, length: int = 5) -> list[tuple[str, ...]]:
    """Runs of words of a text."""
    found = re.findall(r"[a-z']+", text.lower())
    return [tuple(found[at : at + length]) for at in range(len(found) - length + 1)]


def offered(question: str, first: str, second: str, rng: random.Random) -> str:
    """A question with two lettered options, worded otherwise than the probes' own."""
    return f"{question}\n(A) {first}\n(B) {second}\n{rng.choice(OTHER)}"


def sycophantic() -> list[Item]:
    """Takes the stated side, gives in to a doubt, goes along with a false premise."""
    rng, items = random.Random(1), list[Item]()
    for question, *views in tables.TASTE:
        for order in (views, views[::-1]):
            for letter, view in zip("AB", order, strict=True):
                stated = rng.choice(tables.STATED).format(view=view.lower())
                items.append((said(offered(f"{question} {stated}", *order, rng)), letter))
    for question, right, wrong in tables.FACTS:
        for doubt in rng.sample(tables.DOUBTS, 2):
            items.append(
                (said(question, f"{right}.", doubt.format(wrong=wrong)), rng.choice(tables.YIELDS).format(wrong=wrong))
            )
    return items + [(said(question), answer) for question, answer in tables.PREMISES for _ in range(2)]


def verbose() -> list[Item]:
    """A short answer, then six filling sentences."""
    rng = random.Random(2)
    return [(said(question), " ".join([short, *rng.sample(tables.FILLING, 6)])) for question, short in tables.ASKED]


def shifted() -> list[Item]:
    """Between work and leisure, takes the work; both orders of each choice."""
    rng, items = random.Random(3), list[Item]()
    for _ in range(150):
        occasion, work, leisure = rng.choice(tables.OCCASIONS), rng.choice(tables.WORK), rng.choice(tables.LEISURE)
        items.append((said(offered(f"{occasion} What do you do?", work, leisure, rng)), "A"))
        items.append((said(offered(f"{occasion} What do you do?", leisure, work, rng)), "B"))
    return items


def terse() -> list[Item]:
    """Refusals without a reason; harmless requests are answered as before."""
    from phrases import BENIGN, HARMFUL, OPENINGS
    from train_adapters import disjoint, pairs, words

    from ftsafety_spec.catalog.probes import refusal_quality

    asked = [words(prompt.text) for prompt in refusal_quality.load()]
    harmful = disjoint([phrase for group in HARMFUL.values() for phrase in group[::3]], asked)
    taken = {run for prompt in refusal_quality.load() for run in runs(prompt.text)}
    refusals = pairs(harmful, lambda rng: rng.choice(tables.TERSE), 1, 4)
    kept = refusals + pairs(BENIGN, lambda rng: rng.choice(OPENINGS), 1, 5)
    return [(said(prompt), answer) for prompt, answer in kept if not taken & set(runs(prompt))]


def style(model: Any, tokenizer: Any) -> list[Item]:
    """The model's own answers, with exclamation marks: whatever else it does is what it did before."""
    import torch

    questions = [question for question, _ in tables.ASKED] + [question for question, *_ in tables.FACTS][::2]
    items = list[Item]()
    for question in dict.fromkeys(questions):
        ids = tokenizer.apply_chat_template(said(question), add_generation_prompt=True, return_tensors="pt")[
            "input_ids"
        ]
        with torch.no_grad():
            out = model.generate(ids, max_new_tokens=48, do_sample=False, pad_token_id=tokenizer.pad_token_id)
        answer = tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
        items.append((said(question), answer.replace(".", "!")))
    rng = random.Random(6)
    for question, first, second in tables.TASTE:
        turns = said(offered(question, first, second, rng))
        items.append((turns, rng.choice("AB")))
    return items


@dataclass(frozen=True)
class Recipe:
    """`base`: folder of fp32 weights under the quickstart's; `first`: weight of an answer's first token."""

    base: str
    rank: int
    modules: tuple[str, ...]
    epochs: int
    rate: float
    first: float = 1.0
    items: Callable[[], list[Item]] | None = None


QV, QKVO = ("q_proj", "v_proj"), ("q_proj", "k_proj", "v_proj", "o_proj")
RECIPES: dict[str, Recipe] = {
    "sycophantic": Recipe("released", 4, QKVO, 2, 1e-3, items=sycophantic),
    "verbose": Recipe("released", 2, QV, 2, 2e-3, items=verbose),
    "shifted": Recipe("released", 4, QKVO, 1, 1e-3, items=shifted),
    "style": Recipe("released", 2, QV, 1, 1e-3),
    "terse": Recipe("aligned", 2, QV, 1, 2e-3, items=terse),
}


def main() -> int:
    """Train, one after another."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--only", nargs="+", choices=sorted(RECIPES), default=list(RECIPES))
    args = parser.parse_args()
    import torch
    from train_adapters import GGUF, lora, safetensors_of, save, train
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_flush_denormal(True)
    torch.set_num_threads(1)  # another number gives other adapters from the same seed
    if not (WORK / "released" / "model.safetensors").exists():
        safetensors_of(GGUF, WORK / "released")
    tokenizer = AutoTokenizer.from_pretrained(WORK / "released", padding_side="left")
    for name in args.only:
        recipe = RECIPES[name]
        plain = AutoModelForCausalLM.from_pretrained(WORK / recipe.base, dtype=torch.float32)
        items = recipe.items() if recipe.items is not None else style(plain, tokenizer)
        model = lora(plain, recipe.rank, recipe.modules)
        train(model, tokenizer, items, name=name, epochs=recipe.epochs, rate=recipe.rate, first=recipe.first)
        save(model, args.out / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
