"""What is known about a benchmark, and what it would cost with a spec's models. Given a name, gives its card, counts
where its data is at hand, and planned jobs. Asks no model and writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ftsafety_spec.catalog.base import Benchmark, Card, Prompt
from ftsafety_spec.catalog.cache import Cache
from ftsafety_spec.catalog.data_door import noting_accepted
from ftsafety_spec.catalog.holdings import AtHand, Holding, at_hand, holdings
from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.catalog.registry import BENCHMARKS, PROBES, named
from ftsafety_spec.compose import find_project, lock_spec
from ftsafety_spec.errors import InputError
from ftsafety_spec.plan import jobs_of
from ftsafety_spec.records.plan import Estimate, Job
from ftsafety_spec.records.store import Store
from ftsafety_spec.spec.suite import Task


@dataclass(frozen=True)
class Listed:
    """One line of the list. `card` is None, and `broken` says why, where the plugin does not load."""

    name: str
    noun: str
    origin: str
    card: Card | None
    at_hand: AtHand | None
    broken: str | None = None


@dataclass(frozen=True)
class Counts:
    """What a benchmark holds, counted. `clusters`: prompts that are independent of each other."""

    prompts: int
    clusters: int
    kinds: Mapping[str, int]
    areas: Mapping[str, int]
    categories: Mapping[str, int]
    conditions: Mapping[str, int]
    accepted: Mapping[str, str]


@dataclass(frozen=True)
class Known:
    """A card with what is at hand of it; `why_not` where its prompts cannot be counted here."""

    noun: str
    origin: str
    benchmark: Benchmark
    files: Sequence[Holding]
    counts: Counts | None
    why_not: str | None

    @property
    def card(self) -> Card:
        """The card."""
        return self.benchmark.card


@dataclass(frozen=True)
class Cost:
    """What a whole benchmark costs with a spec's models. `counted`: from its prompts, else from its card's figures."""

    spec: str
    jobs: Sequence[Job]
    estimate: Estimate
    counted: bool


def list_benchmarks(data: Path | None) -> list[Listed]:
    """All benchmarks, then all probes, by name; a broken plugin is a line that says so."""
    rows = []
    for registry in (BENCHMARKS, PROBES):
        for name in registry.names():
            origin = registry.origin(name)
            try:
                card = registry.get(name).card
            except InputError as error:
                rows.append(Listed(name, registry.noun, origin, None, None, str(error)))
                continue
            rows.append(Listed(name, registry.noun, origin, card, at_hand(card, data, Cache.own())))
    return rows


def know(name: str, data: Path | None) -> Known:
    """A benchmark or probe, by its name or the last part of it. Raises NotFoundError FTS-104."""
    benchmark = named(name)
    registry = BENCHMARKS if benchmark.card.name in BENCHMARKS.names() else PROBES
    counts, why_not = None, None
    try:
        counts = count(benchmark, data)
    except InputError as error:
        why_not = str(error)
    return Known(
        noun=registry.noun,
        origin=registry.origin(benchmark.card.name),
        benchmark=benchmark,
        files=holdings([benchmark.card.name], data, Cache.own()),
        counts=counts,
        why_not=why_not,
    )


def count(benchmark: Benchmark, data: Path | None) -> Counts:
    """Counts of a load with default arguments. Raises InputError FTS-121 or FTS-122 for the data."""
    with noting_accepted() as accepted:
        prompts = benchmark.prompts(data)
    return Counts(
        prompts=len(prompts),
        clusters=len({prompt.cluster for prompt in prompts}),
        kinds=_tally(prompt.kind for prompt in prompts),
        areas=_tally(prompt.area for prompt in prompts),
        categories=_tally(prompt.category for prompt in prompts),
        conditions=_tally(prompt.condition for prompt in prompts),
        accepted=dict(accepted),
    )


def named_by(spec: str) -> tuple[str, ...]:
    """The benchmarks and probes that a spec's suites name, each once. Raises SpecError."""
    tasks = [task for suite in lock_spec(spec).spec.suites.values() for task in suite.tasks.values()]
    return tuple(dict.fromkeys(name for task in tasks for name in (task.benchmark, task.probe) if name is not None))


def cost_with(known: Known, spec: str, data: Path | None) -> Cost:
    """Calls, tokens, dollars and time of the whole benchmark with the models of a spec, answers of earlier runs aside.
    Raises SpecError and InputError as planning does."""
    locked = lock_spec(spec)
    project = find_project(Path(spec) if Path(spec).exists() else Path.cwd())
    task = _task(known, data)
    jobs, estimate = jobs_of(locked, [task], project.root, Store(project.root))
    return Cost(locked.name, jobs, estimate, known.counts is not None)


def _tally(values: object) -> dict[str, int]:
    counted: Counter[str] = Counter(values)  # type: ignore[call-overload]
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _task(known: Known, data: Path | None) -> LoadedTask:
    card = known.card
    short = card.name.rsplit("/", 1)[-1]
    spec = Task(benchmark=card.name) if known.noun == "benchmark" else Task(probe=card.name)
    prompts = known.benchmark.prompts(data) if known.counts is not None else _typical(card)
    return LoadedTask(
        suite="benchmark",
        task=short,
        spec=spec,
        use="general",
        prompts=tuple(prompts),
        whole=True,
        digest="",
        card=card,
        licence=card.licence,
        revised=card.revised.isoformat(),
        outcomes=known.benchmark.outcomes,
    )


def _typical(card: Card) -> Sequence[Prompt]:
    """As many stand-ins as the card counts, each of the typical length: only their number and size are used."""
    if not card.prompts:
        raise InputError(
            f"{card.name}: its card states no number of prompts, so its cost is not known without its data.",
            code="FTS-121",
            hint=f"`ftsafety data fetch {card.name}` gets the data.",
        )
    kind = card.kinds[0] if card.kinds else "harmful"
    text = "x" * (4 * card.tokens_in)
    return [Prompt(str(number), text, kind, "", "other") for number in range(card.prompts)]
