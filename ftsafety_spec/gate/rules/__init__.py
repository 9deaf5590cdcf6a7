"""One file for each rule kind, all with the same shape: `judge(name, rule, case) -> Outcome`. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ftsafety_spec.gate.context import Case, Outcome
from ftsafety_spec.gate.rules import (
    bands,
    ceiling,
    concern,
    expiry,
    floor,
    grader_agreement,
    minimum_evidence,
    requires_review,
)

JUDGES: dict[str, Callable[[str, Any, Case], Outcome]] = {
    "bands": bands.judge,
    "ceiling": ceiling.judge,
    "concern": concern.judge,
    "expiry": expiry.judge,
    "floor": floor.judge,
    "grader_agreement": grader_agreement.judge,
    "minimum_evidence": minimum_evidence.judge,
    "requires_review": requires_review.judge,
}
