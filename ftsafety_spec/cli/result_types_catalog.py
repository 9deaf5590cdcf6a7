"""What `benchmarks show`, `graders` and `graders show` print with `--format json`: cards, and what is known of graders.
As `result_types`: types alone."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from ftsafety_spec.catalog.holdings import Place
from ftsafety_spec.cli.result_types import CLOSED, Closed
from ftsafety_spec.records.certificate import Certificate, Figure
from ftsafety_spec.records.plan import Estimate, Job
from ftsafety_spec.spec.common import PromptKind


class GateOf(Closed):
    """Where access to a set is granted, and the variable that holds the token."""

    page: str
    token_env: str


class Stated(Closed):
    """Counts by the card; null where they are not known without the data."""

    prompts: int | None
    categories: int | None
    kinds: list[PromptKind]


class Counted(Closed):
    """Counts of the data that is at hand. `accepted`: file to the digest that was accepted for it on purpose."""

    prompts: int
    independent: int
    kinds: dict[str, int]
    areas: dict[str, int]
    categories: dict[str, int]
    conditions: dict[str, int]
    accepted: dict[str, str]


class CardFile(Closed):
    """One file of data that a card pins."""

    name: str
    source: str
    sha256: str | None
    git_blob: str | None
    rows: int
    at: Place
    accepted: str | None


Tokens = TypedDict("Tokens", {"in": int, "out": int})
"""Typical tokens of one prompt and of its answer; a word of Python's, hence not a class."""
CostOf = TypedDict("CostOf", {"spec": str, "from": Literal["prompts", "card"], "jobs": list[Job], "estimate": Estimate})
"""With the models of a spec; `from`: its prompts, or the card's typical figures."""
Tokens.__pydantic_config__ = CLOSED  # type: ignore[attr-defined]
CostOf.__pydantic_config__ = CLOSED  # type: ignore[attr-defined]


class BenchmarkCard(Closed):
    """`benchmarks show`. `cost`: with `--spec` alone."""

    name: str
    kind: str
    origin: str
    title: str
    tests: str
    strength: str
    weakness: str
    requirement: str | None
    licence: str
    citation: str
    home: str | None
    revised: str
    official_metric: str
    official_grader: str | None
    default_graders: dict[str, str]
    typical_tokens: Tokens
    gate: GateOf | None
    notes: list[str]
    stated: Stated
    counted: Counted | None
    not_counted: str | None
    files: list[CardFile]
    cost: NotRequired[CostOf]


class CertifiedRow(Closed):
    """The figures of one certificate, in short."""

    outcome: str
    answers: int
    prompts: int
    made: str
    readings: Literal["installed", "out_of_fold"]
    digest: str
    f1: Figure
    precision: Figure
    recall: Figure
    accuracy: Figure
    kappa: Figure
    sensitivity: Figure
    specificity: Figure
    unscored: Figure


class GraderRow(Closed):
    """A row of `graders`. `problem`: why it does not load, where it does not."""

    name: str
    origin: str
    reads: list[str]
    needs_model: bool
    certified: list[CertifiedRow]
    state: Literal["valid", "stale", "none", "broken"]
    problem: NotRequired[str]


class GraderDetails(GraderRow):
    """`graders show`. `identity`: null where it needs a model; `kinds`: kind of prompt to outcomes read."""

    version: str
    identity: str | None
    kinds: dict[PromptKind, list[str]]
    certificates: list[Certificate]
