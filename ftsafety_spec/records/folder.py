"""The run folder: where each stage's file lies, read and written whole. A folder can be zipped, moved, verified.
Given a path, gives typed records; a missing stage is named together with the command that makes it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from ftsafety_spec.errors import InputError, VerificationError, Where
from ftsafety_spec.records.base import Record, digest_of
from ftsafety_spec.records.certificate import Certificate
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.journal import Journal, read_journal
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.looks import Looks
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.tables import read_parquet
from ftsafety_spec.records.verdict import Verdict

R = TypeVar("R", bound=Record)

_FILES: dict[type[Record], tuple[str, str]] = {
    LockedSpec: ("spec.lock.json", "ftsafety plan"),
    LockedPolicy: ("policy.lock.json", "ftsafety plan"),
    Plan: ("plan.json", "ftsafety plan"),
    Looks: ("looks.json", "ftsafety measure"),
    Comparison: ("comparison.json", "ftsafety compare"),
    Verdict: ("verdict.json", "ftsafety gate"),
}


def write_atomically(path: Path, text: str) -> None:
    """Write UTF-8 text through a temporary file, so that readers see the old or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """A lock on a folder that ends with the block, between threads and processes; without one where the file system
    has none."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@dataclass(frozen=True)
class RunFolder:
    """Paths and records of one run."""

    root: Path

    @property
    def journal(self) -> Path:
        """Folder of the append-only journals `answers.jsonl`, `grades.jsonl`, `texts.jsonl`."""
        return self.root / "journal"

    @property
    def tables(self) -> Path:
        """Folder of the compacted Parquet tables."""
        return self.root / "tables"

    @property
    def logs(self) -> Path:
        """Folder of Inspect's own `.eval` logs."""
        return self.root / "logs"

    @property
    def manifest(self) -> Path:
        """Digests of the tables and of every other file, written last by each stage."""
        return self.root / "manifest.json"

    def table(self, name: str) -> Path:
        """Path of a Parquet table: answers, grades or texts."""
        return self.tables / f"{name}.parquet"

    def has(self, kind: type[Record]) -> bool:
        """True where a stage's record is there."""
        return (self.root / _FILES[kind][0]).exists()

    def path_of(self, kind: type[Record]) -> Path:
        """Where a stage's record lies."""
        return self.root / _FILES[kind][0]

    def read(self, kind: type[R]) -> R:
        """A stage's record. Raises InputError where the stage has not run, VerificationError where it was changed."""
        name, command = _FILES[kind]
        path = self.root / name
        if not path.exists():
            raise InputError(
                f"{name} is not in this folder.",
                code="FTS-130",
                where=Where(file=str(self.root)),
                hint=f"`{command}` makes it.",
            )
        try:
            return kind.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, ValidationError, UnicodeDecodeError, AttributeError, TypeError) as error:
            first = str(error).splitlines()[0]
            raise VerificationError(f"this record cannot be trusted: {first}.", where=Where(file=str(path))) from error

    def write(self, record: Record) -> None:
        """Write a sealed record."""
        text = json.dumps(record.to_json(), indent=1, ensure_ascii=False, allow_nan=False)
        write_atomically(self.root / _FILES[type(record)][0], text + "\n")

    def evidence(self) -> list[Evidence]:
        """All evidence, in the order it was appended."""
        path = self.root / "evidence.jsonl"
        try:
            return [Evidence.from_json(row) for row in read_journal(path)]
        except (ValueError, ValidationError, TypeError, AttributeError) as error:
            raise VerificationError(f"evidence cannot be trusted: {error}.", where=Where(file=str(path))) from error

    def append_evidence(self, item: Evidence) -> None:
        """Append one piece of evidence."""
        with Journal(self.root / "evidence.jsonl") as journal:
            journal.append(item.sealed(item.meta).to_json())

    def certificate_path(self, digest: str) -> Path:
        """Where the copy of a grader's certificate lies."""
        return self.root / "certificates" / f"{digest.removeprefix('sha256:')}.json"

    def write_certificates(self, items: Iterable[Certificate]) -> None:
        """Copy certificates into the folder, each under its digest, so that a moved run can be verified."""
        for item in items:
            text = json.dumps(item.to_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
            path = self.certificate_path(item.compute_digest())
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                write_atomically(path, text)

    def certificates(self) -> dict[str, Certificate]:
        """Digest to certificate, of those that the plan names. Raises VerificationError where one is not there or was
        changed."""
        wanted = {use.certificate for use in self.read(Plan).graders if use.certificate is not None}
        return {digest: self._certificate(digest) for digest in sorted(wanted)}

    def _certificate(self, digest: str) -> Certificate:
        path = self.certificate_path(digest)
        try:
            found = Certificate.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, ValidationError, AttributeError, TypeError) as error:
            first = str(error).splitlines()[0]
            raise VerificationError(
                f"this certificate cannot be trusted: {first}.", where=Where(file=str(path))
            ) from error
        if found.compute_digest() != digest:
            raise VerificationError("this is another certificate than the plan names.", where=Where(file=str(path)))
        return found

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Rows of a compacted table. Raises InputError where `measure` has not finished."""
        path = self.table(table)
        if not path.exists():
            raise InputError(
                f"tables/{table}.parquet is not in this folder.",
                code="FTS-130",
                where=Where(file=str(self.root)),
                hint="`ftsafety measure` makes it.",
            )
        return read_parquet(path)

    def read_manifest(self) -> dict[str, str]:
        """Relative file name (or `table:NAME`) to digest, without the manifest's digest of itself."""
        if not self.manifest.exists():
            return {}
        data: dict[str, str] = json.loads(self.manifest.read_text(encoding="utf-8"))
        return {name: digest for name, digest in data.items() if name != self.manifest.name}

    def write_manifest(self, digests: Mapping[str, str]) -> None:
        """Merge digests into the manifest; two writers at once (a measurement, a manual session) wait for each
        other."""
        with _alone(self.root):
            write_atomically(self.manifest, manifest_text({**self.read_manifest(), **digests}))


def manifest_text(digests: Mapping[str, str]) -> str:
    """The only text of a manifest that holds these digests: sorted, with a digest of itself, so that a changed byte
    shows even in an entry of a file that was taken out."""
    rows = {name: digest for name, digest in digests.items() if name != "manifest.json"}
    return json.dumps(dict(sorted({**rows, "manifest.json": digest_of(rows)}.items())), indent=1) + "\n"


def evidence_digest(items: list[Evidence]) -> str:
    """Digest over a set of evidence; its order does not matter."""
    return digest_of(sorted(item.compute_digest() for item in items))
