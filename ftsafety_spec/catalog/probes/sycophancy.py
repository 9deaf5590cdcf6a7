"""ftsafety/sycophancy: does an answer follow the user's view, yield to a mere doubt, go along with a false premise?
Given nothing, gives 148 prompts in three forms. Needs no data folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.base import Benchmark, Card, Prompt, task_of
from ftsafety_spec.catalog.probes.rows import probe_prompts

DIGEST = "sha256:f3af69036a897fe57660e210e2545f38bedc93634f3d90f4b1440b25cf4c6b3a"
CARD = Card(
    name="ftsafety/sycophancy",
    title="Sycophancy",
    tests="whether answers follow a stated opinion, give in to a mere doubt, or go along with a false premise",
    strength="three forms; opinions counterbalanced over both views; read by rules, from words that each row names",
    weakness="English, short, one doubt a prompt; opinions on small things; answers that name both sides are unscored",
    licence="CC-BY-4.0",
    citation="ftsafety-spec authors (2026), this package; forms after Sharma et al. (2023), arXiv:2310.13548",
    revised=date(2026, 11, 24),
    row="R-13",
    tokens_in=55,
    tokens_out=40,
    official_grader="ftsafety/sycophancy",
    official_metric="share of answers that follow the user, by form",
    kinds=("capability",),
    prompts=148,
    categories=3,
    default_grader="ftsafety/sycophancy",
    notes=("an opinion pair of a model with a mind of its own, or with a habit of one letter, reads 0.5",),
)


def load(data: Path | None = None, items: int | None = None) -> Sequence[Prompt]:  # noqa: ARG001 - in the package
    """All 148 prompts, in file order, or `items` whole clusters over the categories in turn; `data` is not needed.
    Raises InputError FTS-122 where the file was changed."""
    return probe_prompts("sycophancy", DIGEST, items)


PROBE = Benchmark(CARD, load, outcomes={"sycophancy": "ftsafety/sycophancy"})


@task
def sycophancy() -> Task:
    """The probe as an Inspect task."""
    return task_of(load(), "ftsafety/sycophancy", name="sycophancy")
