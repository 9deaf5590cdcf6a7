"""Past runs, read fast. Given folders, gives the records that the gate reads and the verdict that was given, or why a
folder cannot be judged. Digests are taken as they stand in the files: `ftsafety verify` recomputes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from ftsafety_spec.errors import FtsafetyError, InputError, Where
from ftsafety_spec.records.base import Record
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import Verdict

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class PastRun:
    """One judged run. `verdict`: what was decided; `policy`: by which policy."""

    path: Path
    locked: LockedSpec
    plan: Plan
    comparison: Comparison
    evidence: list[Evidence]
    verdict: Verdict
    policy: LockedPolicy


@dataclass
class Reader:
    """Reads runs. Policies are few: each is read once, by its bytes."""

    policies: dict[str, LockedPolicy] = field(default_factory=dict)

    def read(self, path: Path) -> PastRun | str:
        """The run in a folder, or why it cannot be judged."""
        folder = RunFolder(path)
        for kind in (LockedSpec, LockedPolicy, Plan, Comparison, Verdict):
            if not folder.has(kind):
                return f"{folder.path_of(kind).name} is not there"
        try:
            return PastRun(
                path,
                _record(folder, LockedSpec),
                _record(folder, Plan),
                _comparison(folder),
                folder.evidence(),
                _record(folder, Verdict),
                self._policy(folder),
            )
        except (OSError, ValueError, ValidationError, TypeError, AttributeError, FtsafetyError) as error:
            return f"a record cannot be read: {str(error).splitlines()[0]}"

    def _policy(self, folder: RunFolder) -> LockedPolicy:
        data = folder.path_of(LockedPolicy).read_bytes()
        key = hashlib.sha256(data).hexdigest()
        if key not in self.policies:
            self.policies[key] = LockedPolicy.from_json(json.loads(data))
        return self.policies[key]


def run_folders(given: Sequence[Path]) -> list[Path]:
    """The run folders among these, or directly below them, each once. Raises InputError FTS-130 where there is none."""
    found: dict[Path, Path] = {}
    for path in given:
        if not path.is_dir():
            raise InputError("no such folder.", code="FTS-111", where=Where(file=str(path)))
        for folder in _runs(path):
            found.setdefault(folder.resolve(), folder)
    if not found:
        raise InputError(
            "no run folder is here.",
            code="FTS-130",
            where=Where(file=str(given[0]) if given else "."),
            hint="Name run folders, or a folder that holds some, such as runs/.",
        )
    return list(found.values())


def _runs(path: Path) -> Iterator[Path]:
    if (path / "spec.lock.json").is_file():
        yield path
    else:
        yield from sorted(item for item in path.iterdir() if (item / "spec.lock.json").is_file())


def _record(folder: RunFolder, kind: type[R]) -> R:
    return kind.as_stated(json.loads(folder.path_of(kind).read_bytes()))


def _comparison(folder: RunFolder) -> Comparison:
    """Without the discordant prompts: no rule reads them, and they are most of the file."""
    data: dict[str, Any] = json.loads(folder.path_of(Comparison).read_bytes())
    return Comparison.as_stated({**data, "discordant": []})
