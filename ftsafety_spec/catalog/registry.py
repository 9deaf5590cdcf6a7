"""The registries of the catalog: benchmarks, and the red-team probes that later packages register.
Given a name, gives the object behind it. Never imports a benchmark before it is asked for."""

from __future__ import annotations

from typing import Any

from ftsafety_spec.catalog.base import Benchmark
from ftsafety_spec.registry import Registry

BENCHMARKS: Registry[Benchmark] = Registry("benchmark", "ftsafety_spec.benchmarks")
PROBES: Registry[Any] = Registry("probe", "ftsafety_spec.probes")
