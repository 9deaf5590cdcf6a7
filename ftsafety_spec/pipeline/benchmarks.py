"""What a benchmark would cost with a spec's models, and which ones a spec names. Asks no model and writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ftsafety_spec.catalog.base import Card, Prompt
from ftsafety_spec.catalog.known import Known
from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.compose import find_project, lock_spec
from ftsafety_spec.errors import InputError
from ftsafety_spec.plan import jobs_of
from ftsafety_spec.records.plan import Estimate, Job
from ftsafety_spec.records.store import Store
from ftsafety_spec.spec.suite import Task


@dataclass(frozen=True)
class Cost:
    """What a whole benchmark costs with a spec's models. `counted`: from its prompts, else from its card's figures."""

    spec: str
    jobs: Sequence[Job]
    estimate: Estimate
    counted: bool


def named_by(spec: str) -> tuple[str, ...]:
    """The benchmarks and probes that a spec's suites name, each once. Raises SpecError."""
    tasks = [task for suite in lock_spec(spec).spec.suites.values() for task in suite.tasks.values()]
    return tuple(dict.fromkeys(name for task in tasks for name in (task.benchmark, task.probe) if name is not None))


def cost_with(known: Known, spec: str, data: Path | None) -> Cost:
    """Calls, tokens, dollars and time of the whole benchmark with the models of a spec, answers of earlier runs aside.
    Raises SpecError and InputError as planning does."""
    locked = lock_spec(spec)
    project = find_project(Path(spec) if Path(spec).exists() else Path.cwd())
    task = _task(known, data)
    jobs, estimate = jobs_of(locked, [task], project.root, Store(project.root))
    return Cost(locked.name, jobs, estimate, known.counts is not None)


def _task(known: Known, data: Path | None) -> LoadedTask:
    card = known.card
    short = card.name.rsplit("/", 1)[-1]
    spec = Task(benchmark=card.name) if known.noun == "benchmark" else Task(probe=card.name)
    prompts = known.benchmark.prompts(data) if known.counts is not None else _typical(card)
    return LoadedTask(
        suite="benchmark",
        task=short,
        spec=spec,
        use="general",
        prompts=tuple(prompts),
        whole=True,
        digest="",
        card=card,
        licence=card.licence,
        revised=card.revised.isoformat(),
        outcomes=known.benchmark.outcomes,
    )


def _typical(card: Card) -> Sequence[Prompt]:
    """As many stand-ins as the card counts, each of the typical length: only their number and size are used."""
    if not card.prompts:
        raise InputError(
            f"{card.name}: its card states no number of prompts, so its cost is not known without its data.",
            code="FTS-121",
            hint=f"`ftsafety data fetch {card.name}` gets the data.",
        )
    kind = card.kinds[0] if card.kinds else "harmful"
    text = "x" * (4 * card.tokens_in)
    return [Prompt(str(number), text, kind, "", "other") for number in range(card.prompts)]
