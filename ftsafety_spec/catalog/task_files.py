"""A user's own file of Inspect tasks, named in a suite as `evals/own.py@my_task`. Given such a name and the project's
root, gives the task's function and the identity of its code. Runs the file, so it is called to plan and to run, never
to validate; never leaves the project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftsafety_spec.errors import InputError, NotFoundError, Where
from ftsafety_spec.records.base import digest_of, sha256_file

if TYPE_CHECKING:
    from inspect_ai import Task

#: folders below a task's own whose Python files are no part of it
ASIDE = frozenset({"runs", "logs", "__pycache__", "node_modules"})


def names_file(name: str) -> bool:
    """Whether a task's name is a file's, with or without `@task`."""
    return name.partition("@")[0].endswith(".py")


def path_of(name: str, root: Path) -> Path:
    """The file that a task's name means. Raises InputError FTS-111 where it is missing, FTS-103 where it leads out of
    the project."""
    written = name.partition("@")[0]
    path = root / written
    if not path.is_file():
        raise InputError(
            f"no such file: {written!r}.", code="FTS-111", hint="Paths are relative to the project's folder."
        )
    if not path.resolve().is_relative_to(root.resolve()):
        raise InputError(
            f"{written!r} leads out of the project: code of a suite is only run from inside of it.",
            code="FTS-103",
            where=Where(file=written),
        )
    return path.resolve()


def task_function(name: str, root: Path) -> Callable[..., Task]:
    """The function behind `file.py@task`; behind `file.py` alone, its only task. Raises InputError: as `path_of`,
    FTS-120 where the file cannot be run, FTS-104 where it has no such task."""
    from inspect_ai._util.module import load_module
    from inspect_ai._util.path import chdir_python
    from inspect_ai._util.registry import is_registry_object, registry_info

    path = path_of(name, root)
    try:
        with chdir_python(path.parent.as_posix()):
            module = load_module(path)
    except Exception as error:
        raise InputError(
            f"the file of the task {name!r} cannot be run: {type(error).__name__}: {error}", code="FTS-120"
        ) from error
    found: dict[str, Callable[..., Task]] = {
        registry_info(item).name.rsplit("/", 1)[-1]: item
        for item in vars(module).values()
        if is_registry_object(item, "task") and getattr(item, "__module__", None) == module.__name__
    }
    wanted = name.partition("@")[2]
    if not wanted and len(found) == 1:
        return next(iter(found.values()))
    if wanted not in found:
        raise NotFoundError(f"task in {name.partition('@')[0]}", wanted or "(none named)", found)
    return found[wanted]


def version_of(name: str, root: Path) -> str:
    """What identifies the code: a digest of all Python files in the task's folder and below, so that an edit to any of
    them asks anew."""
    folder = path_of(name, root).parent
    files = {str(path.relative_to(folder)): sha256_file(path) for path in _python_files(folder)}
    return f"{name.partition('@')[0]} {digest_of(files)}"


def created(function: Callable[..., Task], args: dict[str, Any], folder: Path) -> Task:
    """The task, made in its own folder, as Inspect does."""
    from inspect_ai._util.path import chdir_python

    with chdir_python(folder.as_posix()):
        return function(**args)


def _python_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir() and path.name not in ASIDE:
            yield from _python_files(path)
        elif path.suffix == ".py":
            yield path
