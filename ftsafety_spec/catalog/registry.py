"""The registries of the catalog: benchmarks and probes. Both have the shape of a `Benchmark`.
Given a name, gives the object behind it. Never imports a benchmark before it is asked for."""

from __future__ import annotations

from ftsafety_spec.catalog.base import Benchmark
from ftsafety_spec.registry import Registry

BENCHMARKS: Registry[Benchmark] = Registry("benchmark", "ftsafety_spec.benchmarks")
PROBES: Registry[Benchmark] = Registry("probe", "ftsafety_spec.probes")
