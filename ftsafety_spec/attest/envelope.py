"""DSSE envelopes: statements' bytes with signatures, one envelope a line, as in in-toto's bundles.
Given bytes and keys, signs and checks. Never reads a payload before a signature was looked at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ftsafety_spec.errors import VerificationError, Where

if TYPE_CHECKING:
    from ftsafety_spec.attest.library import CryptoSigner, Envelope
    from ftsafety_spec.attest.trust import TrustedKey

FILE_NAME = "verdict.intoto.jsonl"
"""The file of a run folder that holds the signed statements."""
PAYLOAD_TYPE = "application/vnd.in-toto+json"
_MOST_BYTES = 64 * 2**20

State = Literal["valid", "invalid", "unknown"]


class _Signature(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    keyid: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    sig: str


class _Line(BaseModel):
    """The JSON of an envelope; fields that the standard does not know are passed over, as it asks."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    payload: str
    payloadType: Literal["application/vnd.in-toto+json"]
    signatures: tuple[_Signature, ...] = Field(min_length=1, max_length=100)


@dataclass(frozen=True)
class Signed:
    """One signature on one envelope, as it stands to the trusted keys."""

    keyid: str
    state: State
    key: TrustedKey | None


def envelope_of(payload: bytes) -> Envelope:
    """An envelope without a signature."""
    from ftsafety_spec.attest.library import Envelope

    return Envelope(payload, PAYLOAD_TYPE, {})


def sign(envelope: Envelope, signer: CryptoSigner) -> None:
    """Add (or replace) the signer's signature over the envelope's bytes."""
    envelope.sign(signer)


def check_signatures(envelope: Envelope, keys: Iterable[TrustedKey]) -> list[Signed]:
    """Each signature: `valid` by a trusted key, `invalid` under the key it names, or by an `unknown` key."""
    from securesystemslib.exceptions import UnverifiedSignatureError

    known, message = {key.keyid: key for key in keys}, envelope.pae()
    found = []
    for keyid, signature in sorted(envelope.signatures.items()):
        key = known.get(keyid)
        state: State = "unknown"
        if key is not None:
            try:
                key.public_key().verify_signature(signature, message)
                state = "valid"
            except UnverifiedSignatureError:
                state = "invalid"
        found.append(Signed(keyid, state, key))
    return found


def write_envelopes(envelopes: Sequence[Envelope]) -> str:
    """JSON Lines: one envelope a line, keys and signatures in one order."""
    return "".join(json.dumps(_plain(item), sort_keys=True, separators=(",", ":")) + "\n" for item in envelopes)


def read_envelopes(path: Path) -> list[Envelope]:
    """All envelopes of a file. Raises VerificationError FTS-152 where it holds anything else, or nothing."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is too large")
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [_read(line) for line in lines]
        if not found:
            raise ValueError("it is empty")
    except ValidationError as error:
        first = error.errors()[0]
        why = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
        raise _unreadable(path, why) from error
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(path, str(error).splitlines()[0]) from error
    return found


def _read(line: str) -> Envelope:
    from ftsafety_spec.attest.library import Envelope

    data = _Line.model_validate(json.loads(line, object_pairs_hook=_once)).model_dump()
    made: Envelope = Envelope.from_dict(data)  # twice the same key id is a ValueError
    return made


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping, where no key stands twice: two readers might take different ones."""
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key stands twice")
    return data


def _plain(envelope: Envelope) -> dict[str, Any]:
    data: dict[str, Any] = envelope.to_dict()
    return {**data, "signatures": sorted(data["signatures"], key=lambda item: str(item["keyid"]))}


def _unreadable(path: Path, why: str) -> VerificationError:
    return VerificationError(f"no signed statement can be read: {why}.", code="FTS-152", where=Where(file=str(path)))
