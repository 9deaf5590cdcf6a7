"""What will be asked, what it costs and what it can show, before anything is spent."""

from __future__ import annotations

from typing import Any, ClassVar

from ftsafety_spec.records.base import Digest, Part, Record, Usd
from ftsafety_spec.records.cascade import Cascade
from ftsafety_spec.records.claims import Claim
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.looks import Stopping
from ftsafety_spec.records.provider_job import ProviderJob
from ftsafety_spec.records.training import TrainingReport
from ftsafety_spec.spec.policy import PolicyFacts


class Dataset(Part):
    """The prompts of one task, counted. `card`: title, tests, strength, weakness, citation and more of a benchmark.
    `accepted`: data file to digest, where its content was accepted on purpose although it is not the pinned one."""

    suite: str
    task: str
    benchmark: str | None
    digest: Digest
    licence: str | None
    prompts: int
    whole: bool
    by_area: dict[str, int]
    by_kind: dict[str, int]
    revised: str | None = None
    use: str = "general"
    card: dict[str, str] = {}
    accepted: dict[str, Digest] = {}


class Job(Part):
    """One variant on one task. `answers`: of one repeat, where conversations need more of them than there are
    prompts."""

    variant: str
    suite: str
    task: str
    prompts: int
    repeats: int
    generation_key: Digest | None
    cached: int
    calls: int
    tokens_in: int
    tokens_out: int
    usd: Usd | None
    seconds: float | None
    answers: int | None = None


class Power(Part):
    """What a rule can show with the planned prompts: the smallest regression found in 80 % of runs."""

    rule: str
    outcome: str
    scope: str
    prompts: int
    detectable: float | None
    needed: int | None


class EvidenceNeed(Part):
    """One minimum: what the policy asks, what the plan holds."""

    need: str
    asked: Any
    planned: Any
    met: bool
    how: str | None = None


class Estimate(Part):
    """Totals; usd and seconds as (low, high), null where unknown."""

    calls: int
    cached: int
    tokens_in: int
    tokens_out: int
    usd: tuple[Usd, Usd] | None
    seconds: tuple[float, float] | None
    over_budget: tuple[str, ...] = ()


class GraderUse(Part):
    """A grader that reads an outcome of a suite. With a `cascade` (role adjudication; `task` is named): it reads only
    what the cheap grader passes on. `certificate`: of its measured error; null where that is unknown."""

    suite: str
    outcome: str
    role: str
    grader: str
    identity: Digest
    task: str | None = None
    cascade: Cascade | None = None
    certificate: Digest | None = None


class Grading(Part):
    """What a grader with a model is asked: `model` names the model for people, `identity` says who it is. `calls`: at
    most, where it reads only what another grader passes on."""

    grader: str
    model: str
    identity: Identity
    cached: int
    calls: int
    tokens_in: int
    tokens_out: int
    usd: Usd | None
    seconds: float | None


class Chance(Part):
    """How likely each action is at one true relative regression, the same in every area."""

    regression: float
    actions: dict[str, float]


class Way(Part):
    """A change of the plan with which a model that lost nothing reaches `deploy` with this chance. `calls`: how many
    more than planned."""

    change: str
    prompts: int
    repeats: int
    calls: int
    chance: float


class Prospect(Part):
    """What a plan can lead to, for one outcome. `base`: the safe share of base that was assumed, `measured` before or
    not; `runs`: made-up runs behind each chance (standard error sqrt(p (1 - p) / runs))."""

    outcome: str
    prompts: int
    by_area: dict[str, int]
    base: float
    measured: bool
    repeats: int
    runs: int
    chances: tuple[Chance, ...]
    ways: tuple[Way, ...] = ()


class CategoryCoverage(Part):
    """One category of the use case's domain: distinct prompts, those of them that a minimum counts (harmful and
    borderline), and where they are from: own, built-in, written:MODEL, template, nearest:BENCHMARK, or a benchmark."""

    category: str
    areas: tuple[str, ...]
    prompts: int
    counted: int
    origins: dict[str, int]


class AreaCoverage(Part):
    """An area of harm in the domain: prompts that a minimum counts. `asked`, `met`: null where no rule asks."""

    area: str
    prompts: int
    asked: int | None
    met: bool | None


class DomainCoverage(Part):
    """R-33: what of the domain is asked about. `categories`: those that the spec names first; `rules`: the minima that
    read the areas."""

    domain: str
    categories: tuple[CategoryCoverage, ...]
    areas: tuple[AreaCoverage, ...]
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Plan(Record):
    """The plan of a run."""

    KIND: ClassVar[str] = "plan"

    spec: Digest
    policy: Digest
    facts: PolicyFacts
    identities: dict[str, Identity]
    graders: tuple[GraderUse, ...]
    datasets: tuple[Dataset, ...]
    jobs: tuple[Job, ...]
    grading: tuple[Grading, ...] = ()
    order_seed: int
    stopping: Stopping | None = None
    power: tuple[Power, ...] = ()
    evidence: tuple[EvidenceNeed, ...] = ()
    not_possible: dict[str, str] = {}
    domain: DomainCoverage | None = None
    warnings: tuple[str, ...] = ()
    training: TrainingReport | None = None
    provider_jobs: dict[str, ProviderJob] = {}
    claims: dict[str, Claim] = {}
    estimate: Estimate
