"""What plan and measure must agree on: requests of a locked spec, and the key that its answers are found under.
Given a LockedSpec and the project's root, gives `Request`s. Reads the system prompt's file, nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.providers.base import Request
from ftsafety_spec.records.identity import Identity, generation_key
from ftsafety_spec.records.locked import LockedSpec


class InspectSource(Protocol):
    """What identifies an Inspect task that brings its own solver."""

    @property
    def name(self) -> str: ...
    @property
    def args(self) -> Mapping[str, Any]: ...
    @property
    def version(self) -> str: ...


class Asked(Protocol):
    """A loaded task, as far as its solver goes (`catalog.load.LoadedTask` is one)."""

    @property
    def inspect(self) -> InspectSource | None: ...


def requests_of(locked: LockedSpec, root: Path) -> dict[str, Request]:
    """One request for each variant, not yet resolved. Raises InputError FTS-100, FTS-111 for the system prompt."""
    system = system_prompt(locked, root)
    requests = {}
    for name, variant in locked.variants.items():
        entry = locked.spec.models[variant.model]
        assert entry.provider is not None  # composition resolved `of:` and checked it
        requests[name] = Request(
            variant=name,
            entry=entry,
            stack=tuple((key, locked.spec.adapters[key], scale) for key, scale in variant.adapters.items()),
            definition=locked.providers[entry.provider],
            root=root,
            generation=locked.spec.deployment.generation,
            system_prompt=system,
        )
    return requests


def system_prompt(locked: LockedSpec, root: Path) -> str | None:
    """The deployment's system prompt, outer white space aside; None where there is none."""
    name = locked.spec.deployment.system_prompt
    if name is None:
        return None
    where = Where(file=name, key="deployment.system_prompt")
    try:
        text = (root / name).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise InputError("the system prompt is not UTF-8 text.", code="FTS-100", where=where) from error
    except OSError as error:
        raise InputError("the system prompt's file cannot be read.", code="FTS-111", where=where) from error
    return text or None


def generation_key_of(identity: Identity, locked: LockedSpec, task: Asked) -> str:
    """Under which key a variant's answers to this task's prompts are found, in this run or any other."""
    generation = locked.spec.deployment.generation
    seed = locked.spec.seed if generation.temperature > 0 else 0
    return generation_key(identity, generation.model_dump(mode="json"), solver_of(task), seed)


def solver_of(task: Asked) -> str:
    """Name and version of what turns a prompt into an answer: one call of ours, or an Inspect task's own solver."""
    source = task.inspect
    if source is None:
        return f"generate, inspect-ai {_inspect_version()}"
    args = json.dumps(source.args, sort_keys=True, ensure_ascii=True, default=str)
    return f"{source.name} {args} of {source.version}, inspect-ai {_inspect_version()}"


def _inspect_version() -> str:
    try:
        return version("inspect-ai")
    except PackageNotFoundError:
        return "unknown"
