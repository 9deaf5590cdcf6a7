"""Signatures on single pieces of evidence: who contributed them can show it. Given evidence and a signer, gives signed
evidence; given trusted keys, says whether a signature is valid, invalid or by an unknown key. Bytes as in DSSE."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ftsafety_spec.attest.envelope import State
from ftsafety_spec.records.base import canonical
from ftsafety_spec.records.evidence import Evidence

if TYPE_CHECKING:
    from ftsafety_spec.attest.library import CryptoSigner
    from ftsafety_spec.attest.trust import TrustedKey

EVIDENCE_TYPE = "application/vnd.ftsafety.evidence+json"


def sign_evidence(item: Evidence, signer: CryptoSigner) -> Evidence:
    """The evidence, naming the key, with a signature over all of it but the signature itself."""
    named = item.model_copy(update={"by": item.by.model_copy(update={"key": signer.public_key.keyid})})
    return named.model_copy(update={"signature": signer.sign(_bytes(named)).signature})


def check_evidence(item: Evidence, keys: Iterable[TrustedKey]) -> State | None:
    """How a signature stands to the trusted keys; None where there is none."""
    from securesystemslib.exceptions import UnverifiedSignatureError

    from ftsafety_spec.attest.library import Signature

    if item.signature is None or item.by.key is None:
        return None if item.signature is None else "invalid"
    key = next((key for key in keys if key.keyid == item.by.key), None)
    if key is None:
        return "unknown"
    try:
        key.public_key().verify_signature(Signature(key.keyid, item.signature), _bytes(item))
    except (UnverifiedSignatureError, ValueError):
        return "invalid"
    return "valid"


def _bytes(item: Evidence) -> bytes:
    """DSSE's pre-authentication encoding of the evidence."""
    from ftsafety_spec.attest.library import Envelope

    plain = {name: value for name, value in item.plain().items() if name != "signature"}
    message: bytes = Envelope(canonical(plain), EVIDENCE_TYPE, {}).pae()
    return message
