"""What people and other systems contribute: one append-only envelope for all kinds."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ftsafety_spec.records.base import Digest, Moment, Part, Record

EvidenceKind = Literal[
    "review",
    "risk_acceptance",
    "risk_assessment",
    "session",
    "waiver_approval",
    "investigation",
    "weights",
    "provider_report",
    "finding",
    "cohort",
    "calibration",
    "feedback",
]
OF_RESULTS: tuple[EvidenceKind, ...] = ("review", "risk_acceptance", "risk_assessment", "investigation")
"""Who gives these judges results: they are about one very comparison."""
SIGNED: tuple[EvidenceKind, ...] = (*OF_RESULTS, "waiver_approval")
"""What people sign; everything else is what they sign upon."""


class By(Part):
    """Who contributed it."""

    name: str
    role: str
    key: str | None = None


class Evidence(Record):
    """One piece of evidence. `body` by kind: review {verdict: approve|reject, items};
    session {minutes, focus, prompts}; risk_acceptance {conditions}; waiver_approval {rule}; weights {analyses}."""

    KIND: ClassVar[str] = "evidence"

    kind: EvidenceKind
    subject: tuple[Digest, ...]
    by: By
    at: Moment
    valid_until: Moment | None = None
    body: dict[str, Any]
    satisfies: tuple[str, ...] = ()
    signature: str | None = None
