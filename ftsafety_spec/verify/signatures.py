"""Signatures of a run folder: who signed which state of it. Given a folder and the trusted keys, gives checks.
A signature is valid, invalid, or by a key that nobody here trusts; that there is none is said as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ftsafety_spec.attest.bundle import Voice, read_bundle, voices
from ftsafety_spec.attest.envelope import FILE_NAME
from ftsafety_spec.attest.keyless import BUNDLE_NAME, read_keyless
from ftsafety_spec.attest.statement import VerdictPredicate
from ftsafety_spec.attest.trust import Trust
from ftsafety_spec.errors import InputError, VerificationError
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.verify.manifest import BESIDE
from ftsafety_spec.verify.report import Check, check

SIGNATURES = (FILE_NAME, BUNDLE_NAME)
"""The files of a run folder that hold signatures; no signature covers them."""


def signature_checks(folder: RunFolder, trust: Trust, at: date, required: bool = False) -> list[Check]:
    """Checks of every signature and of what was signed. `required`: none that is valid is a failure."""
    if not any((folder.root / name).exists() for name in SIGNATURES):
        return [_aside("signature", "missing: digests show an accident, only a signature shows forgery", not required)]
    checks = [*_by_keys(folder, trust, at), *_keyless(folder, trust, at)]
    valid = any(item.ok and item.proves and item.name.startswith("signature ") for item in checks)
    if required and not valid:
        checks.append(check("signature", False, f"none is valid by a key of {trust.place or 'a trust file'}"))
    return checks


def _by_keys(folder: RunFolder, trust: Trust, at: date) -> Iterator[Check]:
    path = folder.root / FILE_NAME
    if not path.exists():
        return
    try:
        bundle = read_bundle(path)
    except VerificationError as error:
        yield check(FILE_NAME, False, error.problems[0].message)
        return
    yield from (_said(voice) for voice in voices(bundle, trust, at))
    yield from _state(folder, bundle.signed)


def _keyless(folder: RunFolder, trust: Trust, at: date) -> Iterator[Check]:
    """Who signed without a key, and what: nothing is shown where the library for it is not there."""
    path, name = folder.root / BUNDLE_NAME, f"signature {BUNDLE_NAME}"
    if not path.exists():
        return
    try:
        found = read_keyless(path, trust, at)
    except InputError as error:
        yield _aside(name, f"not looked at: {error.problems[0].message}")
        return
    if found.state == "untrusted":
        yield _aside(name, f"not trusted: {found.why}")
    else:
        yield check(name, found.state == "valid", f"{'valid: ' if found.state == 'valid' else ''}{found.why}")
    if found.signed is not None:
        yield from _state(folder, found.signed)


def _said(voice: Voice) -> Check:
    name = f"signature {voice.name}"
    if voice.state == "untrusted":
        return _aside(name, f"not trusted: {voice.why}")
    if voice.state == "valid":
        return check(name, True, f"valid: {voice.why}")
    return replace(check(name, False, voice.why), means="the statement is not the one that this key signed")


def _state(folder: RunFolder, signed: VerdictPredicate) -> Iterator[Check]:
    """What was signed against what is there: the verdict, then every file."""
    found = folder.read(Verdict).compute_digest()
    same = "is the one of this folder" if found == signed.verdict else f"was {signed.verdict}, the folder holds {found}"
    yield check("signed: verdict", found == signed.verdict, same)
    pinned = signable(folder)
    differ = sorted(name for name in {*pinned, *signed.files} if pinned.get(name) != signed.files.get(name))
    for name in differ:
        if name.startswith(BESIDE) and name not in signed.files:
            yield _aside(f"signed: {name}", "was added after the verdict was signed; no signature covers it")
        else:
            yield check(f"signed: {name}", False, _changed(name in signed.files, name in pinned))
    if not differ:
        yield check("signed: files", True, f"{len(pinned)} as they were signed")


def signable(folder: RunFolder) -> dict[str, str]:
    """What a signature covers: the whole manifest but the entries of the files that hold signatures."""
    return {name: digest for name, digest in folder.read_manifest().items() if name not in SIGNATURES}


def _changed(signed: bool, there: bool) -> str:
    if signed and there:
        return "was written anew after the verdict was signed"
    return "was taken away after the verdict was signed" if signed else "was added after the verdict was signed"


def _aside(name: str, detail: str, ok: bool = True) -> Check:
    return replace(check(name, ok, detail), proves=False)
