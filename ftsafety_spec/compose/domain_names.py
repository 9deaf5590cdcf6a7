"""Names and files of a spec's `domain` block, and names of probes in its suites.
Given composed data, gives the files, and Problems for what leads nowhere. Loads no probe, reads no prompt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ftsafety_spec.compose.mix import Mix
from ftsafety_spec.compose.places import Path as KeyPath
from ftsafety_spec.compose.project import Project
from ftsafety_spec.errors import Problem, suggest
from ftsafety_spec.registry import Registry

PROBES: Registry[Any] = Registry("probe", "ftsafety_spec.probes")


def domain_files(data: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """The domain's own prompt files, with their key paths."""
    domain = data.get("domain")
    files = domain.get("prompts") if isinstance(domain, dict) else None
    for name, file in files.items() if isinstance(files, dict) else ():
        if isinstance(file, str) and file:
            yield ("domain", "prompts", name), file


def training_file(data: dict[str, Any]) -> str | None:
    """The file of training data that the domain's words are taken from; None where there is none."""
    domain, training = data.get("domain"), data.get("training")
    name = domain.get("training_data") if isinstance(domain, dict) else None
    entries = training.get("data") if isinstance(training, dict) else None
    entry = entries.get(name) if isinstance(entries, dict) and isinstance(name, str) else None
    path = entry.get("path") if isinstance(entry, dict) else None
    return path if isinstance(path, str) and path else None


def training_problems(made: Mix, project: Project) -> Iterator[Problem]:
    """FTS-111 where the domain's words are to be taken from training data that is not here. Its content is in no
    digest of the spec: what is asked because of it is in the plan's."""
    file = training_file(made.data)
    if file is not None and not (project.root / file).is_file():
        hint = "The domain's words are taken from it: put it there, or leave training_data out."
        yield made.problem("FTS-111", f"no such file: {file!r}.", ("domain", "training_data"), hint)


def probe_problems(made: Mix, tasks: Iterable[tuple[KeyPath, dict[str, Any]]]) -> Iterator[Problem]:
    """FTS-104 for a probe that a package at hand does not have. One of a package that is not installed is the plan's to
    name: the rest can be measured without it."""
    known = PROBES.names()
    packages = {name.partition("/")[0] for name in known}
    for path, task in tasks:
        probe = task.get("probe")
        if isinstance(probe, str) and probe not in known and probe.partition("/")[0] in packages:
            yield made.problem("FTS-104", f"no such probe: {probe!r}.", (*path, "probe"), suggest(probe, known))
