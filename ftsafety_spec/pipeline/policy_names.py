"""A policy by what people call it: a name, a file, a name in another project (`acme@../release-1`), or the policy that
judged a run. Given such a word, gives a locked policy. Raises InputError, SpecError with the nearest name."""

from __future__ import annotations

from pathlib import Path

from ftsafety_spec.compose import Project, find_project, lock_policy
from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.records.base import Meta
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy

LOCK_FILE = "policy.lock.json"


def policy_named(word: str, start: Path | None = None) -> LockedPolicy:
    """The policy behind a word. `start`: the folder whose project is meant by a plain name; left out, the present."""
    name, at, place = word.partition("@")
    if at and Path(place).exists():
        return _in_project(name, Path(place))
    path = Path(word)
    if (path / LOCK_FILE).is_file() or path.name == LOCK_FILE:
        return RunFolder(path.parent if path.name == LOCK_FILE else path).read(LockedPolicy)
    if path.suffix in (".yaml", ".yml"):
        return _file(path)
    if at:
        raise InputError(f"no such folder or file: {place!r}.", code="FTS-111", where=Where(file=place))
    return _sealed(word, _project(start or Path.cwd()))


def _file(path: Path) -> LockedPolicy:
    where = Where(file=str(path))
    if not path.is_file():
        raise InputError("no such file.", code="FTS-111", where=where)
    project = find_project(path.parent)
    folder, file = project.root / "policies", path.resolve()
    if not file.is_relative_to(folder.resolve()) or path.suffix != ".yaml":
        hint = f"The project is {project.root}."
        raise InputError(
            "a policy lies in the policies/ folder of its project.", code="FTS-113", where=where, hint=hint
        )
    return _sealed(file.relative_to(folder.resolve()).with_suffix("").as_posix(), project)


def _in_project(name: str, place: Path) -> LockedPolicy:
    """`NAME@DIR`: the name in the project at DIR; `NAME@RUN`: the run's policy, which must have that name."""
    if (place / LOCK_FILE).is_file():
        found = RunFolder(place).read(LockedPolicy)
        if name and name != found.name:
            raise InputError(f"this run was judged by {found.name!r}, not by {name!r}.", where=Where(file=str(place)))
        return found
    if place.is_file():
        found = _file(place)
        if name and name != found.name:
            raise InputError(f"this file is the policy {found.name!r}, not {name!r}.", where=Where(file=str(place)))
        return found
    return _sealed(name, find_project(place))


def _project(start: Path) -> Project:
    """The project around a folder; outside of one, an empty one: built-in names are still there."""
    try:
        return find_project(start)
    except InputError:
        return Project(start)


def _sealed(name: str, project: Project) -> LockedPolicy:
    return lock_policy(name, project).sealed(Meta.now())
