"""Commit, then reveal: a report is taken down by its digest, and only then is the seed drawn that chooses what is asked
again. Given a run and a report, gives both, from its folder where the report was received before: nobody gets a second
sample by asking twice."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from ftsafety_spec.errors import VerificationError, Where
from ftsafety_spec.records.base import Meta, Record, now
from ftsafety_spec.records.evaluation_report import EvaluationReport
from ftsafety_spec.records.folder import RunFolder, write_atomically
from ftsafety_spec.records.received_report import Commitment, Draw, seed_of

R = TypeVar("R", bound=Record)
PLACE = "verification"
"""The folder below a run that reports and their spot checks lie in."""


def place_of(folder: RunFolder, report: str) -> Path:
    """The folder of one report."""
    return folder.root / PLACE / report.removeprefix("sha256:")[:16]


def commit(folder: RunFolder, report: EvaluationReport, variant: str, form: str, source: str | None) -> Commitment:
    """Take a report down: its record and the commitment to it, before anything is drawn. One that was received before
    keeps its commitment. Raises VerificationError FTS-150 where that was changed."""
    place = place_of(folder, report.compute_digest())
    path = place / "received.json"
    if path.exists():
        found = _read(path, Commitment)
        if found.report != report.compute_digest():
            raise _changed(path, "it is of another report")
        return found
    _write(place / "report.json", report)
    made = Commitment(
        report=report.compute_digest(), variant=variant, received=now(), form=form, source=source
    ).sealed()
    _write(path, made)
    return made


def draw(folder: RunFolder, commitment: Commitment, nonce: str | None = None) -> Draw:
    """The seed of a report's sample, drawn now or before. Raises VerificationError FTS-150 where it was changed."""
    path = place_of(folder, commitment.report) / "seed.json"
    if path.exists():
        found = _read(path, Draw)
        if found.commitment != commitment.compute_digest() or found.seed != seed_of(commitment, found.nonce):
            raise _changed(path, "it does not follow from what was received")
        return found
    fresh = nonce or secrets.token_hex(32)
    made = Draw(commitment=commitment.compute_digest(), nonce=fresh, seed=seed_of(commitment, fresh)).sealed(Meta.now())
    _write(path, made)
    return made


def _write(path: Path, record: Record) -> None:
    write_atomically(path, json.dumps(record.to_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _read(path: Path, kind: type[R]) -> R:
    try:
        return kind.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError, TypeError, AttributeError) as error:
        raise _changed(path, str(error).splitlines()[0]) from error


def _changed(path: Path, why: str) -> VerificationError:
    return VerificationError(f"this record of a verification cannot be trusted: {why}.", where=Where(file=str(path)))
