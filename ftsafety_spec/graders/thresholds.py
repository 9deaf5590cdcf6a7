"""From which `sure` on a grader decides by itself. Given its certificate and the error that is let pass, gives the
threshold; a grader without a certificate of its own, or with one that shows too little, is refused."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.records.certificate import Certificate, Threshold
from ftsafety_spec.spec.suite import Escalation


def certified(grader: str, certificate: Certificate | None, escalate: Escalation, key: str) -> float:
    """The threshold that a certificate gives. `key`: where the choice stands. Raises InputError FTS-127 where there is
    no certificate, or no threshold of it shows as little error as `escalate.error`."""
    if certificate is None:
        raise InputError(
            f"{grader} has no certificate for this outcome, so no threshold can be taken from it.",
            code="FTS-127",
            where=Where(key=f"{key}.below"),
            hint=f"`ftsafety graders certify {grader} --labels FILE` makes one; or say for example `below: 0.9`.",
        )
    found = threshold_of(certificate.thresholds, escalate.error)
    if found is None:
        ends = [row.error_binary.interval[1] for row in certificate.thresholds if row.error_binary.interval]
        raise InputError(
            f"the certificate of {grader} shows no error as low as {escalate.error:g}; its least upper "
            f"bound is {min(ends, default=1.0):.3f}.",
            code="FTS-127",
            where=Where(key=f"{key}.error"),
            hint="Let more pass, certify on more labels, or name a number with `below:`.",
        )
    return found


def threshold_of(rows: Iterable[Threshold], error: float) -> float | None:
    """The smallest `sure` from which on the certified error (cut at 0.5) has an upper bound (95 %, clustered by prompt)
    of at most `error`; None where no row shows so little."""
    able = [row.sure for row in rows if _shows(row, error)]
    return min(able, default=None)


def _shows(row: Threshold, error: float) -> bool:
    ends = row.error_binary.interval
    return ends is not None and math.isfinite(ends[1]) and ends[1] <= error
