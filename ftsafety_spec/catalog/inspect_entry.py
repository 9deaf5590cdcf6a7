"""What Inspect loads for `inspect eval ftsafety_spec/NAME`: the modules of this package's own benchmarks.
Given nothing, gives registered `@task`s. Never needs a line for a new benchmark: its entry point is enough."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points

from ftsafety_spec.catalog.registry import BENCHMARKS

OWN = "ftsafety_spec."


def register_tasks() -> list[str]:
    """Import each own benchmark's module, which registers its task; returns the modules, sorted."""
    modules = {point.module for point in entry_points(group=BENCHMARKS.group) if point.module.startswith(OWN)}
    for module in sorted(modules):
        import_module(module)
    return sorted(modules)


register_tasks()
