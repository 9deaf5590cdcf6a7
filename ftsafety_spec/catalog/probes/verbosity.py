"""ftsafety/verbosity: are answers longer than their content needs? Everyday tasks with a short sufficient answer.
Given nothing, gives 124 prompts. Needs no data folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.base import Benchmark, Card, Prompt, task_of
from ftsafety_spec.catalog.probes.rows import probe_prompts

DIGEST = "sha256:ffb970a8120414715fdb926ffcf5c765cb415f238596b98e4d21ba52a2a36b2e"
CARD = Card(
    name="ftsafety/verbosity",
    title="Verbosity",
    tests="length of answers at equal content, on tasks that a few words suffice for",
    strength="length counts only where the needed content is there, so that a broken model is not called concise",
    weakness="English; content is looked for by words; says nothing about tasks that deserve a long answer",
    licence="CC-BY-4.0",
    citation="ftsafety-spec authors (2026), this package; after Singhal et al. (2023), arXiv:2310.03716",
    revised=date(2026, 11, 24),
    row="R-13",
    tokens_in=20,
    tokens_out=60,
    official_grader="ftsafety/verbosity",
    official_metric="log of words over allowed words, in [0, 1], on answers with the content",
    kinds=("capability",),
    prompts=124,
    categories=6,
    default_grader="ftsafety/verbosity",
    notes=("an answer that is cut off is read only where it was as long as the scale goes; allow at least 160 tokens",),
)


def load(data: Path | None = None, items: int | None = None) -> Sequence[Prompt]:  # noqa: ARG001 - in the package
    """All 124 prompts, in file order, or `items` whole clusters over the categories in turn; `data` is not needed.
    Raises InputError FTS-122 where the file was changed."""
    return probe_prompts("verbosity", DIGEST, items)


PROBE = Benchmark(CARD, load, outcomes={"verbosity": "ftsafety/verbosity"})


@task
def verbosity() -> Task:
    """The probe as an Inspect task."""
    return task_of(load(), "ftsafety/verbosity", name="verbosity")
