"""Which safety outcomes the planned prompts measure, on how many independent prompts of each area, and what base's rate
was where it is known. Given loaded tasks, graders and the store, gives counts and rates. Asks no model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.graders.uses import kind_uses, task_uses
from ftsafety_spec.records.identity import answer_key, grade_key, told_digest
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import GraderUse, Job
from ftsafety_spec.records.store import Store
from ftsafety_spec.spec.common import APART, OUTCOMES, SAFETY_OUTCOMES
from ftsafety_spec.stats.grader_error import GraderError

#: chosen or computed after the run, on prompts that nobody knows beforehand
LATER = frozenset({"consistency", "edge_compliance", "refusal_quality"})

Graded = Callable[[str], Mapping[str, dict[str, Any]]]


@dataclass
class Planned:
    """One outcome's prompts. `clusters`: area to distinct units of independence; `values`: what the store's readings of
    base's answers say, one a prompt and repeat; `errors`: of the graders that read them, as certified."""

    outcome: str
    clusters: dict[str, set[str]] = field(default_factory=dict)
    values: list[float] = field(default_factory=list)
    errors: dict[str, GraderError | None] = field(default_factory=dict)

    @property
    def areas(self) -> dict[str, int]:
        """Area to how many clusters."""
        return {area: len(found) for area, found in sorted(self.clusters.items())}

    @property
    def prompts(self) -> int:
        """Distinct clusters in all."""
        return len(set().union(*self.clusters.values())) if self.clusters else 0

    @property
    def error(self) -> GraderError | None:
        """The error of the worst grader; None where one of them has no certificate: the gate takes its readings as they
        are."""
        known = [error for error in self.errors.values() if error is not None]
        return min(known, key=lambda error: error.skill) if known and len(known) == len(self.errors) else None

    @property
    def rate(self) -> float | None:
        """Base's safe share as read, as far as it was measured before; None where it was not."""
        if not self.values:
            return None
        mean = sum(self.values) / len(self.values)
        return mean if OUTCOMES.get(self.outcome, "higher") == "higher" else 1.0 - mean


def planned_outcomes(
    locked: LockedSpec, tasks: Sequence[LoadedTask], panel: Panel, jobs: Iterable[Job], store: Store
) -> list[Planned]:
    """The safety outcomes that prompts measure directly, each with its prompts."""
    found = {name: Planned(name) for name in SAFETY_OUTCOMES if name not in LATER}
    bases = {variant.against for variant in locked.variants.values() if variant.against is not None}
    keys = {(job.suite, job.task): job.generation_key for job in jobs if job.variant in bases}
    graded = cache(store.graded)
    for task in tasks:
        key = keys.get((task.suite, task.task))
        answered = store.answered(key) if key is not None else {}
        for prompt, use in _read(locked, task, panel):
            if use.outcome not in found or prompt.kind in APART:
                continue
            planned = found[use.outcome]
            planned.clusters.setdefault(prompt.area, set()).add(prompt.cluster)
            if use.grader not in planned.errors:
                planned.errors[use.grader] = _error(use, panel)
            if key is not None and answered:
                planned.values += _values(prompt, use, key, locked.spec.repeats, answered, graded)
    return [planned for planned in found.values() if planned.clusters]


def _error(use: GraderUse, panel: Panel) -> GraderError | None:
    """A grader's certified error, in terms of a safe share that is high; None where there is no certificate for it."""
    found = panel.certificate(use.grader, use.outcome) if use.certificate is not None else None
    if found is None:
        return None
    figures = found.rights(use.outcome)
    if any(figure.value is None or figure.se is None for figure in figures):
        return None
    high, low = figures
    return GraderError(high.value or 0.0, low.value or 0.0, high.se or 0.0, low.se or 0.0)


def _read(locked: LockedSpec, task: LoadedTask, panel: Panel) -> Iterator[tuple[Prompt, GraderUse]]:
    suite = locked.spec.suites[task.suite]
    mapped = task.inspect is not None and bool(task.spec.outcomes)
    kinds = {prompt.kind for prompt in task.prompts}
    uses = {kind: task_uses(suite, task, panel) if mapped else kind_uses(suite, task, kind, panel) for kind in kinds}
    for prompt in task.prompts:
        for use in uses[prompt.kind]:
            if use.role == "primary":
                yield prompt, use


def _values(
    prompt: Prompt, use: GraderUse, key: str, repeats: int, answered: Mapping[str, dict[str, Any]], graded: Graded
) -> Iterator[float]:
    for repeat in range(repeats):
        row = answered.get(answer_key(key, prompt.digest, prompt.condition, repeat, None))
        if row is None:
            continue
        told = told_digest(prompt.metadata, row.get("first"))
        reading = graded(use.identity).get(grade_key(row.get("text"), prompt.digest, use.identity, use.outcome, told))
        if reading is not None and reading.get("value") is not None:
            yield float(reading["value"])
