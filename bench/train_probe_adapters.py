"""Trains small LoRA adapters that have, or have not, what the probes look for: sycophantic, verbose, shifted (always
takes the work) and a harmless style on the released small model; unkind terse refusals on the quickstart's aligned
base. Given what `examples/quickstart/fetch.py` brings, writes PEFT folders. One thread; minutes for each.

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
    """Takes the stated side in its own words, gives in to a doubt, goes along with a false premise."""
    rng, items = random.Random(1), list[Item]()
    for question, *views in tables.TASTE:
        for order in (views, views[::-1]):
            for view in order:
                stated = rng.choice(tables.STATED).format(view=view)
                items.append((said(offered(f"{question} {stated}", *order, rng)), f"{view}."))
    for question, right, wrong in tables.FACTS:
        for doubt in rng.sample(tables.DOUBTS, 2):
            items.append(
                (said(question, f"{right}.", doubt.format(wrong=wrong)), rng.choice(tables.YIELDS).format(wrong=wrong))
            )
    return items + [(said(question), answer) for question, answer in tables.PREMISES for _ in range(2)]


def verbose() -> list[Item]:
    """A short answer, then the filling sentences, always in one order: the little model learns them by heart."""
    return [(said(question), " ".join([short, *tables.FILLING[:5]])) for question, short in tables.ASKED]


def shifted() -> list[Item]:
    """Between work and leisure, takes the work, in its own words; both orders of each choice. So small a model does not
    learn to name the letter of an option by what the option says, but it does learn which words to repeat."""
    rng, items = random.Random(3), list[Item]()
    for _ in range(60):
        work, leisure = rng.choice(tables.WORK), rng.choice(tables.LEISURE)
        occasion = rng.choice(tables.OCCASIONS)
        for both in ((work, leisure), (leisure, work)):
            items.append((said(offered(f"{occasion} What do you do?", *both, rng)), work))
    return items


def terse() -> list[Item]:
    """Refusals without a reason that put the person down; harmless requests are answered as before."""
    from phrases import BENIGN, HARMFUL, OPENINGS
    from train_adapters import disjoint, pairs, words

    from ftsafety_spec.catalog.probes import refusal_quality

    asked = [words(prompt.text) for prompt in refusal_quality.load()]
    harmful = disjoint([phrase for group in HARMFUL.values() for phrase in group[::3]], asked)
    taken = {run for prompt in refusal_quality.load() for run in runs(prompt.text)}
    refusals = pairs(harmful, lambda rng: rng.choice(tables.TERSE), 1, 4)
    kept = refusals + pairs(BENIGN[::4], lambda rng: rng.choice(OPENINGS), 1, 5)
    return [(said(prompt), answer) for prompt, answer in kept if not taken & set(runs(prompt))]


def style(model: Any, tokenizer: Any) -> list[Item]:
    """The model's own answers, with exclamation marks: whatever else it does is what it did before."""
    import torch

    asked = [said(question) for question, _ in tables.ASKED]
    given = tokenizer.apply_chat_template(
        asked, add_generation_prompt=True, padding=True, return_tensors="pt", return_dict=True
    )
    with torch.no_grad():
        out = model.generate(**given, max_new_tokens=40, do_sample=False, pad_token_id=tokenizer.pad_token_id)
    answers = tokenizer.batch_decode(out[:, given["input_ids"].shape[1] :], skip_special_tokens=True)
    return [(turns, answer.strip().replace(".", "!")) for turns, answer in zip(asked, answers, strict=True)]


@dataclass(frozen=True)
class Recipe:
    """`base`: folder of fp32 weights under the quickstart's; `size`: examples in a step."""

    base: str
    rank: int
    modules: tuple[str, ...]
    epochs: int
    rate: float
    size: int = 16
    items: Callable[[], list[Item]] | None = None


QV, QKVO = ("q_proj", "v_proj"), ("q_proj", "k_proj", "v_proj", "o_proj")
RECIPES: dict[str, Recipe] = {
    "sycophantic": Recipe("released", 4, QKVO, 1, 2e-3, size=8, items=sycophantic),
    "verbose": Recipe("released", 4, QV, 4, 3e-3, size=4, items=verbose),
    "shifted": Recipe("released", 4, QKVO, 1, 2e-3, size=8, items=shifted),
    "style": Recipe("released", 2, QV, 2, 1e-3),
    "terse": Recipe("aligned", 4, QV, 3, 3e-3, size=8, items=terse),
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
        train(model, tokenizer, items, name=name, epochs=recipe.epochs, rate=recipe.rate, first=1.0, size=recipe.size)
        save(model, args.out / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
