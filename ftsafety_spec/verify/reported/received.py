"""Reports that a run took in: is each the one that was received, and does its sample's seed follow from that? Given a
run folder, gives a check for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from ftsafety_spec.records.base import Record
from ftsafety_spec.records.evaluation_report import EvaluationReport
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.received_report import Commitment, Draw, seed_of
from ftsafety_spec.verify.report import Check, check

R = TypeVar("R", bound=Record)
PLACE = "verification"


def received_checks(folder: RunFolder) -> Iterator[Check]:
    """One check for each report that was received."""
    for path in sorted((folder.root / PLACE).glob("*/received.json")):
        name = f"{PLACE}/{path.parent.name}: report, commitment, seed"
        wrong = _wrong(path.parent)
        yield check(name, wrong is None, wrong or "follow from each other")


def _wrong(place: Path) -> str | None:
    try:
        report, commitment = _read(place / "report.json", EvaluationReport), _read(place / "received.json", Commitment)
        drawn = _read(place / "seed.json", Draw) if (place / "seed.json").exists() else None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        return f"cannot be read: {str(error).splitlines()[0]}"
    if commitment.report != report.compute_digest():
        return "the commitment is to another report"
    if drawn is None:
        return None
    follows = drawn.commitment == commitment.compute_digest() and drawn.seed == seed_of(commitment, drawn.nonce)
    return None if follows else "the seed does not follow from what was received"


def _read(path: Path, kind: type[R]) -> R:
    return kind.from_json(json.loads(path.read_text(encoding="utf-8")))
