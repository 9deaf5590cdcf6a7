"""The one place that calls Hydra. Given a project, a group, a name and overrides, gives the merged mapping as plain
data, unresolved. Never resolves an interpolation, never instantiates, and leaves no global state behind."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from typing import Any

from ftsafety_spec.compose.overrides import Change, place_of
from ftsafety_spec.compose.project import FOLDERS, Group, Project, builtin_root
from ftsafety_spec.errors import Problem, SpecError, Where

_ONE_AT_A_TIME = threading.Lock()


def merged(project: Project, group: Group, name: str, changes: Sequence[Change], shown: str) -> dict[str, Any]:
    """What Hydra makes of a file and its overrides. Raises SpecError (FTS-108 a file, FTS-109 an override)."""
    try:
        return _compose(project, group, name, changes)
    except Exception as error:  # Hydra, OmegaConf, YAML, recursion: none may reach a user
        raise SpecError([_blame(project, group, name, changes, shown, error)]) from error


def _compose(project: Project, group: Group, name: str, changes: Sequence[Change]) -> dict[str, Any]:
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from omegaconf import OmegaConf

    search = "file://" + str(builtin_root()).replace("\\", "\\\\").replace("'", "\\'")
    arguments = [f"hydra.searchpath=['{search}']", f"+{FOLDERS[group]}@_global_={name}"]
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with initialize_config_dir(version_base="1.3", config_dir=str(project.root)):
                config = compose(None, [*arguments, *(change.hydra for change in changes)])
        finally:
            if not GlobalHydra.instance().is_initialized():
                GlobalHydra.instance().clear()
    data = OmegaConf.to_container(config, resolve=False, throw_on_missing=False)
    assert isinstance(data, dict)
    return {str(key): value for key, value in data.items()}


def _blame(
    project: Project, group: Group, name: str, changes: Sequence[Change], shown: str, error: Exception
) -> Problem:
    """The override without which composition works, else the file."""
    for count in range(len(changes)):
        try:
            _compose(project, group, name, changes[: count + 1])
        except Exception as found:
            if count or _works(project, group, name):
                change = changes[count]
                where = place_of(change.number, change.text, ".".join(change.path) or None)
                return Problem("FTS-109", f"this override cannot be used: {_first_line(found)}.", where)
            break
    return Problem("FTS-108", f"the files cannot be composed: {_first_line(error)}.", Where(shown))


def _works(project: Project, group: Group, name: str) -> bool:
    try:
        _compose(project, group, name, ())
    except Exception:
        return False
    return True


def _first_line(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it refers to itself"
    cause = error.__cause__ if error.__cause__ is not None and str(error.__cause__) else error
    text = str(cause).strip().splitlines()
    return text[0].rstrip(".") if text else type(cause).__name__
