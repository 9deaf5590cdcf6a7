"""Signed evaluation reports: an in-toto statement whose predicate is the report, in a DSSE envelope of its own.
Given a report and a signer, gives the file's text; given a file, its report and how each signature stands to the
trusted keys. A report whose signature does not hold is never given back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from ftsafety_spec.attest.envelope import check_signatures, envelope_of, read_envelopes, sign, write_envelopes
from ftsafety_spec.attest.statement import Statement, Subject, provider_model_digest
from ftsafety_spec.attest.trust import Trust, TrustedKey
from ftsafety_spec.errors import VerificationError, Where
from ftsafety_spec.records.evaluation_report import EvaluationReport, ModelClaim

if TYPE_CHECKING:
    from ftsafety_spec.attest.library import CryptoSigner

EVALUATION_TYPE: Literal["urn:ftsafety-spec:schema:evaluation-report:1"] = (
    "urn:ftsafety-spec:schema:evaluation-report:1"
)


class EvaluationStatement(Statement[dict[str, Any]]):
    """A report, about the model that it names. The predicate is the record as its file has it, without `meta`."""

    predicateType: Literal["urn:ftsafety-spec:schema:evaluation-report:1"] = EVALUATION_TYPE


@dataclass(frozen=True)
class Signer:
    """How one signature stands: `valid` counts; `untrusted` shows nothing. One that is invalid is an error instead."""

    state: Literal["valid", "untrusted"]
    keyid: str
    key: TrustedKey | None
    why: str


def sign_report(report: EvaluationReport, signers: Sequence[CryptoSigner]) -> str:
    """The text of a file that holds the signed report: one envelope."""
    predicate = {name: value for name, value in report.whole().to_json().items() if name != "meta"}
    statement = EvaluationStatement(subject=(_subject(report.model),), predicate=predicate)
    envelope = envelope_of(statement.payload())
    for signer in signers:
        sign(envelope, signer)
    return write_envelopes([envelope])


def read_signed_report(
    path: Path, trust: Trust, at: date, spec: str, policy: str
) -> tuple[EvaluationReport, list[Signer]]:
    """The report of an envelope, and its signers. Raises VerificationError FTS-152 where the file holds anything else,
    or where a trusted key's signature is not over it; pydantic's ValidationError where the report is not sound."""
    envelopes = read_envelopes(path)
    if len(envelopes) != 1:
        raise _wrong(path, f"it holds {len(envelopes)} envelopes, expected one")
    found = check_signatures(envelopes[0], trust.keys)
    invalid = [item for item in found if item.state == "invalid"]
    if invalid:
        name = invalid[0].key.name if invalid[0].key is not None else invalid[0].keyid[:12]
        raise _wrong(path, f"the signature of {name} is not over it: it was changed after it was signed, or forged")
    report = _report(path, envelopes[0].payload)
    return report, [_signer(item.keyid, item.key, trust, at, spec, policy) for item in found]


def _report(path: Path, payload: bytes) -> EvaluationReport:
    try:
        statement = EvaluationStatement.model_validate(json.loads(payload))
    except (ValidationError, ValueError, RecursionError) as error:
        raise _wrong(path, "its statement is no evaluation report") from error
    report = EvaluationReport.from_json(statement.predicate)
    if statement.subject != (_subject(report.model),):
        raise _wrong(path, "its statement is about another model than its report")
    return report


def _signer(keyid: str, key: TrustedKey | None, trust: Trust, at: date, spec: str, policy: str) -> Signer:
    if key is None:
        return Signer(
            "untrusted", keyid, None, f"nobody here trusts key {keyid[:12]} ({trust.place or 'no trust file'})"
        )
    refused = key.refuses_for(spec, policy, at)
    if refused is not None:
        return Signer("untrusted", keyid, key, refused)
    return Signer("valid", keyid, key, f"{key.name}, {key.role}, trusted by {trust.place}")


def _subject(model: ModelClaim) -> Subject:
    if model.weights is not None and not model.adapters:
        return Subject(name=model.name, digest={"sha256": model.weights.removeprefix("sha256:")})
    if model.adapters:
        return Subject(name=model.name, digest={"sha256": model.adapters[-1].removeprefix("sha256:")})
    digest = provider_model_digest(model.provider or "", model.job or model.name)
    return Subject(name=model.name, digest={"provider_model": digest.removeprefix("sha256:")})


def _wrong(path: Path, why: str) -> VerificationError:
    return VerificationError(f"no signed report can be read: {why}.", code="FTS-152", where=Where(file=str(path)))
