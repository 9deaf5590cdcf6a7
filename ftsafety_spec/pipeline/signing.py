"""Signing a judged run, and asking a signed verdict whether an artefact may be deployed.
Given a run folder or a file of signed statements, signs or answers. Never goes out to a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ftsafety_spec.attest.admission import Admission, Artefact, Signer, admit
from ftsafety_spec.attest.build import statements_of
from ftsafety_spec.attest.bundle import read_bundle, voices
from ftsafety_spec.attest.envelope import FILE_NAME, envelope_of, read_envelopes, sign, write_envelopes
from ftsafety_spec.attest.keyless import BUNDLE_NAME, read_keyless, sign_keyless
from ftsafety_spec.attest.keys import NAME
from ftsafety_spec.attest.statement import VerdictPredicate
from ftsafety_spec.attest.trust import FOLDER, Trust, TrustedKey, read_public, read_trust, write_trusted
from ftsafety_spec.compose import find_project
from ftsafety_spec.errors import InputError, VerificationError, Where
from ftsafety_spec.pipeline.prepare import open_run
from ftsafety_spec.pipeline.stages import verify_run
from ftsafety_spec.records.folder import RunFolder, write_atomically
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.verify import Asked, Check, manifest_of
from ftsafety_spec.verify.signatures import SIGNATURES, signable

if TYPE_CHECKING:
    from ftsafety_spec.attest.library import CryptoSigner, Envelope


@dataclass(frozen=True)
class SignedRun:
    """What signing left: the file, the ids of all keys on it, and whether signatures of an earlier state went."""

    path: Path
    keyids: tuple[str, ...]
    replaced: int


def sign_run(folder: RunFolder, signer: CryptoSigner) -> SignedRun:
    """Sign the verdict of a run, whatever it says, and write the envelope into the folder and its manifest. Another
    key's signature on the same state stays; those on an earlier state go. Raises VerificationError where the folder
    does not verify: what is not so is not signed."""
    made = _statements(folder)
    path, before = folder.root / FILE_NAME, _signed_before(folder)
    same = [item.payload for item in before] == made
    envelopes = before if same else [envelope_of(payload) for payload in made]
    for envelope in envelopes:
        sign(envelope, signer)
    write_atomically(path, write_envelopes(envelopes))
    folder.write_manifest(manifest_of(folder))
    gone, held = ({keyid for item in items for keyid in item.signatures} for items in (before, envelopes))
    return SignedRun(path, tuple(sorted(held)), len(gone - held))


def sign_run_keyless(folder: RunFolder) -> SignedRun:
    """As `sign_run`, without a key: a sigstore bundle over the verdict's statement, in a file of its own. Goes out to
    the network. Raises InputError FTS-120 where the extra is missing, FTS-133 where nothing was signed."""
    path = folder.root / BUNDLE_NAME
    made, certificate = sign_keyless(_statements(folder)[0])
    replaced = int(path.exists())
    write_atomically(path, made + "\n")
    folder.write_manifest(manifest_of(folder))
    return SignedRun(path, (certificate,), replaced)


def _statements(folder: RunFolder) -> list[bytes]:
    """What is signed of a run, the verdict first. Raises VerificationError where the folder does not verify."""
    broken = [item for item in verify_run(folder).failed() if not item.name.startswith(SIGNATURES)]
    if broken:
        raise _broken(folder, broken[0], len(broken))
    records = folder.read(LockedSpec), folder.read(LockedPolicy), folder.read(Plan), folder.read(Verdict)
    return [statement.payload() for statement in statements_of(*records, signable(folder))]


def _signed_before(folder: RunFolder) -> list[Envelope]:
    """Envelopes that are there; none where the file is not there or is not readable: it is written anew."""
    try:
        return read_envelopes(folder.root / FILE_NAME)
    except VerificationError:
        return []


def trust_of(place: Path | None) -> Trust:
    """The trusted keys: of a file or folder, else of `trust/` in the project around the working folder. None of the
    run's own project: whoever sends a run could send keys with it. Without any place, nobody is trusted."""
    if place is not None:
        return read_trust(place)
    try:
        folder = find_project(Path.cwd()).root / FOLDER
    except InputError:
        return Trust()
    return read_trust(folder) if folder.is_dir() else Trust()


def trust_key(file: Path, place: Path | None, **scope: Any) -> tuple[Path, TrustedKey]:
    """Trust the public key of a file: write it to `trust/NAME.yaml` of the project, or of another folder. `scope`:
    role, specs, policies, until. Raises InputError FTS-134 where its name is taken by another key."""
    public = read_public(file)
    if not NAME.match(public.name):
        raise InputError(f"{public.name!r} is no name for a key.", code="FTS-134", where=Where(file=str(file)))
    folder = place or find_project(Path.cwd()).root / FOLDER
    target = folder / f"{public.name}.yaml"
    try:
        key = TrustedKey.model_validate({**public.model_dump(), **scope})
    except ValidationError as error:
        raise InputError(f"{error.errors()[0]['msg']}: {scope}.", code="FTS-134") from error
    if any(known.keyid != key.keyid for known in (read_trust(target).keys if target.exists() else ())):
        raise InputError("another key of this name is trusted.", code="FTS-134", where=Where(file=str(target)))
    write_trusted(target, [key])
    return target, key


def admit_artefacts(given: Sequence[str], verdict: Path, trust: Trust, at: date) -> Admission:
    """Whether artefacts that are deployed together are what a trusted, unexpired go is about. `verdict`: a run folder,
    which is verified as a whole, or a file of signed statements. Raises VerificationError FTS-152 where no trusted
    signature holds, InputError FTS-134 where nobody is trusted, FTS-111 for a path that is not there."""
    if not trust.keys and not trust.identities:
        raise InputError(
            "no key is trusted here.",
            code="FTS-134",
            where=Where(file=trust.place),
            hint="`ftsafety keys trust FILE --role ROLE` trusts one; --trust names a file.",
        )
    signed, signers = _believed(verdict, trust, at)
    return admit([_artefact(item, signed) for item in given], signed, signers, at)


def _believed(verdict: Path, trust: Trust, at: date) -> tuple[VerdictPredicate, list[Signer]]:
    path = verdict
    if verdict.is_dir():
        folder = open_run(verdict)
        path = _signature_of(folder, trust)
        if not path.exists():
            raise _unsigned(path, "this run is not signed", "`ftsafety sign RUN --key NAME` signs it.")
        failed = verify_run(folder, Asked(trust, at)).failed()
        if failed:
            raise _broken(folder, failed[0], len(failed))
    if path.name == BUNDLE_NAME or path.suffix == ".json":
        return _believed_keyless(path, trust, at)
    bundle = read_bundle(path)
    found = voices(bundle, trust, at)
    invalid = [voice for voice in found if voice.state == "invalid"]
    if invalid:
        raise _unsigned(path, f"the signature of {invalid[0].name} {invalid[0].why}", "Do not deploy on it.")
    valid = [voice.key for voice in found if voice.state == "valid" and voice.key is not None]
    if not valid:
        raise _unsigned(path, f"no trusted signature: {found[0].why}", "`ftsafety keys list` shows who is trusted.")
    return bundle.signed, [Signer(name=key.name, role=key.role, keyid=key.keyid) for key in valid]


def _signature_of(folder: RunFolder, trust: Trust) -> Path:
    """The signatures by keys; where there are none, or no key is trusted, the keyless one."""
    by_key, keyless = (folder.root / name for name in SIGNATURES)
    return keyless if keyless.exists() and not (by_key.exists() and trust.keys) else by_key


def _believed_keyless(path: Path, trust: Trust, at: date) -> tuple[VerdictPredicate, list[Signer]]:
    found = read_keyless(path, trust, at)
    if found.state == "valid" and found.signed and found.identity and found.certificate:
        return found.signed, [Signer(name=found.identity.name, role=found.identity.role, keyid=found.certificate)]
    hint = "`identities` of a trust file say who signs without a key."
    raise _unsigned(path, f"no trusted signature: {found.why}", hint)


def _artefact(given: str, signed: VerdictPredicate) -> Artefact:
    """A path by its digests; a name by itself, where the verdict is about a provider's model."""
    from ftsafety_spec.providers.artefacts import artefact_digests

    path = Path(given).expanduser()
    if path.exists():
        digests, uncovered = artefact_digests(path)
        return Artefact(given=given, digests=digests, uncovered=uncovered)
    if not any(item.deploy and item.identity.provider is not None for item in signed.judged):
        raise InputError("no such artefact.", code="FTS-111", where=Where(file=given))
    return Artefact(given=given)


def _broken(folder: RunFolder, first: Check, count: int) -> VerificationError:
    more = f" (and {count - 1} more)" if count > 1 else ""
    return VerificationError(
        f"this run does not verify: {first.name}: {first.detail}{more}.",
        where=Where(file=str(folder.root)),
        hint=f"`ftsafety verify {folder.root}` names everything.",
    )


def _unsigned(path: Path, message: str, hint: str) -> VerificationError:
    return VerificationError(f"{message}.", code="FTS-152", where=Where(file=str(path)), hint=hint)
