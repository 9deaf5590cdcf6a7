"""What Inspect loads for `inspect eval ftsafety_spec/NAME`: the modules of this package's own benchmarks and
probes. Given nothing, gives registered `@task`s. Never needs a line for a new one: its entry point is enough."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points

from ftsafety_spec.catalog.registry import BENCHMARKS, PROBES

OWN = "ftsafety_spec."
FURTHER = ("ftsafety_spec.probes.adaptive", "ftsafety_spec.probes.tools")
"""Tasks with a solver of their own, which a suite names by `task:`."""


def register_tasks() -> list[str]:
    """Import the module of each own benchmark, probe and further task, which registers it; returns them, sorted."""
    points = (*entry_points(group=BENCHMARKS.group), *entry_points(group=PROBES.group))
    modules = {*FURTHER, *(point.module for point in points if point.module.startswith(OWN))}
    for module in sorted(modules):
        import_module(module)
    return sorted(modules)


register_tasks()
