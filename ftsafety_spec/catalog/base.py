"""The shape of a benchmark: a card, its prompts, and the Inspect task made of them.
A benchmark file states its `CARD`, reads its rows through the data door, exposes `BENCHMARK` and an Inspect `@task`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftsafety_spec.records.base import digest_of, digest_text
from ftsafety_spec.spec.common import PromptKind

if TYPE_CHECKING:
    from inspect_ai import Task


@dataclass(frozen=True)
class Prompt:
    """One prompt. `text` is the user's message; `cluster` groups prompts that are not independent
    (equal texts, contrast pairs); `digest` is of the text."""

    id: str
    text: str
    kind: PromptKind
    category: str
    area: str
    pair: str | None = None
    condition: str = "plain"
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """`sha256:` of the text."""
        return digest_text(self.text)

    @property
    def cluster(self) -> str:
        """Digest of the unit of independence: the contrast pair where there is one, else the text itself,
        case and outer space aside, so that a duplicate under another id never counts twice."""
        return digest_text(self.pair if self.pair is not None else " ".join(self.text.split()).casefold())


@dataclass(frozen=True)
class DataFile:
    """A file of benchmark data: where it is at home, pinned."""

    name: str
    source: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class Card:
    """What is known about a benchmark; printed beside its results."""

    name: str
    title: str
    tests: str
    strength: str
    weakness: str
    licence: str
    citation: str
    revised: date
    files: tuple[DataFile, ...] = ()
    row: str = ""
    tokens_in: int = 30
    official_grader: str = ""
    official_metric: str = ""


@dataclass(frozen=True)
class Benchmark:
    """A benchmark of the catalog. `load(data, **args)` gives all its prompts; `data` is the folder of benchmark data
    or None; it raises InputError FTS-121 (missing data) or FTS-122 (wrong digest)."""

    card: Card
    load: Callable[..., Sequence[Prompt]]

    def prompts(self, data: Path | None, args: Mapping[str, Any] | None = None) -> Sequence[Prompt]:
        """All prompts, in file order."""
        return self.load(data, **(args or {}))


def dataset_digest(prompts: Sequence[Prompt]) -> str:
    """Digest of what is asked: ids, texts and labels, order aside."""
    rows = [[p.id, p.digest, p.kind, p.category, p.area, p.condition, p.pair] for p in prompts]
    return digest_of(sorted(rows, key=lambda row: str(row)))


def task_of(prompts: Sequence[Prompt], grader: str | None = "ftsafety/refusal", name: str | None = None) -> Task:
    """An ordinary Inspect task: one sample a prompt, `generate()`, and the named grader as its scorer."""
    from inspect_ai import Task
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.solver import generate

    from ftsafety_spec.graders.base import GRADERS, as_scorer

    samples = [
        Sample(
            id=prompt.id,
            input=prompt.text,
            metadata={
                "kind": prompt.kind,
                "category": prompt.category,
                "area": prompt.area,
                "condition": prompt.condition,
                **prompt.metadata,
            },
        )
        for prompt in prompts
    ]
    return Task(
        name=name,
        dataset=MemoryDataset(samples, name=name),
        solver=generate(),
        scorer=as_scorer(GRADERS.get(grader)) if grader else None,
    )
