"""Which prompts an activation analysis asks: a run's own, harmful and benign, and built-in ones where they are few.
Given loaded tasks, gives prompts in two halves: one to make directions and probes of, one to hold them against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

import numpy as np

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.basics import CARD, load
from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.catalog.order import seeded_order
from ftsafety_spec.records.activations import Asked
from ftsafety_spec.records.base import digest_of
from ftsafety_spec.weights.directions import Flags

KINDS = ("harmful", "benign")
Chat = list[Mapping[str, str]]


@dataclass(frozen=True)
class Prompts:
    """Prompts with the task that each is from. `harmful` and `fit` go by prompt: every other one of a kind is `fit`."""

    prompts: tuple[Prompt, ...]
    tasks: tuple[str, ...]
    harmful: Flags
    fit: Flags

    @property
    def asked(self) -> Asked:
        """Counts, for the record."""
        counts = {f"{kind}{part}": 0 for kind in KINDS for part in ("", "_fit")}
        for bad, fit in zip(self.harmful, self.fit, strict=True):
            counts[f"{'harmful' if bad else 'benign'}{'_fit' if fit else ''}"] += 1
        digest = digest_of([prompt.digest for prompt in self.prompts])
        return Asked(**counts, sources=dict(sorted(Counter(self.tasks).items())), digest=digest)

    def chats(self, system_prompt: str | None) -> list[Chat]:
        """What a model is shown, the deployment's system prompt first, as the engine does."""
        lead: Chat = [{"role": "system", "content": system_prompt}] if system_prompt else []
        return [
            [*lead, *({"role": role, "content": said} for role, said in (*prompt.before, ("user", prompt.text)))]
            for prompt in self.prompts
        ]


def choose_prompts(tasks: Sequence[LoadedTask], most: int, seed: int) -> Prompts:
    """At most `most` prompts of each kind, the tasks in turn, each prompt once; filled up from `ftsafety/basics`."""
    given = {f"{task.suite}.{task.task}": task.prompts for task in tasks}
    spare = {CARD.name: tuple(seeded_order(load(), seed))}
    seen: set[str] = set()
    chosen = [
        pair
        for kind in KINDS
        for pair in islice(_fresh(chain(_in_turn(given, kind), _in_turn(spare, kind)), seen), most)
    ]
    harmful = np.array([prompt.kind == "harmful" for _, prompt in chosen], dtype=bool)
    fit = np.zeros(len(chosen), dtype=bool)
    for flag in (True, False):
        fit[np.flatnonzero(harmful == flag)[::2]] = True
    return Prompts(tuple(p for _, p in chosen), tuple(name for name, _ in chosen), harmful, fit)


def _fresh(pairs: Iterable[tuple[str, Prompt]], seen: set[str]) -> Iterator[tuple[str, Prompt]]:
    for name, prompt in pairs:
        if prompt.cluster not in seen:
            seen.add(prompt.cluster)
            yield name, prompt


def _in_turn(tasks: Mapping[str, Sequence[Prompt]], kind: str) -> Iterator[tuple[str, Prompt]]:
    """One prompt of each task after another; plain ones of a single question only."""
    fitting = [
        [(name, p) for p in prompts if p.kind == kind and p.condition == "plain" and not p.turns and p.asks]
        for name, prompts in tasks.items()
    ]
    for row in zip_longest(*fitting):
        yield from (entry for entry in row if entry is not None)
