"""Files of acceptance and assessment that were edited after they were taken in. Given a run folder, compares those that
are at hand with what was taken in, by digest. What counts stays what was taken in; this only says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ftsafety_spec.errors import FtsafetyError
from ftsafety_spec.pipeline.stages import project_of
from ftsafety_spec.records.base import digest_bytes
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.folder import RunFolder

COMMANDS = {"risk_acceptance": "accept", "risk_assessment": "assess"}
"""Kind of evidence to the command that takes its file in."""


@dataclass(frozen=True)
class SignedFile:
    """A file that was taken in and is at hand. `path`: from the project's folder; `same`: as it was taken in."""

    path: str
    kind: str
    by: str
    same: bool

    @property
    def says(self) -> str:
        """A sentence for a file that is not the same."""
        return (
            f"{self.path} was edited after it was taken in as the {self.kind.replace('_', ' ')} of {self.by}: "
            f"what was taken in counts, not what it says now (`ftsafety {COMMANDS[self.kind]} RUN --file {self.path}`)"
        )


def place_in_project(folder: RunFolder, path: Path) -> str | None:
    """Where a file lies from the project's folder; None for one outside of it."""
    try:
        return path.resolve().relative_to(project_of(folder).root.resolve()).as_posix()
    except (ValueError, FtsafetyError):
        return None


def signed_files(folder: RunFolder) -> list[SignedFile]:
    """Files at hand, by path. The last time that a file was taken in is what it is held against."""
    try:
        root = project_of(folder).root.resolve()
        evidence = folder.evidence()
    except FtsafetyError:  # no project, no file; a broken record is another check's
        return []
    taken = dict(_taken(evidence))
    return [row for path, item in sorted(taken.items()) if (row := _held(root, path, item)) is not None]


def edited(folder: RunFolder) -> tuple[str, ...]:
    """A sentence for each file that is not what was taken in."""
    return tuple(file.says for file in signed_files(folder) if not file.same)


def _taken(evidence: Iterable[Evidence]) -> Iterator[tuple[str, Evidence]]:
    for item in sorted(evidence, key=lambda item: item.at):
        file = item.body.get("file")
        if item.kind in COMMANDS and isinstance(file, dict) and isinstance(file.get("path"), str):
            yield file["path"], item


def _held(root: Path, path: str, item: Evidence) -> SignedFile | None:
    place = (root / path).resolve()
    if not place.is_relative_to(root) or not place.is_file():  # evidence never leads out of the project
        return None
    same = digest_bytes(place.read_bytes()) == item.body["file"].get("digest")
    return SignedFile(path, item.kind, item.by.name, same)
