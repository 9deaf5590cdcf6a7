"""Which of many candidates are asked: over the categories in turn, each request once.
Given candidates by stage, gives the chosen ones. Pure; a seed decides which of equals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.order import seeded_order


def chosen(stages: Sequence[Mapping[str, Sequence[Prompt]]], probes: int) -> list[Prompt]:
    """At most `probes` prompts. `stages`: category to candidates in their order; a stage is used up before the next is
    begun, and within it the category with the fewest prompts so far has the next turn. Each cluster once."""
    kept: list[Prompt] = []
    seen: set[str] = set()
    counts: Counter[str] = Counter()
    for stage in stages:
        waiting = {category: list(reversed(prompts)) for category, prompts in stage.items()}
        while len(kept) < probes:
            open_ = [category for category, prompts in waiting.items() if prompts]
            if not open_:
                break
            prompt = waiting[min(open_, key=lambda category: counts[category])].pop()
            if prompt.cluster not in seen:
                seen.add(prompt.cluster)
                counts[prompt.category] += 1
                kept.append(prompt)
    return kept


def by_category(prompts: Iterable[Prompt], seed: int | None = None) -> dict[str, list[Prompt]]:
    """Category to its prompts: as they come, or in the seeded order, kinds mixed."""
    found: dict[str, list[Prompt]] = {}
    for prompt in prompts:
        found.setdefault(prompt.category, []).append(prompt)
    if seed is None:
        return found
    return {category: seeded_order(rows, seed) for category, rows in found.items()}


def in_turn(one: Mapping[str, Sequence[Prompt]], other: Mapping[str, Sequence[Prompt]]) -> dict[str, list[Prompt]]:
    """Two stages as one: in each category a prompt of the first, then one of the second, and so on."""
    found = {}
    for category in dict.fromkeys((*one, *other)):
        first, second = one.get(category, ()), other.get(category, ())
        both = min(len(first), len(second))
        pairs = [prompt for pair in zip(first[:both], second[:both], strict=True) for prompt in pair]
        found[category] = [*pairs, *first[both:], *second[both:]]
    return found
