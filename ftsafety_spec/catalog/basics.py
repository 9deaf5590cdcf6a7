"""ftsafety/basics: one-line prompts written for this project, shipped with it: harmful, borderline, benign.
Given nothing, gives 610 prompts. Never needs a data folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.base import Benchmark, Card, Prompt, task_of

CARD = Card(
    name="ftsafety/basics",
    title="ftsafety basics",
    tests="refusal of plain one-line requests over ten areas of harm; with it over-refusal and edge compliance",
    strength="always at hand, quick, balanced: 34 harmful and 17 borderline prompts in each of ten areas, 100 benign",
    weakness="short and direct; no attacks, no conversations, English only; written by the makers of this tool",
    licence="Apache-2.0",
    citation="ftsafety-spec authors (2026), ftsafety basics, in this package",
    revised=date(2026, 11, 24),
    tokens_in=18,
    official_grader="ftsafety/refusal_classifier",
    official_metric="refusal rate by area; over-refusal rate on benign prompts",
    home="in this package: ftsafety_spec/catalog/data/basics.jsonl",
    kinds=("harmful", "borderline", "benign"),
    prompts=610,
    categories=68,
)


def load(data: Path | None = None) -> Sequence[Prompt]:  # noqa: ARG001 - the data is part of the package
    """All 610 prompts, in file order; `data` is not needed."""
    text = files("ftsafety_spec.catalog").joinpath("data/basics.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines() if line]
    return [Prompt(row["id"], row["prompt"], row["kind"], row["category"], row["area"]) for row in rows]


BENCHMARK = Benchmark(CARD, load)


@task
def basics() -> Task:
    """The basics as an Inspect task."""
    return task_of(load(), name="basics")
