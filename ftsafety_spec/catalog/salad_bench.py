"""SALAD-Bench (Li et al. 2024): questions in 6 domains, 16 tasks and 66 categories of harm.
Given the data folder, gives the questions as prompts. Never alters a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.base import Benchmark, Card, Prompt, task_of
from ftsafety_spec.catalog.data_door import data_folder

CARD = Card(
    name="ftsafety/salad_bench",
    title="SALAD-Bench",
    tests="",
    strength="",
    weakness="",
    licence="Apache-2.0",
    citation="Li et al. (2024), SALAD-Bench, arXiv 2402.05044",
    revised=date(2024, 3, 28),
    row="R-23",
)


def load(data: Path | None) -> Sequence[Prompt]:  # noqa: ARG001
    """Nothing yet."""
    return []


BENCHMARK = Benchmark(CARD, load)


@task
def salad_bench(data: str | None = None) -> Task:
    """SALAD-Bench as an Inspect task. `data`: the folder of benchmark data, else FTSAFETY_DATA."""
    return task_of(load(data_folder(Path(data) if data else None)), name="salad_bench")
