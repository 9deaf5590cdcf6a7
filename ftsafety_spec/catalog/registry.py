"""The registries of the catalog: benchmarks and probes. Both have the shape of a `Benchmark`.
Given a name, gives the object behind it. Never imports a benchmark before it is asked for."""

from __future__ import annotations

from ftsafety_spec.catalog.base import Benchmark, Card
from ftsafety_spec.errors import NotFoundError
from ftsafety_spec.registry import Registry

BENCHMARKS: Registry[Benchmark] = Registry("benchmark", "ftsafety_spec.benchmarks")
PROBES: Registry[Benchmark] = Registry("probe", "ftsafety_spec.probes")


def named(name: str) -> Benchmark:
    """The benchmark or probe of this name; its last part will do where only one has it: `harmbench`.
    Raises NotFoundError, or InputError FTS-120 where its plugin is broken."""
    for registry in (BENCHMARKS, PROBES):
        if name in registry.names():
            return registry.get(name)
    hits = [(registry, full) for registry in (BENCHMARKS, PROBES) for full in registry.names() if _short(full) == name]
    if len(hits) != 1:
        raise NotFoundError("benchmark or probe", name, [*BENCHMARKS.names(), *PROBES.names()])
    registry, full = hits[0]
    return registry.get(full)


def cards() -> list[Card]:
    """The cards of all benchmarks and probes that load; a broken plugin is warned about."""
    return [item.card for registry in (BENCHMARKS, PROBES) for item in registry.all().values()]


def _short(name: str) -> str:
    return name.rsplit("/", 1)[-1]
