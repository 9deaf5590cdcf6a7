"""What follows from the evidence: an action, a decision, and everything that led there."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ftsafety_spec.records.base import Digest, Moment, Part, Record
from ftsafety_spec.records.locked import Loosened
from ftsafety_spec.spec.common import Action, Decision
from ftsafety_spec.spec.policy import MonitoringLevel, PolicyFacts

Result = Literal["within", "flag", "shown", "unclear"]
EXIT: dict[Decision, int] = {"go": 0, "pending": 3, "no_go": 10}
"""Exit status by decision; 1 fault, 2 input, 4 incomplete and 5 verification are in `errors`."""


class Finding(Part):
    """One rule's reading of one cell (or of the evidence as a whole). `sentence` says it in plain words."""

    rule: str
    kind: str
    variant: str | None
    cell: str | None = None
    read: Literal["pessimistic", "estimate", "shrunken", "shown"] | None = None
    value: float | None = None
    interval: tuple[float, float] | None = None
    threshold: float | None = None
    result: Result
    action: Action
    sentence: str
    settles_with: int | None = None
    waived_by: str | None = None


class Obligation(Part):
    """What people owe before (state open) or have given (state met)."""

    kind: str
    by: str
    people: int
    state: Literal["open", "met"]
    detail: str
    due: str | None = None


class Missing(Part):
    """A minimum that is not met, and what would meet it."""

    rule: str
    need: str
    asked: Any
    found: Any
    how: str


class ThreatRow(Part):
    """R-10 to R-13, R-63: which methods for a threat ran, which did not."""

    id: str
    title: str
    expected: str
    ran: tuple[str, ...]
    not_run: tuple[str, ...]


class Gap(Part):
    """R-47 to R-51 and the three sentences on what no evaluation can show."""

    id: str
    title: str
    sentence: str


class PolicyUsed(Part):
    """The policy that judged."""

    name: str
    digest: Digest
    extends: tuple[str, ...]
    looser: tuple[Loosened, ...]


class GraderUsed(Part):
    """Who read an outcome, and the certificate of its measured error; null: unknown."""

    outcome: str
    role: str
    grader: str
    identity: Digest
    certificate: Digest | None = None


class VerdictInputs(Part):
    """Digests of what the gate read."""

    spec: Digest
    plan: Digest
    comparison: Digest
    evidence: Digest


class Verdict(Record):
    """gate(records, as_of): equal inputs, equal bytes. `monitoring`: the level that the action obliges to; `watch`:
    what the policy asks for at that level and at this risk, null where it says nothing of the level."""

    KIND: ClassVar[str] = "verdict"

    title: str
    as_of: str
    inputs: VerdictInputs
    policy: PolicyUsed
    facts: PolicyFacts
    variants: dict[str, Action]
    action: Action
    decision: Decision
    exit: int
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    obligations: tuple[Obligation, ...]
    missing: tuple[Missing, ...]
    not_possible: dict[str, str]
    not_measured: dict[str, str]
    overrides: tuple[str, ...] = ()
    graders: tuple[GraderUsed, ...] = ()
    threats: tuple[ThreatRow, ...]
    gaps: tuple[Gap, ...]
    monitoring: str | None
    watch: MonitoringLevel | None = None
    measured_at: Moment | None = None
    expires: str | None
