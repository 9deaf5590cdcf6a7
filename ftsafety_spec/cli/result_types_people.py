"""What the commands for people and their keys print with `--format json`: label, review, evidence, assess, accept,
sign, keys. As `result_types`: types alone."""

from __future__ import annotations

from ftsafety_spec.attest.trust import TrustedIdentity, TrustedKey
from ftsafety_spec.cli.result_types import Closed
from ftsafety_spec.pipeline.agreement import Agree
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.weights import WeightReport


class Signed(Closed):
    """`sign`."""

    run: str
    file: str
    keyid: str
    signatures: list[str]
    replaced: int
    next: str


class Exported(Closed):
    """`label --export`, `review --export`: rows for a person to fill in."""

    run: str
    file: str
    rows: int
    next: str


class LabelsTaken(Closed):
    """`label --labels`."""

    run: str
    labels: int
    answers: int
    aside: int
    waiting: int
    next: str


class QueueItem(Closed):
    """One item of a review queue; it does not say which answer is whose."""

    id: str
    why: list[str]
    outcome: str
    suite: str
    task: str
    prompt_id: str
    category: str
    answers: list[str]
    words: list[str]
    judged: bool


class QueueFlag(Closed):
    """One finding that a person approves or rejects."""

    id: str
    sentence: str
    open: bool


class Queue(Closed):
    """`review`."""

    run: str
    items: list[QueueItem]
    findings: list[QueueFlag]
    counts: dict[str, int]


class ReviewAgreement(Closed):
    """`review --agreement`."""

    run: str
    agreement: list[Agree]


class ReviewTaken(Closed):
    """`review --answers`."""

    run: str
    by: str
    judged: int
    labels: int
    compared: bool
    approved: int
    rejected: int
    warning: str | None
    next: str


class EvidenceAdded(Closed):
    """`evidence`."""

    run: str
    evidence: Evidence
    next: str


class SignoffTaken(Closed):
    """`assess --file`, `accept --file`."""

    run: str
    evidence: Evidence
    warnings: list[str]
    next: str


class Template(Closed):
    """`assess`, `accept`: a file for a person to fill in."""

    run: str
    file: str
    next: str


class OwnKey(Closed):
    """One own key."""

    name: str
    keyid: str | None
    private: str
    public: str


class KeyMade(OwnKey):
    """`keys new`."""

    next: str


class Keys(Closed):
    """`keys list`."""

    own: list[OwnKey]
    folder: str
    place: str | None
    keys: list[TrustedKey]
    identities: list[TrustedIdentity]


class KeyTrusted(Closed):
    """`keys trust`."""

    file: str
    key: TrustedKey


class Weighed(Closed):
    """`weights`, `activations`: variant to the body of its evidence, or to the reason why there is none."""

    run: str
    variants: dict[str, WeightReport]
    not_possible: dict[str, str]
    added: list[str]
    next: str
