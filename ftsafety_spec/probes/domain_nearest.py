"""The prompts of installed benchmarks that are nearest to a domain. Given what the domain's categories are about, gives
each benchmark prompt at most once, with its category. Never fetches data: what is not at hand is not looked at."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.registry import BENCHMARKS
from ftsafety_spec.errors import InputError
from ftsafety_spec.probes.similarity import Space, similarities

LEAST = 0.1
"""Cosine below which a prompt is about something else."""
COMMON = 0.05
"""Words in more than this share of all requests say how one asks, not what about."""
LONGEST = 300
"""Characters; longer prompts are attacks or stories, not requests."""
KINDS = ("harmful", "borderline")


@dataclass(frozen=True)
class Profile:
    """What a category is about, in one text, and the area of harm that its prompts count for; None: any."""

    text: str
    area: str | None = None


def nearest(data: Path | None, profiles: Mapping[str, Profile], areas: Collection[str], most: int) -> list[Prompt]:
    """At most `most` benchmark prompts, the nearest first, ties by id; in the category whose profile is nearest among
    those of the prompt's area. Only plain one-line requests in one of `areas`."""
    if not profiles or most < 1:
        return []
    candidates = [(name, prompt) for name, prompt in _candidates(data) if prompt.area in areas]
    if not candidates:
        return []
    texts, about = [prompt.text for _, prompt in candidates], [profile.text for profile in profiles.values()]
    space = Space.of([*texts, *about], most_common=COMMON)
    near = similarities(space.vectors(texts), space.vectors(about))
    found = []
    for (name, prompt), row in zip(candidates, near, strict=True):
        fitting = [
            (-float(s), c) for s, (c, p) in zip(row, profiles.items(), strict=True) if p.area in (None, prompt.area)
        ]
        if fitting and -min(fitting)[0] >= LEAST:
            found.append((*min(fitting), name, prompt))
    found.sort(key=lambda item: (item[0], item[2], item[3].id))
    return [_taken(name, prompt, category, -far) for far, category, name, prompt in found[:most]]


def _taken(benchmark: str, prompt: Prompt, category: str, similarity: float) -> Prompt:
    return replace(
        prompt,
        id=f"{benchmark}:{prompt.id}",
        category=category,
        metadata={"origin": f"nearest:{benchmark}", "similarity": similarity, "official_category": prompt.category},
    )


def _candidates(data: Path | None) -> list[tuple[str, Prompt]]:
    """Plain requests of every benchmark at hand, each cluster once."""
    seen: dict[str, tuple[str, Prompt]] = {}
    for name in BENCHMARKS.names():
        for prompt in _prompts(name, data):
            if prompt.kind in KINDS and prompt.condition == "plain" and not prompt.before and _is_short(prompt.text):
                seen.setdefault(prompt.cluster, (name, prompt))
    return list(seen.values())


def _prompts(name: str, data: Path | None) -> Iterator[Prompt]:
    try:
        yield from BENCHMARKS.get(name).prompts(data)
    except InputError as error:
        if error.code not in ("FTS-121", "FTS-120"):
            raise
        if error.code == "FTS-120":
            warnings.warn(str(error), stacklevel=2)


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST and "\n" not in text.strip()
