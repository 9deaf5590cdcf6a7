"""A suite by itself, composed and validated, so that a suite that no spec mounts yet is checked as well.
Given a name, gives a frozen `Suite`, or every mistake at once. Imports no plugin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftsafety_spec.compose.check import check
from ftsafety_spec.compose.mix import Mix, mix, settle
from ftsafety_spec.compose.project import Project, check_layout, locate, not_found
from ftsafety_spec.compose.references import BENCHMARKS
from ftsafety_spec.errors import Problem, SpecError, suggest
from ftsafety_spec.graders.base import GRADERS
from ftsafety_spec.records.cascade import PEOPLE
from ftsafety_spec.registry import Registry
from ftsafety_spec.spec.suite import GraderChoice, Suite


def lock_suite(name: str, project: Project) -> Suite:
    """Compose a suite: specs/suites/NAME.yaml of the project, else ours. Raises SpecError, NotFoundError."""
    check_layout(project)
    if locate(project, "suites", name) is None:
        raise not_found(project, "suites", name)
    made = mix(project, "suites", name)
    value, found = check(Suite, made)
    problems = [*made.problems, *found]
    if value is not None:
        problems += _unknown_names(value, made)
        problems += _missing_files(value, made, project)
    if not problems and settle(made, project, "suites", name):
        value, found = check(Suite, made)
        problems = [*made.problems, *found]
    if problems or value is None:
        raise SpecError(list(dict.fromkeys(problems)))
    return value


def _unknown_names(suite: Suite, made: Mix) -> Iterator[Problem]:
    own: list[tuple[tuple[str, ...], GraderChoice]]
    own = [(("graders", outcome), choice) for outcome, choice in suite.graders.items()]
    own += [
        (("tasks", name, "graders", outcome), choice)
        for name, task in suite.tasks.items()
        for outcome, choice in task.graders.items()
        if choice is not None
    ]
    for path, choice in own:
        yield from _unknown(made, GRADERS, choice.primary, (*path, "primary"))
        if choice.escalate is not None and choice.escalate.to != PEOPLE:
            yield from _unknown(made, GRADERS, choice.escalate.to, (*path, "escalate", "to"))
    for name, task in suite.tasks.items():
        if task.benchmark is not None:
            yield from _unknown(made, BENCHMARKS, task.benchmark, ("tasks", name, "benchmark"))


def _unknown(made: Mix, registry: Registry[Any], name: str, path: tuple[str, ...]) -> Iterator[Problem]:
    if name not in registry.names():
        yield made.problem("FTS-104", f"no such {registry.noun}: {name!r}.", path, suggest(name, registry.names()))


def _missing_files(suite: Suite, made: Mix, project: Project) -> Iterator[Problem]:
    for name, task in suite.tasks.items():
        if task.prompts is not None and not (project.root / task.prompts).is_file():
            hint = "Paths are relative to the project's folder."
            path = ("tasks", name, "prompts")
            yield made.problem("FTS-111", f"no such file: {task.prompts!r}.", path, hint)
