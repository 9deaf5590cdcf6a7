"""Any Inspect task, installed or in a user's own file, by name: its samples as prompts, and the task itself, to be
built again. Given a name and arguments, gives an `InspectTask`. The only place that knows Inspect's task registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.task_files import created, names_file, path_of, task_function, version_of
from ftsafety_spec.errors import InputError, NotFoundError, nearest
from ftsafety_spec.spec.common import PromptKind
from ftsafety_spec.spec.suite import Task as SuiteTask

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample


class NotInstalled(Exception):
    """The package that a task's name begins with is not installed; the text says so and names what is near."""


@dataclass(frozen=True)
class InspectTask:
    """An Inspect task that can be created again. `version` is of the package or of the file that it comes from."""

    name: str
    args: Mapping[str, Any]
    version: str
    create: Callable[[], Task] = field(repr=False, compare=False)

    def build(self, ids: Collection[str]) -> Task:
        """The task, fresh, with only the samples of these prompt ids, in dataset order; sample ids are prompt ids."""
        task, wanted = self.create(), frozenset(ids)
        task.dataset = task.dataset.filter(lambda sample: sample.id in wanted)
        return task


def inspect_task(name: str, args: Mapping[str, Any], root: Path = Path()) -> InspectTask:
    """The task `name`, or `file.py@name` of the project at `root`. Raises NotInstalled where its package is missing,
    NotFoundError where the package or file has no such task, InputError where the file cannot be run."""
    if names_file(name):
        function = task_function(name, root)
        folder = path_of(name, root).parent
        make = lambda: created(function, dict(args), folder)  # noqa: E731
        return InspectTask(name, dict(args), version_of(name, root), lambda: _created(name, args, function, make))
    _check_known(name)
    return InspectTask(name, dict(args), package_version(name), lambda: _installed(name, args))


def prompts_of(task: InspectTask, spec: SuiteTask) -> list[Prompt]:
    """The samples as prompts: kind and area from the suite's task, category from the sample's metadata.
    Raises InputError FTS-120 where the task cannot be created."""
    kind: PromptKind = spec.kind or "capability"
    short = re.split("[/@]", task.name)[-1]
    area = spec.area or ("none" if kind in ("benign", "capability") else "other")
    samples = task.create().dataset
    return [
        Prompt(
            id=str(sample.id),
            text=text_of(sample),
            kind=kind,
            category=str((sample.metadata or {}).get(spec.category or "category") or short),
            area=area,
        )
        for sample in samples
    ]


def text_of(sample: Sample) -> str:
    """What identifies a sample: the user's message; for several messages or choices all of them, each with its role,
    so that two samples with one question in different contexts do not share an answer."""
    if isinstance(sample.input, str):
        text = sample.input
    elif len(sample.input) == 1 and sample.input[0].role == "user":
        text = sample.input[0].text
    else:
        text = "\n\n".join(f"{message.role}: {message.text}" for message in sample.input)
    return "\n".join([text, *(f"- {choice}" for choice in sample.choices or [])])


def package_version(name: str) -> str:
    """Distribution and version of the package that a task's name begins with; "unknown" outside of any package."""
    package = name.split("/", 1)[0]
    for point in entry_points(group="inspect_ai", name=package):
        if point.dist is not None:
            return f"{point.dist.name} {point.dist.version}"
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return "unknown"


def installed_tasks() -> list[str]:
    """Names of all tasks that Inspect's entry points register."""
    from inspect_ai._util.entrypoints import ensure_entry_points
    from inspect_ai._util.registry import registry_find, registry_info

    ensure_entry_points()
    return sorted(registry_info(found).name for found in registry_find(lambda info: info.type == "task"))


def _check_known(name: str) -> None:
    from inspect_ai._util.registry import registry_lookup

    if registry_lookup("task", name) is not None:
        return
    known, package = installed_tasks(), name.split("/", 1)[0]
    registered = {point.name for point in entry_points(group="inspect_ai")}
    if "/" in name and package not in registered and not any(item.startswith(f"{package}/") for item in known):
        near = nearest(name, known)
        hint = f" Did you mean {near}?" if near else ""
        raise NotInstalled(f"the Inspect package {package!r} is not installed, so its task {name!r} cannot run.{hint}")
    raise NotFoundError("Inspect task", name, known)


def _installed(name: str, args: Mapping[str, Any]) -> Task:
    from inspect_ai._eval.registry import task_create
    from inspect_ai._util.registry import registry_lookup

    return _created(name, args, registry_lookup("task", name), lambda: task_create(name, **args))


def _created(name: str, args: Mapping[str, Any], function: object, make: Callable[[], Task]) -> Task:
    from inspect_ai._util.registry import registry_info

    params = registry_info(function).metadata.get("params", [])
    unknown = sorted(set(args) - set(params))
    if unknown:  # Inspect only warns, and would run something else than was asked for
        raise NotFoundError(f"argument of the Inspect task {name}", unknown[0], params)
    try:
        task = make()
    except Exception as error:
        raise InputError(
            f"the Inspect task {name!r} cannot be created: {type(error).__name__}: {error}", code="FTS-120"
        ) from error
    for place, sample in enumerate(task.dataset, start=1):  # the same ids as Inspect itself would give
        sample.id = str(sample.id if sample.id is not None else place)
    return task
