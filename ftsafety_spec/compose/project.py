"""Where files are: a user's project folder, our built-ins, and the names that each group defines.
Given a file, a folder or a name, gives paths. Never reads more of a file than its title."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

import ftsafety_spec
from ftsafety_spec.errors import InputError, NotFoundError, Where

Group = Literal["specs", "suites", "policies", "providers"]

#: group -> its folder below a project's or the built-ins' root
FOLDERS: dict[Group, str] = {
    "specs": "specs",
    "suites": "specs/suites",
    "policies": "policies",
    "providers": "providers",
}
NOUNS: dict[Group, str] = {"specs": "spec", "suites": "suite", "policies": "policy", "providers": "provider"}
BUILTIN_PREFIX = "ftsafety/"


@dataclass(frozen=True)
class Project:
    """A user's project: `root` is the folder that holds `specs/` (and `policies/`, `providers/`)."""

    root: Path


@dataclass(frozen=True)
class Named:
    """A name that can be used, with its title and where it comes from."""

    name: str
    title: str
    origin: str
    builtin: bool


def find_project(start: Path) -> Project:
    """The project around a file or folder: the nearest folder upwards that holds `specs/`. Raises InputError
    FTS-113."""
    begin = start.resolve()
    for folder in (begin, *begin.parents):
        if (folder / "specs").is_dir():
            return Project(folder)
    raise InputError(
        "no project found: neither this folder nor any above it holds a folder named specs/.",
        code="FTS-113",
        where=Where(file=str(start)),
        hint="`ftsafety init DIR` makes one.",
    )


def builtin_root() -> Path:
    """The folder with our own specs/, policies/, providers/: a checkout's root, else the wheel's `_builtin`.
    A checkout comes first, so that an editable install never reads a stale copy."""
    package = Path(ftsafety_spec.__file__).resolve().parent
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and all((checkout / f).is_dir() for f in ("policies", "providers")):
        return checkout
    return package / "_builtin"


def check_layout(project: Project) -> None:
    """Refuse a user folder named `ftsafety/` in any group: that name is kept for built-ins. Raises InputError
    FTS-113."""
    if project.root == builtin_root():
        return
    for folder in FOLDERS.values():
        taken = project.root / folder / "ftsafety"
        if taken.exists():
            raise InputError(
                "a folder named ftsafety/ is kept for what comes with ftsafety-spec.",
                code="FTS-113",
                where=Where(file=shown(taken)),
                hint="Give the folder another name and change the names that refer to it.",
            )


def locate(project: Project, group: Group, name: str) -> Path | None:
    """The file behind a name: the project's own, else ours; None where nothing defines it."""
    roots = [builtin_root()] if name.startswith(BUILTIN_PREFIX) else [project.root, builtin_root()]
    for root in roots:
        path = root / FOLDERS[group] / f"{name}.yaml"
        if path.is_file():
            return path
    return None


def names(project: Project | None, group: Group) -> list[str]:
    """All names of a group, sorted."""
    return sorted({name for name, _, _ in _files(project, group)})


def list_names(project: Project | None, group: Group) -> list[Named]:
    """What can be named in a group: the project's own first, then the built-ins."""
    return [Named(name, _title(path), label(path, project), builtin) for name, path, builtin in _files(project, group)]


def not_found(project: Project, group: Group, name: str, where: Where | None = None) -> NotFoundError:
    """The error for a name that nothing defines; it names the nearest."""
    return NotFoundError(NOUNS[group], name, names(project, group), where)


def label(path: Path, project: Project | None) -> str:
    """How records name a file: relative to the project; built-ins begin with `ftsafety:`."""
    if project is not None and path.is_relative_to(project.root) and project.root != builtin_root():
        return path.relative_to(project.root).as_posix()
    if path.is_relative_to(builtin_root()):
        return "ftsafety:" + path.relative_to(builtin_root()).as_posix()
    return str(path)


def shown(path: Path) -> str:
    """How messages name a file: relative to the working folder where it lies below it."""
    here = Path(os.path.abspath(os.curdir))  # noqa: PTH100 (symlinks stay as the user has them)
    for base in (here, here.resolve()):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return str(path)


def _files(project: Project | None, group: Group) -> Iterator[tuple[str, Path, bool]]:
    roots = [(builtin_root(), True)]
    if project is not None and project.root != builtin_root():
        roots.insert(0, (project.root, False))
    for root, builtin in roots:
        folder = root / FOLDERS[group]
        for path in sorted(folder.rglob("*.yaml")):
            name = path.relative_to(folder).with_suffix("").as_posix()
            if not (group == "specs" and name.startswith("suites/")):
                yield name, path, builtin


def _title(path: Path) -> str:
    """The value of a `title:` line at the left margin; empty where there is none or it cannot be read."""
    try:
        match = re.search(r"^title:.*$", path.read_text(encoding="utf-8"), re.MULTILINE)
        return str(yaml.safe_load(match.group())["title"]) if match else ""
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return ""
