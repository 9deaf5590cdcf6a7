"""`ftsafety validate`: every mistake of the named specs, else of everything that the project holds. Exit status 2 where
there is one. Reads text only: no weights, no data, no network."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftsafety_spec.cli.errors import problem_json, problem_text
from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.output import format_option, print_json
from ftsafety_spec.cli.text import safe
from ftsafety_spec.errors import FtsafetyError, InputError, Problem, Where

if TYPE_CHECKING:
    from ftsafety_spec.compose import Project
    from ftsafety_spec.spec.policy import Policy


@dataclass(frozen=True)
class Checked:
    """One file and what is wrong with it."""

    noun: str
    name: str
    problems: tuple[Problem, ...]


@click.command("validate", help=help_of("validate"))
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@format_option
def validate_command(specs: tuple[str, ...], form: str) -> None:
    """Check, print one line a file, and every problem."""
    checked = list(check_specs(specs) if specs else check_project(Path.cwd()))
    problems = _distinct(problem for item in checked for problem in item.problems)
    if form == "json":
        print_json({"ok": not problems, "checked": [_plain(item) for item in checked]})
    else:
        for item in checked:
            print(f"{'FAILED' if item.problems else 'ok':<7} {item.noun:<9} {safe(item.name)}")
    for problem in problems:
        print(problem_text(problem), file=sys.stderr)
    if problems:
        print(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}", file=sys.stderr)
        raise click.exceptions.Exit(InputError.exit_status)


def check_specs(specs: tuple[str, ...]) -> Iterator[Checked]:
    """The named specs, each with the policy that it names."""
    from ftsafety_spec.compose import find_project

    for spec in specs:
        home = Path(spec) if Path(spec).exists() else Path.cwd()
        yield Checked("spec", spec, _problems(lambda spec=spec, home=home: _spec(spec, _Policies(find_project(home)))))  # type: ignore[misc]


def check_project(start: Path) -> Iterator[Checked]:
    """Every spec, suite, policy and provider that the project around `start` holds itself."""
    from ftsafety_spec.compose import find_project, list_names, lock_provider
    from ftsafety_spec.compose.suites import lock_suite

    project = find_project(start)
    policies = _Policies(project)
    checks: tuple[tuple[str, Any, Callable[[str], object]], ...] = (
        ("provider", "providers", lambda name: lock_provider(name, project)),
        ("policy", "policies", policies.get),
        ("suite", "suites", lambda name: lock_suite(name, project)),
        ("spec", "specs", lambda name: _spec(name, policies)),
    )
    empty = True
    for noun, group, check in checks:
        for item in list_names(project, group):
            if not item.builtin:
                empty = False
                yield Checked(noun, item.origin, _problems(lambda check=check, name=item.name: check(name)))  # type: ignore[misc]
    if empty:
        message = "the project holds no spec, suite, policy or provider."
        yield Checked("project", str(project.root), (Problem("FTS-113", message, Where(file=str(project.root))),))


class _Policies:
    """Policies of a project, each composed once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._locked: dict[str, Policy] = {}

    def get(self, name: str) -> Policy:
        from ftsafety_spec.compose import lock_policy

        if name not in self._locked:
            self._locked[name] = lock_policy(name, self.project).policy
        return self._locked[name]


def _spec(spec: str, policies: _Policies) -> None:
    """A spec, and whether its policy can judge it."""
    from ftsafety_spec.compose import lock_spec
    from ftsafety_spec.spec.effective import effective, facts_of

    locked = lock_spec(spec, project=policies.project)
    policy = policies.get(locked.spec.policy)
    effective(policy, facts_of(locked.spec, policy))


def _problems(check: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        check()
    except FtsafetyError as error:
        return error.problems
    return ()


def _distinct(problems: Iterable[Problem]) -> list[Problem]:
    """Each mistake once: a suite's is found by itself and in every spec that mounts it, under other key paths."""
    found: dict[object, Problem] = {}
    for problem in problems:
        where = problem.where
        found.setdefault((where.file, where.line, where.column, problem.code, problem.message), problem)
    return list(found.values())


def _plain(item: Checked) -> dict[str, Any]:
    problems = [problem_json(problem) for problem in item.problems]
    return {"kind": item.noun, "name": item.name, "ok": not problems, "problems": problems}
