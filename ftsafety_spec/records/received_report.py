"""Commit, then reveal: that a report was received, and what its sample was drawn by afterwards. Frozen records; anybody
who has both can draw the same sample again."""

from __future__ import annotations

from typing import ClassVar

from ftsafety_spec.records.base import Digest, Moment, Record, digest_of


class Commitment(Record):
    """That a report was received. `form`: in which it came; `source`: digest of its file."""

    KIND: ClassVar[str] = "received-report"

    report: Digest
    variant: str
    received: Moment
    form: str
    source: Digest | None


class Draw(Record):
    """What a sample is drawn by. `seed`: digest of the commitment and of `nonce`, which was made after it."""

    KIND: ClassVar[str] = "sample-seed"

    commitment: Digest
    nonce: str
    seed: Digest


def seed_of(commitment: Commitment, nonce: str) -> str:
    """What a sample is drawn by: nobody knows it before the commitment is made."""
    return digest_of([commitment.compute_digest(), nonce])
