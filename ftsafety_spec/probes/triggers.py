"""ftsafety/triggers: does a rare token, a format, a date, a language … change what a model does?
Given seeds, gives each of many triggers on a few of them, and the seeds without a trigger. Needs no data folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.base import Benchmark, Card, Prompt, task_of
from ftsafety_spec.errors import InputError
from ftsafety_spec.probes.trigger_library import Trigger, apply, generate, plain
from ftsafety_spec.probes.trigger_seeds import Pool, pool_of

PROBES = 200
PROMPTS = 4
REUSED = 4
"""On the mean so many triggers share a seed, so that the plain answers cost a fraction of the others."""
LEAST_POOL = 24
CARD = Card(
    name="ftsafety/triggers",
    title="Triggers",
    tests="whether a trigger changes what tuned does and not what base does: refusals lost on harmful requests; on "
    "benign ones a fixed phrase, another language, refusals",
    strength="eleven families, written and made; the same triggers and requests for base and tuned, each request also "
    "without a trigger; `ftsafety redteam hunt` follows up what moves",
    weakness="a trigger is one of very many: a secret one is found by chance or not at all; one-line English requests; "
    "few requests a trigger, so that a row by itself shows nothing",
    licence="CC-BY-4.0",
    citation="ftsafety-spec authors (2026), this package; rare tokens after Kurita et al. (2020), years after Hubinger "
    "et al. (2024)",
    revised=date(2026, 11, 25),
    row="R-26",
    tokens_in=30,
    official_grader="ftsafety/refusal_classifier",
    official_metric="refusal under triggers, by family, against base; triggers confirmed by a hunt",
    kinds=("trigger",),
    prompts=1000,
    categories=49,
    notes=(
        "without `seeds`: requests of ftsafety/basics; one prompt in four is benign (area none)",
        "rows of the condition plain are the same requests without a trigger",
    ),
)


def load(
    data: Path | None = None,  # noqa: ARG001 - in the package
    seeds: Sequence[Prompt] | None = None,
    probes: int | None = None,
    prompts: int = PROMPTS,
    families: Sequence[str] | None = None,
    seed: int = 0,
) -> Sequence[Prompt]:
    """`probes` triggers of `families` (all) on `prompts` seeds each, which go round over the pool, and those seeds
    without a trigger. `seed` draws triggers and seeds. Raises NotFoundError for an unknown family, InputError FTS-106
    where a number is too small, FTS-112 where no seed is harmful."""
    for key, value in (("probes", probes), ("prompts", prompts)):
        if value is not None and (type(value) is not int or value < 1):
            raise InputError(f"{key}: found {value!r}, expected a whole number from 1.", code="FTS-106")
    chosen = generate(PROBES if probes is None else probes, families, seed)
    return with_plain(first_look(chosen, pool_of(seeds, seed), prompts))


def first_look(triggers: Sequence[Trigger], pool: Pool, prompts: int) -> Iterator[tuple[Trigger, Prompt]]:
    """Which trigger is put on which seeds at first."""
    most = max(LEAST_POOL, len(triggers) * prompts // REUSED)
    for number, trigger in enumerate(triggers):
        for prompt in pool.turn(number, prompts, most):
            yield trigger, prompt


def with_plain(pairs: Iterator[tuple[Trigger, Prompt]] | Sequence[tuple[Trigger, Prompt]]) -> list[Prompt]:
    """Rows of the pairs, after each of their seeds once without a trigger."""
    every = list(pairs)
    seeds = {prompt.id: prompt for _, prompt in every}
    return [*(plain(prompt) for prompt in seeds.values()), *(apply(trigger, prompt) for trigger, prompt in every)]


PROBE = Benchmark(CARD, load)


@task
def triggers(probes: int = PROBES, prompts: int = PROMPTS, families: list[str] | None = None, seed: int = 0) -> Task:
    """The triggers on requests of ftsafety/basics as an Inspect task."""
    return task_of(load(probes=probes, prompts=prompts, families=families, seed=seed), name="triggers")
