"""The suite of what a report does not cover: exactly those prompts, for the user to measure. Given what is left, writes
one suite and the prompt files that it names; never over a file that is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.catalog.prompt_rows import prompt_lines
from ftsafety_spec.compose.project import FOLDERS
from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.records.folder import write_atomically
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.spec.suite import Suite, Task
from ftsafety_spec.verify.reported.wanted import WantedPrompt


@dataclass(frozen=True)
class SuiteWritten:
    """What was written, and how many prompts it asks."""

    suite: Path
    prompts: tuple[Path, ...]
    count: int


def write_suite(
    out: Path, root: Path, locked: LockedSpec, tasks: Sequence[LoadedTask], left: Sequence[WantedPrompt], today: date
) -> SuiteWritten:
    """Write `specs/suites/NAME.yaml` and its files. A task of which nothing is covered stands as the spec has it; of
    another one, the rest lies in a file. Raises InputError FTS-113 where a file is there or lies elsewhere, FTS-115
    where nothing is left."""
    if not left:
        raise InputError("the report covers every prompt of the spec: there is no suite to write.", code="FTS-115")
    suite = _place(out, root)
    made: dict[str, Task] = {}
    files: dict[Path, str] = {}
    domain = False
    for task in tasks:
        keys = {(p.digest, p.condition) for p in left if (p.suite, p.task) == (task.suite, task.task)}
        rest = [prompt for prompt in task.prompts if (prompt.digest, prompt.condition) in keys]
        if rest:
            name = f"{task.suite}.{task.task}"
            made[name] = _task(root, suite.stem, name, task, rest, locked.spec.suites[task.suite], files)
            domain = domain or task.use == "domain"
    _check(suite, files)
    for path, text in files.items():
        write_atomically(path, text)
    write_atomically(suite, _text(suite.stem, made, domain, today))
    return SuiteWritten(suite, tuple(files), len(left))


def _place(out: Path, root: Path) -> Path:
    place = root / FOLDERS["suites"]
    suite = Path.cwd() / out
    if suite.suffix != ".yaml" or not suite.resolve().is_relative_to(place.resolve()):
        raise InputError(
            "a suite lies below specs/suites/ of its project and ends in .yaml.",
            code="FTS-113",
            where=Where(str(out)),
            hint=f"For example --write-suite {FOLDERS['suites']}/not-covered.yaml",
        )
    return suite


def _check(suite: Path, files: dict[Path, str]) -> None:
    for path in (suite, *files):
        if path.exists():
            raise InputError(
                "this file is there already.", code="FTS-113", where=Where(str(path)), hint="Name another."
            )


def _task(
    root: Path, stem: str, name: str, task: LoadedTask, rest: list[Prompt], suite: Suite, files: dict[Path, str]
) -> Task:
    """The task as it stands where all of it is left, or where a file cannot hold its prompts; else a file of the
    rest."""
    graders = {**suite.graders, **task.spec.graders}
    stands = len(rest) == len(task.prompts) and task.spec.seeds is None
    if stands or task.inspect is not None or not can_be_filed(rest):
        return task.spec.model_copy(update={"graders": graders, "seeds": None})
    path = root / "data" / f"{stem}-{name}.jsonl"
    files[path] = prompt_lines(rest)
    return Task(prompts=path.relative_to(root).as_posix(), graders=graders, weight=task.spec.weight)


def can_be_filed(prompts: Sequence[Prompt]) -> bool:
    """Whether a prompt file gives the same prompts again: those with an answer key of their own are none such."""
    return not any(prompt.metadata or prompt.kind == "capability" for prompt in prompts)


def _text(stem: str, tasks: dict[str, Task], domain: bool, today: date) -> str:
    plain: dict[str, Any] = {
        "title": f"What the report that was verified does not cover ({stem})",
        "revised": today,
        **({"use": "domain"} if domain else {}),
        "tasks": {name: task.model_dump(mode="json", exclude_defaults=True) for name, task in tasks.items()},
    }
    head = "# Written by `ftsafety verify report`: exactly what the report leaves to be measured.\n"
    return head + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
