"""Rule kinds: one file each, one function `judge(name, rule, case)`. A closed set, as in `spec.policy.Rule`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ftsafety_spec.gate.case import Case, Judged
from ftsafety_spec.gate.rules import (
    bands,
    budget,
    ceiling,
    concern,
    expiry,
    findings,
    floor,
    grader_agreement,
    grader_quality,
    minimum_evidence,
    provider_verification,
    requires_review,
    weight_findings,
)

RULES: dict[str, Callable[[str, Any, Case], Judged]] = {
    "bands": bands.judge,
    "ceiling": ceiling.judge,
    "floor": floor.judge,
    "concern": concern.judge,
    "minimum_evidence": minimum_evidence.judge,
    "findings": findings.judge,
    "weight_findings": weight_findings.judge,
    "grader_agreement": grader_agreement.judge,
    "grader_quality": grader_quality.judge,
    "provider_verification": provider_verification.judge,
    "budget": budget.judge,
    "expiry": expiry.judge,
    "requires_review": requires_review.judge,
}
