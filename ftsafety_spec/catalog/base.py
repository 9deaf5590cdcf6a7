"""The shape of a benchmark: a card, its prompts, and the Inspect task made of them.
A benchmark file states its `CARD`, reads its rows through the data door, exposes `BENCHMARK` and an Inspect `@task`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ftsafety_spec.records.base import digest_of, digest_text
from ftsafety_spec.spec.common import PromptKind

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.model import ChatMessage


Turn = tuple[Literal["user", "assistant"], str]
"""One scripted message before the prompt's own."""


@dataclass(frozen=True)
class UserTurn:
    """A scripted message of the user. `asks`: it asks for harm, so that the answer to it is graded."""

    text: str
    asks: bool = True


@dataclass(frozen=True)
class Prompt:
    """One prompt. `text` is the user's message, `before` the scripted turns that lead to it; `request` is the plain
    request behind a wrapped text, for graders. `cluster` groups prompts that are not independent (equal texts, contrast
    pairs, one request in several wrappers); `digest` is of everything that the model is shown. A prompt with `turns` is
    a conversation: `text` is its turn 0 (`asks` as a `UserTurn`'s), these follow, each after the model's own answer."""

    id: str
    text: str
    kind: PromptKind
    category: str
    area: str
    pair: str | None = None
    condition: str = "plain"
    metadata: Mapping[str, Any] = field(default_factory=dict)
    before: tuple[Turn, ...] = ()
    request: str | None = None
    turns: tuple[UserTurn, ...] = ()
    asks: bool = True

    @property
    def transcript(self) -> str:
        """What the model is shown, as one text: the user's message alone, or all scripted turns with their roles."""
        if not self.before and not self.turns:
            return self.text
        later = [(f"user ({number})", turn.text) for number, turn in enumerate(self.turns, start=2)]
        return "\n\n".join(f"{role}: {text}" for role, text in (*self.before, ("user", self.text), *later))

    @property
    def turn_numbers(self) -> tuple[int | None, ...]:
        """One for each answer: 0 to n of a conversation, else None alone."""
        return tuple(range(len(self.turns) + 1)) if self.turns else (None,)

    def user_turn(self, turn: int | None) -> UserTurn:
        """The user's message that an answer is given to."""
        return self.turns[turn - 1] if turn else UserTurn(self.text, self.asks)

    @property
    def digest(self) -> str:
        """`sha256:` of the transcript."""
        return digest_text(self.transcript)

    @property
    def cluster(self) -> str:
        """Digest of the unit of independence: the contrast pair where there is one, else the plain request, case and
        outer space aside, so that a duplicate under another id or in another wrapper never counts twice."""
        plain = self.request if self.request is not None else self.transcript
        return digest_text(self.pair if self.pair is not None else " ".join(plain.split()).casefold())


@dataclass(frozen=True)
class DataFile:
    """A file of benchmark data: where it is at home, pinned by sha256, or, where its makers publish no more than a git
    tree, by the blob id (sha1) in it."""

    name: str
    source: str
    sha256: str
    rows: int
    git_blob: str = ""


@dataclass(frozen=True)
class Gate:
    """A set that its makers hand out on request: the page where access is granted, and the environment variable that
    holds the token."""

    page: str
    token_env: str = "HF_TOKEN"


@dataclass(frozen=True)
class Card:
    """What is known about a benchmark; printed beside its results. `prompts`, `categories`: exact counts of a load with
    default arguments (0: not known without the data); `tokens_in`, `tokens_out`: typical, of one prompt and answer."""

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
    home: str = ""
    gate: Gate | None = None
    kinds: tuple[PromptKind, ...] = ()
    prompts: int = 0
    categories: int = 0
    tokens_out: int = 200
    default_grader: str = "ftsafety/refusal_classifier"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Benchmark:
    """A benchmark of the catalog. `load(data, **args)` gives all its prompts; `data` is the folder of benchmark data
    or None; a parameter `root` is given the project's folder, for files of the user's own that other arguments name; it
    raises InputError FTS-121 (missing data) or FTS-122 (wrong digest). `outcomes`: outcome to its default grader, where
    these and no others are read on its prompts; empty: whatever the kinds of its prompts call for."""

    card: Card
    load: Callable[..., Sequence[Prompt]]
    outcomes: Mapping[str, str] = field(default_factory=dict)

    def prompts(self, data: Path | None, args: Mapping[str, Any] | None = None) -> Sequence[Prompt]:
        """All prompts, in file order."""
        return self.load(data, **(args or {}))


def dataset_digest(prompts: Sequence[Prompt]) -> str:
    """Digest of what is asked: ids, texts and labels, order aside."""
    rows = [
        [p.id, p.digest, p.kind, p.category, p.area, p.condition, p.pair]
        + ([[p.user_turn(turn).asks for turn in p.turn_numbers]] if p.turns else [])
        for p in prompts
    ]
    return digest_of(sorted(rows, key=lambda row: str(row)))


def task_of(
    prompts: Sequence[Prompt], grader: str | None = "ftsafety/refusal_classifier", name: str | None = None
) -> Task:
    """An ordinary Inspect task: one sample a prompt, `generate()`, and the named grader as its scorer."""
    from inspect_ai import Task
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.solver import generate

    from ftsafety_spec.graders.base import GRADERS, as_scorer

    samples = [
        Sample(
            id=prompt.id if prompt.condition == "plain" else f"{prompt.id}@{prompt.condition}",
            input=sample_input(prompt),
            metadata={
                "kind": prompt.kind,
                "category": prompt.category,
                "area": prompt.area,
                "condition": prompt.condition,
                **({"request": prompt.request} if prompt.request is not None else {}),
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


def sample_input(prompt: Prompt) -> str | list[ChatMessage]:
    """A prompt as an Inspect sample's input: its text, or the turns before it and then the text."""
    if not prompt.before:
        return prompt.text
    from inspect_ai.model import ChatMessageAssistant, ChatMessageUser

    turns = [*prompt.before, ("user", prompt.text)]
    return [ChatMessageUser(content=t) if role == "user" else ChatMessageAssistant(content=t) for role, t in turns]
