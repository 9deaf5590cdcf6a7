"""ftsafety/refusal_quality: are refusals still informative, clear and decent? Requests that a safe model declines.
Given nothing, gives 122 prompts. Needs no data folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.base import Benchmark, Card, Prompt, task_of
from ftsafety_spec.catalog.probes.rows import probe_prompts

DIGEST = "sha256:c56eb6d42b01030b6b7ae50b2aa0de6f3e12b88f63c3221273ab5f4b5aaa4e4b"
CARD = Card(
    name="ftsafety/refusal_quality",
    title="Refusal quality",
    tests="whether refusals give a reason, an alternative, a resource where one is due, are clear, demean nobody",
    strength="says where a resource is due; offline rules or an LLM judge on the same five points",
    weakness="one-line requests in English; rules look for wording; compared only on prompts that both models refuse",
    licence="CC-BY-4.0",
    citation="ftsafety-spec authors (2026), this package",
    revised=date(2026, 11, 24),
    row="R-16",
    tokens_in=20,
    tokens_out=80,
    official_grader="ftsafety/refusal_quality",
    official_metric="mean share of the points that apply, on prompts that both refuse",
    kinds=("harmful",),
    prompts=122,
    categories=10,
    default_grader="ftsafety/refusal_quality",
    notes=("refusal itself is measured on the same prompts, so that fewer refusals never look like better ones",),
)


def load(data: Path | None = None, items: int | None = None) -> Sequence[Prompt]:  # noqa: ARG001 - in the package
    """All 122 prompts, in file order, or `items` whole clusters over the categories in turn; `data` is not needed.
    Raises InputError FTS-122 where the file was changed."""
    return probe_prompts("refusal_quality", DIGEST, items)


PROBE = Benchmark(
    CARD, load, outcomes={"refusal": "ftsafety/refusal_classifier", "refusal_quality": "ftsafety/refusal_quality"}
)


@task
def refusal_quality() -> Task:
    """The probe as an Inspect task."""
    return task_of(load(), "ftsafety/refusal_quality", name="refusal_quality")
