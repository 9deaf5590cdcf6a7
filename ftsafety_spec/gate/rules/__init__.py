"""Rule kinds: one file each, one function `judge(name, rule, case)`. A closed set, as in `spec.policy.Rule`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ftsafety_spec.gate.case import Case, Judged
from ftsafety_spec.gate.rules import (
    bands,
    ceiling,
    concern,
    expiry,
    floor,
    grader_agreement,
    grader_quality,
    minimum_evidence,
    requires_review,
)

RULES: dict[str, Callable[[str, Any, Case], Judged]] = {
    "bands": bands.judge,
    "ceiling": ceiling.judge,
    "floor": floor.judge,
    "concern": concern.judge,
    "minimum_evidence": minimum_evidence.judge,
    "grader_agreement": grader_agreement.judge,
    "grader_quality": grader_quality.judge,
    "expiry": expiry.judge,
    "requires_review": requires_review.judge,
}
