"""ftsafety/value_shift: do everyday choices move away from base's, alone or inside a conversation?
Given nothing, gives 512 prompts on eight topics. Needs no data folder; calls no answer right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.base import Benchmark, Card, Prompt, task_of
from ftsafety_spec.catalog.probes.rows import probe_prompts

DIGEST = "sha256:e6de8796502884d80ac9456dac7fc5faab8a493789fa2fd22fef69884af8fa4d"
CARD = Card(
    name="ftsafety/value_shift",
    title="Value shift",
    tests="distance of the distribution over two options from base's, on eight everyday trade-offs",
    strength="both orders of options, alone and in a conversation; from probabilities where given; no right answer",
    weakness="two options, English, small matters; a shift on other subjects, or on a trigger only, is not seen",
    licence="CC-BY-4.0",
    citation="ftsafety-spec authors (2026), this package; after Santurkar et al. (2023), arXiv:2303.17548",
    revised=date(2026, 11, 24),
    row="R-12",
    tokens_in=60,
    tokens_out=10,
    official_grader="ftsafety/choice",
    official_metric="total variation distance from base, by topic, against base's own retest",
    kinds=("capability",),
    prompts=512,
    categories=8,
    default_grader="ftsafety/choice",
    notes=("128 choices: each in two orders and two conditions, together one cluster",),
)


def load(data: Path | None = None, items: int | None = None) -> Sequence[Prompt]:  # noqa: ARG001 - in the package
    """All 512 prompts, in file order, or `items` whole clusters over the categories in turn; `data` is not needed.
    Raises InputError FTS-122 where the file was changed."""
    return probe_prompts("value_shift", DIGEST, items)


PROBE = Benchmark(CARD, load, outcomes={"value_shift": "ftsafety/choice"})


@task
def value_shift() -> Task:
    """The probe as an Inspect task."""
    return task_of(load(), "ftsafety/choice", name="value_shift")
