"""Which grader reads which outcome of a suite. Given a locked spec and its loaded tasks, gives `GraderUse` rows: the
suite's choice for an outcome, else the default grader; an Inspect task's own scorer where the suite maps its score."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.graders.thresholds import certified
from ftsafety_spec.records.base import digest_of
from ftsafety_spec.records.cascade import PEOPLE, Cascade
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import GraderUse
from ftsafety_spec.spec.common import PromptKind
from ftsafety_spec.spec.suite import Escalation, GraderChoice, OutcomeMapping, Suite
from ftsafety_spec.spec.suite import Task as SuiteTask

DEFAULT_GRADER = "ftsafety/refusal_classifier"


class _Prompt(Protocol):
    @property
    def kind(self) -> PromptKind: ...


class _Source(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def args(self) -> Mapping[str, Any]: ...
    @property
    def version(self) -> str: ...


class Graded(Protocol):
    """A loaded task, as far as grading goes (`catalog.load.LoadedTask` is one)."""

    @property
    def suite(self) -> str: ...
    @property
    def task(self) -> str: ...
    @property
    def spec(self) -> SuiteTask: ...
    @property
    def prompts(self) -> Sequence[_Prompt]: ...
    @property
    def inspect(self) -> _Source | None: ...
    @property
    def outcomes(self) -> Mapping[str, str]: ...


def grader_uses(locked: LockedSpec, tasks: Iterable[Graded], panel: Panel) -> list[GraderUse]:
    """All uses, each once, in the order of the tasks. Raises InputError for a grader that does not load."""
    found: dict[GraderUse, None] = {}
    for task in tasks:
        for use in task_uses(locked.spec.suites[task.suite], task, panel):
            found.setdefault(_with_certificate(use, panel))
    return list(found)


def task_uses(suite: Suite, task: Graded, panel: Panel) -> list[GraderUse]:
    """The uses of one task: mapped outcomes of an Inspect task, else what its kinds of prompts call for."""
    if task.inspect is not None and task.spec.outcomes:
        return [_mapped(task, name, mapping) for name, mapping in task.spec.outcomes.items()]
    uses: dict[GraderUse, None] = {}
    for kind in sorted({prompt.kind for prompt in task.prompts}):
        for use in kind_uses(suite, task, kind, panel):
            uses.setdefault(use)
    return list(uses)


def kind_uses(suite: Suite, task: Graded, kind: PromptKind, panel: Panel) -> list[GraderUse]:
    """Who reads a task's prompts of one kind. A chosen grader that does not read its outcome on this kind is left out
    there, and so is a second grader that is not installed or has no model (`missing_seconds` names it)."""
    uses = []
    for outcome, choice in choices(suite, task, kind, panel).items():
        names: list[tuple[str | None, Literal["primary", "second"]]] = [
            (choice.primary, "primary"),
            (choice.second, "second"),
        ]
        uses += [
            _use(task.suite, outcome, role, name, panel)
            for name, role in names
            if name is not None
            and (role == "primary" or panel.ready(name))
            and outcome in panel.shape(name).outcomes(kind)
        ]
        if choice.escalate is not None and any(use.role == "primary" and use.outcome == outcome for use in uses):
            uses.append(_stronger(task, outcome, choice.primary, choice.escalate, kind, panel))
    return uses


def choices(suite: Suite, task: Graded, kind: PromptKind, panel: Panel) -> dict[str, GraderChoice]:
    """Outcome to graders on prompts of one kind: what the benchmark or the kind calls for, then the suite's choice,
    then the task's own; a task's null takes an outcome away."""
    if task.outcomes:
        chosen = {outcome: GraderChoice(primary=name) for outcome, name in task.outcomes.items()}
        chosen |= {outcome: choice for outcome, choice in suite.graders.items() if outcome in chosen}
    else:
        kinds = panel.shape(DEFAULT_GRADER).outcomes(kind)
        chosen = dict(suite.graders)
        chosen |= {name: GraderChoice(primary=DEFAULT_GRADER) for name in kinds if name not in chosen}
    own = chosen | dict(task.spec.graders)
    return {outcome: choice for outcome, choice in own.items() if choice is not None}


def missing_seconds(locked: LockedSpec, panel: Panel) -> dict[str, str]:
    """ "suite.outcome" to the name of a second grader that is not installed here, or was given no model."""
    return {
        f"{suite_id}.{outcome}": choice.second
        for suite_id, suite in locked.spec.suites.items()
        for outcome, choice in suite.graders.items()
        if choice.second is not None and not panel.ready(choice.second)
    }


def _use(suite: str, outcome: str, role: str, name: str, panel: Panel) -> GraderUse:
    return GraderUse(suite=suite, outcome=outcome, role=role, grader=name, identity=panel.get(name).identity())


def _stronger(
    task: Graded, outcome: str, primary: str, escalate: Escalation, kind: PromptKind, panel: Panel
) -> GraderUse:
    """Who reads what the primary grader is not sure of. Raises InputError where that one does not read the outcome."""
    identity = panel.get(primary).identity()
    key, below = f"suites.{task.suite}.graders.{outcome}.escalate", escalate.below
    if isinstance(below, str):
        below = certified(primary, panel.certificate(primary, outcome), escalate, key)
    cascade = Cascade(grader=primary, identity=identity, below=below, audit=escalate.audit)
    if escalate.to != PEOPLE and outcome not in panel.shape(escalate.to).outcomes(kind):
        raise InputError(
            f"{escalate.to} does not read {outcome} on {kind} prompts, and cannot decide where {primary} is not sure.",
            code="FTS-110",
            where=Where(key=f"{key}.to"),
            hint="Name a grader that reads it, or people.",
        )
    use = people_use(task.suite, outcome) if escalate.to == PEOPLE else None
    use = use or _use(task.suite, outcome, "adjudication", escalate.to, panel)
    return use.model_copy(update={"task": task.task, "cascade": cascade})


def people_use(suite: str, outcome: str) -> GraderUse:
    """People as readers of an outcome; the labels of each one carry an identity of their own."""
    identity = digest_of(PEOPLE)
    return GraderUse(suite=suite, outcome=outcome, role="adjudication", grader=PEOPLE, identity=identity)


def _with_certificate(use: GraderUse, panel: Panel) -> GraderUse:
    """The use with its grader's certificate; an Inspect scorer and people have none."""
    known = use.grader in panel.bound or use.grader in panel.names()
    certificate = panel.certificate(use.grader, use.outcome) if known else None
    return use.model_copy(update={"certificate": certificate.compute_digest()}) if certificate is not None else use


def _mapped(task: Graded, outcome: str, mapping: OutcomeMapping) -> GraderUse:
    source = task.inspect
    assert source is not None
    args = json.dumps(source.args, sort_keys=True, default=str)
    identity = digest_of([source.name, source.version, args, mapping.model_dump(mode="json")])
    name = f"inspect:{mapping.scorer or 'only'}"
    return GraderUse(suite=task.suite, outcome=outcome, role="primary", grader=name, identity=identity)
