"""What plan and measure ask: the tasks of a spec's suites with their prompts in the seeded order.
Given suites and folders, gives `LoadedTask`s, and reasons for what cannot be loaded. Never asks a model."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ftsafety_spec.catalog.base import Benchmark, Card, Prompt, dataset_digest
from ftsafety_spec.catalog.data_door import noting_accepted
from ftsafety_spec.catalog.inspect_tasks import InspectTask, NotInstalled, inspect_task, prompts_of
from ftsafety_spec.catalog.order import seeded_order
from ftsafety_spec.catalog.prompt_file import Defaults, read_prompt_file
from ftsafety_spec.catalog.registry import BENCHMARKS, PROBES
from ftsafety_spec.errors import InputError, NotFoundError, SpecError, suggest
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.registry import Registry
from ftsafety_spec.spec.common import AREAS
from ftsafety_spec.spec.red_team import SUITE, Domain
from ftsafety_spec.spec.suite import Suite, Task

GIVEN = frozenset({"root", "seeds", "probes", "turns", "seed", "domain"})
"""Parameters of a `load` that the project, the suite or the spec fill in; nobody writes them under `args`. `root`: the
project's folder; `seeds`: prompts of the task that `seeds:` names, or None; `probes`, `turns`: as the task says, or
None; `seed`: the spec's; `domain`: its `domain` block, or None."""


class Unavailable(Exception):
    """A task of a suite cannot be loaded here, for a reason that is not the user's mistake."""


@dataclass(frozen=True)
class LoadedTask:
    """One task of a suite. `prompts`: limited, in the seeded order (draw = index); `whole`: every prompt of the source
    is among them; `digest`: of what is asked; `inspect`: for an Inspect task, what builds it again; `accepted`:
    data file to digest, where its content was accepted on purpose although it is not the pinned one."""

    suite: str
    task: str
    spec: Task
    use: Literal["general", "domain"]
    prompts: tuple[Prompt, ...]
    whole: bool
    digest: str
    card: Card | None
    licence: str | None
    revised: str
    inspect: InspectTask | None = None
    outcomes: Mapping[str, str] = field(default_factory=dict)
    accepted: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Source:
    prompts: Sequence[Prompt]
    card: Card | None = None
    inspect: InspectTask | None = None
    whole: bool = True
    outcomes: Mapping[str, str] = field(default_factory=dict)


def load_suites(locked_spec: LockedSpec, root: Path, data: Path | None) -> tuple[list[LoadedTask], dict[str, str]]:
    """All tasks of a spec that can be loaded here, and "suite.task" to reason for those that cannot (a probe or an
    Inspect package that is not installed). Raises InputError for what the user must mend (FTS-104, 112, 121, 122), all
    tasks' mistakes at once."""
    tasks, reasons, errors = [], {}, list[InputError]()
    for suite_id, suite in locked_spec.spec.suites.items():
        for task_id in suite.tasks:
            try:
                seed, domain = locked_spec.spec.seed, locked_spec.spec.domain
                tasks.append(load_task(suite_id, task_id, suite, root, data, seed, domain))
            except Unavailable as reason:
                reasons[f"{suite_id}.{task_id}"] = str(reason)
            except InputError as error:
                if suite_id == SUITE and suite.tasks[task_id].task is not None:  # an area was named, not this task
                    reasons[f"{suite_id}.{task_id}"] = str(error)
                else:
                    errors.append(error)
    if errors:
        problems = dict.fromkeys(problem for error in errors for problem in error.problems)
        raise errors[0] if len(errors) == 1 else SpecError(list(problems))
    return tasks, reasons


def load_task(
    suite_id: str,
    task_id: str,
    suite: Suite,
    root: Path,
    data: Path | None,
    seed: int,
    domain: Domain | None = None,
) -> LoadedTask:
    """One task with its prompts. Raises Unavailable, or InputError as `load_suites` does."""
    spec = suite.tasks[task_id]
    with noting_accepted() as accepted:
        source = _source(spec, suite, root, data, seed, domain)
    _check_prompts(source.prompts, f"suites.{suite_id}.tasks.{task_id}")
    prompts = tuple(seeded_order(source.prompts, seed)[: spec.limit])
    return LoadedTask(
        suite=suite_id,
        task=task_id,
        spec=spec,
        use=suite.use,
        prompts=prompts,
        whole=source.whole and len(prompts) == len(source.prompts),
        digest=dataset_digest(prompts),
        card=source.card,
        licence=source.card.licence if source.card else None,
        revised=suite.revised.isoformat(),
        inspect=source.inspect,
        outcomes=source.outcomes,
        accepted=accepted,
    )


def _check_prompts(prompts: Sequence[Prompt], key: str) -> None:
    """Any source can be a plugin's: rows of our tables need prompts, and their ids once each."""
    if not prompts:
        raise InputError(f"{key} has no prompts.", code="FTS-112")
    if len({(prompt.id, prompt.condition) for prompt in prompts}) < len(prompts):
        raise InputError(f"{key} holds two prompts with one id.", code="FTS-112")
    strange = sorted({prompt.area for prompt in prompts} - set(AREAS))
    if strange:
        raise InputError(f"{key} holds unknown areas: {', '.join(strange)}.", code="FTS-112")


def _source(spec: Task, suite: Suite, root: Path, data: Path | None, seed: int, domain: Domain | None) -> _Source:
    if spec.benchmark is not None:
        return _benchmark(BENCHMARKS, spec, spec.benchmark, data, {"root": root})
    if spec.prompts is not None:
        return _Source(read_prompt_file(root / spec.prompts, Defaults(spec.kind, spec.area), spec.prompts))
    if spec.task is not None:
        return _inspect(spec, spec.task, root)
    name = str(spec.probe)
    if name not in PROBES.names():
        raise Unavailable(f"the probe {name!r} is not installed. {suggest(name, PROBES.names())}")
    seeds = None
    if spec.seeds is not None:
        seeds = _source(suite.tasks[spec.seeds], suite, root, data, seed, domain).prompts
    given = {
        "root": root,
        "seeds": seeds,
        "probes": spec.probes,
        "turns": spec.turns,
        "seed": seed,
        "domain": domain,
    }
    return _benchmark(PROBES, spec, name, data, given)


def _benchmark(
    registry: Registry[Benchmark], spec: Task, name: str, data: Path | None, given: Mapping[str, object]
) -> _Source:
    """`given`: what the suite and the spec say, for those parameters of `load` that bear the name (`GIVEN`)."""
    benchmark = registry.get(name)
    _check_arguments(name, benchmark.load, spec.args)
    parameters = inspect.signature(benchmark.load).parameters
    own = {key: value for key, value in given.items() if key in parameters}
    prompts = benchmark.prompts(data, {**spec.args, **own})
    whole = not spec.args or len({prompt.id for prompt in prompts}) >= _every(benchmark, data)
    return _Source(prompts, benchmark.card, whole=whole, outcomes=benchmark.outcomes)


def _every(benchmark: Benchmark, data: Path | None) -> int:
    """How many prompts there are without arguments: as the card says, since that set's file need not be at hand."""
    return benchmark.card.prompts or len(benchmark.prompts(data))


def _check_arguments(name: str, load: Callable[..., object], args: dict[str, object]) -> None:
    parameters = list(inspect.signature(load).parameters.values())
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return
    known = [parameter.name for parameter in parameters[1:] if parameter.name not in GIVEN]
    for key in args:
        if key not in known:
            raise NotFoundError(f"argument of {name}", key, known)


def _inspect(spec: Task, name: str, root: Path) -> _Source:
    try:
        task = inspect_task(name, spec.args, root)
    except NotInstalled as error:
        raise Unavailable(str(error)) from error
    return _Source(prompts_of(task, spec), inspect=task)
