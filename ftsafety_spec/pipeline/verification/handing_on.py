"""A report in the published form, for handing on. Given a report and a signer, writes a file: bare JSON, or a signed
statement. Never over a file that is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ftsafety_spec.attest.evaluation import sign_report
from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.records.evaluation_report import EvaluationReport
from ftsafety_spec.records.folder import write_atomically

if TYPE_CHECKING:
    from ftsafety_spec.attest.library import CryptoSigner


def hand_on(report: EvaluationReport, out: Path, signer: CryptoSigner | None = None) -> None:
    """Write it. Raises InputError FTS-113 where the file exists."""
    if out.exists():
        raise InputError("this file is there already.", code="FTS-113", where=Where(str(out)), hint="Name another.")
    if signer is not None:
        write_atomically(out, sign_report(report, [signer]))
        return
    plain = report.whole().to_json()
    write_atomically(out, json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
