"""What a spec wants to know of a model, as far as a report can answer it: prompts by digest with their labels, tasks,
minima. Plain frozen parts, filled by `pipeline`, read by the checks. No texts."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass

from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.plan import EvidenceNeed

PromptKey = tuple[str, str]
"""Digest of what the model is shown, and the condition under which."""


@dataclass(frozen=True)
class WantedPrompt:
    """One prompt of one task. `script`: the writing that most of its letters are of."""

    suite: str
    task: str
    digest: str
    condition: str
    kind: str
    area: str
    category: str
    script: str

    @property
    def key(self) -> PromptKey:
        """What it is matched by."""
        return self.digest, self.condition


@dataclass(frozen=True)
class WantedTask:
    """One task. `names`: what a report may call it; `digest`: of its prompts; `outcomes`: outcome to the identities of
    the graders that read it; `domain`: it counts as the use case's own."""

    suite: str
    task: str
    names: tuple[str, ...]
    digest: str
    prompts: int
    domain: bool
    outcomes: dict[str, frozenset[str]]


@dataclass(frozen=True)
class Wanted:
    """All of it. `per_area`: prompts that a rule asks for in each area of the domain; `categories`: of the domain;
    `base_days`: how old a measurement may be."""

    spec: str
    variant: str
    tuned: Identity
    base: Identity
    tasks: tuple[WantedTask, ...]
    prompts: tuple[WantedPrompt, ...]
    repeats: int
    temperature: float
    per_area: int | None
    categories: tuple[str, ...]
    needs: tuple[EvidenceNeed, ...]
    base_days: int
    directions: dict[str, str]

    def of(self, task: WantedTask) -> list[WantedPrompt]:
        """The prompts of a task."""
        return [prompt for prompt in self.prompts if (prompt.suite, prompt.task) == (task.suite, task.task)]


def script_of(text: str) -> str:
    """The writing that most letters of a text are of: `latin`, `cyrillic`, `cjk` …; `none` without letters."""
    found = Counter(unicodedata.name(letter, "?").split(" ")[0].lower() for letter in text[:2000] if letter.isalpha())
    return found.most_common(1)[0][0] if found else "none"
