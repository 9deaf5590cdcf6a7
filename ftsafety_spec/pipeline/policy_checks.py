"""Everything that `ftsafety policy test` looks at: the cases of a project, and its policies where they are linted.
Given a folder and names, gives results; writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ftsafety_spec.compose import find_project, list_names, lock_policy
from ftsafety_spec.compose.policy_cases import case_files
from ftsafety_spec.pipeline.policy_lint import Lint, lint
from ftsafety_spec.pipeline.policy_test import Tested, run_cases


@dataclass(frozen=True)
class Checked:
    """Cases that ran, and what the policies cannot do."""

    tested: Tested
    lints: tuple[Lint, ...]


def checked(start: Path, names: Sequence[str] = (), lints: bool = False) -> Checked:
    """Run the cases of the project around `start`; with `lints`, its own policies and those of the cases are linted,
    and a project without cases is no mistake. Raises InputError, SpecError."""
    project = find_project(start)
    tested = Tested(()) if lints and not names and not case_files(project) else run_cases(project, names)
    found: list[Lint] = []
    if lints:
        own = [item.name for item in list_names(project, "policies") if not item.builtin]
        used = [item.policy for item in tested.coverage]
        for name in dict.fromkeys([*(used if names else own), *used]):
            found += lint(lock_policy(name, project))
    return Checked(tested, tuple(found))
