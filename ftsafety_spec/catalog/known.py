"""What is known about a benchmark or probe: its card, its files, and counts where its data is at hand.
Given a name, a folder and the cache, gives facts. Fetches nothing and shows no prompt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ftsafety_spec.catalog.base import Benchmark, Card
from ftsafety_spec.catalog.cache import Cache
from ftsafety_spec.catalog.data_door import noting_accepted
from ftsafety_spec.catalog.holdings import AtHand, Holding, at_hand, holdings
from ftsafety_spec.catalog.registry import BENCHMARKS, PROBES, named
from ftsafety_spec.errors import InputError


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


def _tally(values: object) -> dict[str, int]:
    counted: Counter[str] = Counter(values)  # type: ignore[call-overload]
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
