"""From which `sure` on a grader decides by itself. Given its certificate and the error that is let pass, gives the
threshold; a grader without a certificate of its own is refused, never trusted."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ftsafety_spec.errors import InputError
from ftsafety_spec.records.certificate import Threshold
from ftsafety_spec.spec.suite import Escalation

NEVER = 1.0
"""The threshold that only a reading which is wholly sure reaches."""


def certified(grader: str, outcome: str, identity: str, escalate: Escalation) -> float:  # noqa: ARG001
    """The threshold of a grader as it is installed. Raises InputError where it has no certificate."""
    raise InputError(
        f"{grader} has no certificate for {outcome}, so no threshold can be taken from it.",
        code="FTS-127",
        hint=f"`ftsafety graders certify {grader} --labels FILE` makes one; or say `below: 0.9`.",
    )


def threshold_of(rows: Iterable[Threshold], error: float) -> float | None:
    """The smallest `sure` at and above which the upper end of the certified error (95 %, clustered by prompt) is at
    most `error`; None where no row of the certificate shows so little."""
    able: float | None = None
    for row in sorted(rows, key=lambda item: item.sure, reverse=True):
        if not _shows(row, error):
            break
        able = row.sure
    return able


def _shows(row: Threshold, error: float) -> bool:
    ends = row.error_binary.interval
    return ends is not None and math.isfinite(ends[1]) and ends[1] <= error
