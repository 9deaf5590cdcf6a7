"""When a stronger reader follows a cheap one: where the cheap one is not sure, and on a random audit share of the rest.
Given a cheap reading and an answer's key, says which; equal keys and seeds always draw the same. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from ftsafety_spec.records.base import Digest, Part

PEOPLE = "people"
"""Names people as the stronger reader, and as the grader of their labels."""
WAITING = "waiting for a person"
"""Why an answer that nobody has labelled yet is unscored."""

Why = Literal["escalated", "audit"]
_DIGITS = 12


class Cascade(Part):
    """The level below a stronger reader: the cheap grader, the `sure` from which it decides by itself, and the share of
    what it decided that is read again by chance."""

    grader: str
    identity: Digest
    below: float = Field(ge=0, le=1)
    audit: float = Field(ge=0, le=1)

    @property
    def line(self) -> str:
        """Answers are audited where the first hexadecimal digits of their draw sort before this."""
        return "g" if self.audit >= 1 else f"{int(self.audit * 16**_DIGITS):0{_DIGITS}x}"

    @property
    def share(self) -> float:
        """The chance with which `line` lets an answer be audited: `audit`, rounded down to a multiple of 16^-12."""
        return 1.0 if self.audit >= 1 else int(self.audit * 16**_DIGITS) / 16**_DIGITS

    def decides(self, reading: Mapping[str, Any] | None) -> bool:
        """True where the cheap grader's reading (value, sure) stands by itself. Unscored, or sure unknown: never."""
        if reading is None or reading.get("value") is None or reading.get("sure") is None:
            return False
        return bool(reading["sure"] >= self.below)

    def audited(self, answer: str, seed: int) -> bool:
        """True where chance picks this answer (SHA-256 of seed and answer key: the same in every run)."""
        return draw(answer, seed) < self.line

    def why(self, reading: Mapping[str, Any] | None, answer: str, seed: int) -> Why | None:
        """Why the stronger reader is asked; None where it is not."""
        if not self.decides(reading):
            return "escalated"
        return "audit" if self.audited(answer, seed) else None


def draw(answer: str, seed: int) -> str:
    """An answer's draw: the first 12 hexadecimal digits, even over 0 to 16^12."""
    return hashlib.sha256(f"{seed}:{answer}".encode()).hexdigest()[:_DIGITS]
