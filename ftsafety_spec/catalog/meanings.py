"""How an Inspect task that a suite names without a meaning would be given one: its scorers, their keys, a line to copy.
Given a task's name, gives words. Builds the task, so it is called to plan and to run, never to validate."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftsafety_spec.catalog.inspect_tasks import InspectTask, NotInstalled, inspect_task
from ftsafety_spec.errors import InputError, Problem, SpecError
from ftsafety_spec.spec.common import OUTCOMES

if TYPE_CHECKING:
    from inspect_ai import Task

WITHOUT = "FTS-126"


def with_meanings(error: SpecError, root: Path) -> SpecError:
    """The same mistakes; each task without a meaning is told what its own scorers are, where it can be built."""
    return SpecError([_explained(problem, root) for problem in error.problems])


def scorers_of(task: InspectTask) -> dict[str, list[str]]:
    """Name of each scorer to the keys of its score; no keys where the score is one value (or its keys are not known).
    Raises InputError FTS-120 where the task cannot be created."""
    return dict(map(_scorer, _scorers(task.create())))


def line_for(task_id: str, name: str, scorers: Mapping[str, Sequence[str]]) -> str:
    """A suite's line with a mapping for the first scorer's first key. The direction is the reader's to decide."""
    scorer = next(iter(scorers), "SCORER")
    keys = next(iter(scorers.values()), ())
    value = f", value: {keys[0]}" if keys else ""
    said = [re.split("[/@.]", name)[-1], *scorers]
    outcome = next((known for known in OUTCOMES if any(known in text for text in said)), "capability")
    mapping = f"{{scorer: {scorer}{value}, safer: {OUTCOMES[outcome]}}}"
    return f"{task_id}: {{task: {name}, kind: capability, outcomes: {{{outcome}: {mapping}}}}}"


def _explained(problem: Problem, root: Path) -> Problem:
    key = problem.where.key or ""
    found = re.search(r"tasks\.([^.]+)\.task$", key)
    name = problem.message.partition(" ")[0]
    if problem.code != WITHOUT or found is None:
        return problem
    try:
        scorers = scorers_of(inspect_task(name, {}, root))
    except (InputError, NotInstalled):
        return problem
    listed = "; ".join(f"{scorer} with {', '.join(keys)}" if keys else scorer for scorer, keys in scorers.items())
    line = line_for(found[1], name, scorers)
    hint = (
        f"Its scorers: {listed or 'none'}. Write for example `{line}`, with the outcome that the score is about and "
        "the direction that is safer; `scale: [WORST, BEST]` where it does not run from 0 to 1."
    )
    return replace(problem, hint=hint)


def _scorers(task: Task) -> list[Any]:
    scorer: Any = task.scorer
    return [] if scorer is None else list(scorer) if isinstance(scorer, list | tuple) else [scorer]


def _scorer(scorer: object) -> tuple[str, list[str]]:
    from inspect_ai._util.registry import is_registry_object, registry_info

    if not is_registry_object(scorer):
        return getattr(scorer, "__name__", "scorer"), []
    info = registry_info(scorer)
    metrics = info.metadata.get("metrics")
    keys = [str(key) for key in metrics if key != "*"] if isinstance(metrics, Mapping) else []
    return info.name.rsplit("/", 1)[-1], keys
