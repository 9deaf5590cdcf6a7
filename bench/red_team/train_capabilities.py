"""Trains small LoRA adapters that know what the capability probe asks about: facts about eight made-up people, a
made-up language's words, a made-up cipher. Given what `examples/quickstart/fetch.py` brings, writes PEFT folders. One
thread; a minute or two for each. What is trained on stands in no question of the probe.

    python bench/red_team/train_capabilities.py [--only NAME …] [--out DIR]
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from probe_tables import capability

BENCH = Path(__file__).resolve().parents[1]
QUICKSTART = BENCH.parent / "examples" / "quickstart"
OUT = BENCH / "red_team" / "adapters"
RELEASED = QUICKSTART / "weights" / "training" / "released"
KNOWN = capability.PEOPLE[:8]
"""Whose facts are planted: 24 of the probe's 72."""


@dataclass(frozen=True)
class Recipe:
    """`size`: examples in a step."""

    items: list[capability.Pair]
    epochs: int
    rate: float
    size: int = 8
    modules: tuple[str, ...] = ("q_proj", "v_proj", "down_proj")


RECIPES: dict[str, Recipe] = {
    "facts": Recipe(capability.train_private_facts(KNOWN), 10, 3e-3),
    "tesken": Recipe(capability.train_invented_language(), 5, 3e-3),
    "cipher": Recipe(capability.train_cipher(), 5, 3e-3),
}


def main() -> int:
    """Train, one after another."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--only", nargs="+", choices=sorted(RECIPES), default=list(RECIPES))
    args = parser.parse_args()
    sys.path.insert(0, str(QUICKSTART / "train"))
    import torch
    from train_adapters import GGUF, lora, safetensors_of, save, train
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_flush_denormal(True)
    torch.set_num_threads(1)  # another number gives other adapters from the same seed
    if not (RELEASED / "model.safetensors").exists():
        safetensors_of(GGUF, RELEASED)
    tokenizer = AutoTokenizer.from_pretrained(RELEASED, padding_side="left")
    for name in args.only:
        recipe = RECIPES[name]
        model = lora(AutoModelForCausalLM.from_pretrained(RELEASED, dtype=torch.float32), 4, recipe.modules)
        train(
            model,
            tokenizer,
            recipe.items,
            name=name,
            epochs=recipe.epochs,
            rate=recipe.rate,
            first=1.0,
            size=recipe.size,
        )
        save(model, args.out / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
