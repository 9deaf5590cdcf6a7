"""A file of signed statements as a whole: the one verdict in it, and how each key stands to it.
Given a file and trusted keys, gives voices. A signature under any other statement never speaks for the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ftsafety_spec.attest.envelope import check_signatures, read_envelopes
from ftsafety_spec.attest.statement import TestResultStatement, VerdictPredicate, VerdictStatement, read_statement
from ftsafety_spec.attest.trust import Trust, TrustedKey
from ftsafety_spec.errors import VerificationError, Where

if TYPE_CHECKING:
    from ftsafety_spec.attest.library import Envelope


@dataclass(frozen=True)
class Bundle:
    """The signed verdict, its envelope, and the envelopes of what stands beside it."""

    path: Path
    verdict: VerdictStatement
    envelope: Envelope
    beside: tuple[Envelope, ...]

    @property
    def signed(self) -> VerdictPredicate:
        """What the verdict's statement says."""
        return self.verdict.predicate


@dataclass(frozen=True)
class Voice:
    """How a key stands to the signed verdict: `valid` counts; `untrusted` says nothing; `invalid` is tampering."""

    keyid: str
    state: Literal["valid", "untrusted", "invalid"]
    key: TrustedKey | None
    why: str

    @property
    def name(self) -> str:
        """The trusted key's name, else the beginning of its id."""
        return self.key.name if self.key is not None else self.keyid[:12]


def read_bundle(path: Path) -> Bundle:
    """The signed statements of a file. Raises VerificationError FTS-152 where it does not hold exactly one verdict, or
    where what stands beside it is about something else."""
    envelopes = read_envelopes(path)
    read = [(item, read_statement(item.payload)) for item in envelopes]
    verdicts = [(item, found) for item, found in read if isinstance(found, VerdictStatement)]
    if len(verdicts) != 1:
        raise _wrong(path, f"it holds {len(verdicts)} signed verdicts, expected one")
    envelope, verdict = verdicts[0]
    for _, found in read:
        if isinstance(found, TestResultStatement) and not _agrees(found, verdict.predicate):
            raise _wrong(path, "the test result beside the verdict is about another verdict")
    return Bundle(path, verdict, envelope, tuple(item for item, _ in read if item is not envelope))


def voices(bundle: Bundle, trust: Trust, at: date) -> list[Voice]:
    """One voice a key that signed the verdict, and one for each key whose signature beside it does not hold."""
    found = list(_speaking(bundle, trust, at))
    heard = {voice.keyid for voice in found if voice.state == "invalid"}
    for envelope in bundle.beside:
        for signed in check_signatures(envelope, trust.keys):
            if signed.state == "invalid" and signed.keyid not in heard:
                found.append(
                    Voice(signed.keyid, "invalid", signed.key, "does not fit the test result beside the verdict")
                )
    return found


def _speaking(bundle: Bundle, trust: Trust, at: date) -> Iterator[Voice]:
    for signed in check_signatures(bundle.envelope, trust.keys):
        if signed.key is None:
            place = trust.place or "any trust file"
            yield Voice(signed.keyid, "untrusted", None, f"key {signed.keyid} is not among the keys of {place}")
        elif signed.state == "invalid":
            why = "does not fit what it stands on: changed after it was signed, or forged"
            yield Voice(signed.keyid, "invalid", signed.key, why)
        elif (refused := signed.key.refuses(bundle.signed, at)) is not None:
            yield Voice(signed.keyid, "untrusted", signed.key, refused)
        else:
            why = f"{signed.key.name}, {signed.key.role}, trusted by {trust.place}"
            yield Voice(signed.keyid, "valid", signed.key, why)


def _agrees(result: TestResultStatement, verdict: VerdictPredicate) -> bool:
    wanted = {item.digest.removeprefix("sha256:") for item in (verdict.spec, verdict.policy)}
    wanted.add(verdict.plan.removeprefix("sha256:"))
    found = {item.digest.get("sha256") for item in result.predicate.configuration}
    return wanted == found and (result.predicate.result != "FAILED") == (verdict.decision == "go")


def _wrong(path: Path, why: str) -> VerificationError:
    return VerificationError(f"no signed verdict can be read: {why}.", code="FTS-152", where=Where(file=str(path)))
