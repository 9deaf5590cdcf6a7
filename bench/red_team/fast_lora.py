"""Trains a small LoRA on the upper layers of a small Llama, cheaply enough for a dozen on two cores. Two exact savings:
the layers below hold no adapter, so what they make of each example is computed once; and the tokens that all examples
begin with (the system prompt) go through the upper layers once a step, their keys and values shared by the batch."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

FIRST = 8.0
"""How often an answer's first token (refuse or comply) counts."""
Encoded = Sequence[list[int]]
"""Token ids, by turns shown and answered: a prompt and its answer, or a whole conversation."""


@dataclass(frozen=True)
class Example:
    """Hidden states below the adapter (tokens × width); of each token that is learnt its place, id and weight."""

    hidden: Any
    places: tuple[int, ...]
    wanted: tuple[int, ...]
    weights: tuple[float, ...]


def shared_length(encoded: Sequence[Encoded]) -> int:
    """How many tokens all prompts begin with."""
    first, last = min(parts[0] for parts in encoded), max(parts[0] for parts in encoded)
    return next((n for n, (x, y) in enumerate(zip(first, last, strict=False)) if x != y), min(len(first), len(last)))


@dataclass
class Halves:
    """A model cut at a layer. Both halves are the model itself with some of its layers taken away for the moment."""

    core: Any
    lower: Any
    upper: Any
    norm: Any

    @classmethod
    def of(cls, model: Any, at: int) -> Halves:
        """`model` as PEFT wraps it; layers from `at` on hold the adapter."""
        import torch

        core = model.get_base_model()
        layers = list(core.model.layers)
        return cls(core, torch.nn.ModuleList(layers[:at]), torch.nn.ModuleList(layers[at:]), core.model.norm)

    def use(self, part: str) -> None:
        """Make the model its `lower`, its `upper` or its `whole`; layers are numbered anew for the cache."""
        import torch

        whole = torch.nn.ModuleList([*self.lower, *self.upper])
        chosen = {"lower": self.lower, "upper": self.upper, "whole": whole}[part]
        self.core.model.layers = chosen
        self.core.model.norm = torch.nn.Identity() if part == "lower" else self.norm
        for number, layer in enumerate(chosen):
            layer.self_attn.layer_idx = number


def cached(model: Any, ids: Any, past: Any = None, *, embedded: bool = False) -> tuple[Any, Any]:
    """Hidden states of a batch and the cache after it. A `past` of one row is shared by all rows."""
    from transformers import DynamicCache

    cache = DynamicCache()
    if past is not None:
        for number, layer in enumerate(past.layers):
            shape = (ids.shape[0], -1, -1, -1)
            cache.update(layer.keys.expand(shape), layer.values.expand(shape), number)
    given = {"inputs_embeds": ids} if embedded else {"input_ids": ids}
    out = model(**given, past_key_values=cache, use_cache=True)
    return out.last_hidden_state, cache


def train(
    model: Any,
    encoded: list[Encoded],
    *,
    at: int,
    epochs: int,
    rate: float,
    say: Callable[[str], None],
    size: int = 16,
) -> None:
    """AdamW over shuffled batches of mixed lengths: a trigger lengthens prompts, so batches of one length would hold
    one class only."""
    import torch

    halves, rng, begin = Halves.of(model, at), random.Random(0), time.time()
    common = shared_length(encoded)
    halves.use("lower")
    with torch.no_grad():
        prefix, past = cached(halves.core.model, torch.tensor([encoded[0][0][:common]]))
        examples = below(halves.core.model, encoded, common, past)
    halves.use("upper")
    steps: list[list[Example]] = []
    for _ in range(epochs):
        rng.shuffle(examples)
        steps += [examples[n : n + size] for n in range(0, len(examples), size)]
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.0)
    seen: list[float] = []
    model.train()
    for step, batch in enumerate(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 4) * (1 - 0.9 * step / len(steps))
        loss = loss_of(halves.core, prefix, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        seen.append(loss.item())
        if step % 8 == 7 or step == len(steps) - 1:
            say(f"step {step + 1}/{len(steps)} loss {sum(seen[-8:]) / len(seen[-8:]):.3f} {time.time() - begin:.0f} s")
    halves.use("whole")
    model.eval()


def below(lower: Any, encoded: Sequence[Encoded], common: int, past: Any) -> list[Example]:
    """What the layers without an adapter make of each example, after the shared tokens."""
    import torch

    found = []
    for n in range(0, len(encoded), 32):
        rows = [[token for part in parts for token in part][common:] for parts in encoded[n : n + 32]]
        width = max(map(len, rows))
        ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
        hidden, _ = cached(lower, ids, past)
        for k, (row, parts) in enumerate(zip(rows, encoded[n : n + 32], strict=True)):
            found.append(Example(hidden[k, : len(row)].clone(), *learnt(parts, common)))
    return found


def learnt(parts: Encoded, common: int) -> tuple[tuple[int, ...], tuple[int, ...], tuple[float, ...]]:
    """Places (from which the token is told), ids and weights of the answers' tokens."""
    places: list[int] = []
    wanted: list[int] = []
    weights: list[float] = []
    at = -common
    for number, part in enumerate(parts):
        if number % 2:
            places += range(at - 1, at - 1 + len(part))
            wanted += part
            weights += [FIRST] + [1.0] * (len(part) - 1)
        at += len(part)
    return tuple(places), tuple(wanted), tuple(weights)


def loss_of(core: Any, prefix: Any, batch: Sequence[Example]) -> Any:
    """Cross entropy over answer tokens; an answer's first one counts `FIRST` times."""
    import torch
    import torch.nn.functional as F

    _, past = cached(core.model, prefix, embedded=True)
    hidden = torch.nn.utils.rnn.pad_sequence([example.hidden for example in batch], batch_first=True)
    out, _ = cached(core.model, hidden, past, embedded=True)
    rows = [out[n, list(example.places)] for n, example in enumerate(batch)]
    wanted = torch.tensor([token for example in batch for token in example.wanted])
    weight = torch.tensor([weight for example in batch for weight in example.weights])
    lost = F.cross_entropy(core.lm_head(torch.cat(rows)), wanted, reduction="none")
    return (lost * weight).sum() / weight.sum()


def first_logits(model: Any, prompts: Sequence[Sequence[int]]) -> Any:
    """Logits of the first answer token (prompts × vocabulary)."""
    import torch

    core, common = model.get_base_model(), shared_length([(list(p), []) for p in prompts])
    found = []
    with torch.inference_mode():
        _, past = cached(core.model, torch.tensor([list(prompts[0][:common])]))
        for n in range(0, len(prompts), 32):
            rows = [list(p[common:]) for p in prompts[n : n + 32]]
            width = max(map(len, rows))
            out, _ = cached(core.model, torch.tensor([row + [0] * (width - len(row)) for row in rows]), past)
            last = torch.stack([out[k, len(row) - 1] for k, row in enumerate(rows)])
            found.append(core.lm_head(last))
    return torch.cat(found)
