"""Keyless signatures: a signed verdict as a sigstore bundle, by an identity that an OpenID issuer vouches for. Given a
statement's bytes, signs online; given a bundle and trusted identities, checks offline. Needs the extra `sigstore`,
which is imported here alone."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ftsafety_spec.attest.envelope import PAYLOAD_TYPE
from ftsafety_spec.attest.statement import VerdictPredicate, VerdictStatement, read_statement
from ftsafety_spec.attest.trust import Trust, TrustedIdentity
from ftsafety_spec.errors import FtsafetyError, InputError, VerificationError, Where

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

BUNDLE_NAME = "verdict.sigstore.json"
"""The file of a run folder that holds a keyless signature on its verdict."""
_MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Keyless:
    """How a bundle stands to the trusted identities. `valid` counts, `untrusted` says nothing, `invalid` is tampering;
    `signed`: what it says, null where it is invalid; `certificate`: sha256 of the signing certificate."""

    state: Literal["valid", "untrusted", "invalid"]
    why: str
    signed: VerdictPredicate | None = None
    identity: TrustedIdentity | None = None
    certificate: str | None = None


class _Seen:
    """A policy that holds on to the certificate; who it names is asked afterwards, of each trusted identity."""

    certificate: Certificate | None = None

    def verify(self, cert: Certificate) -> None:
        """Keep it."""
        self.certificate = cert


def sign_keyless(payload: bytes) -> tuple[str, str]:
    """A bundle, as JSON, over a statement, and sha256 of its certificate: by the identity of the build server, else of
    whoever logs in by a browser. Goes out to sigstore's public services, where signer and digest stay readable for
    everybody. Raises InputError FTS-120 where the extra is missing, FTS-133 where nothing was signed."""
    library = _library()
    try:
        token = library.oidc.detect_credential()
        config = library.models.ClientTrustConfig.production()
        identity = (
            library.oidc.IdentityToken(token)
            if token
            else library.oidc.Issuer(config.signing_config.get_oidc_url()).identity_token()
        )
        with library.sign.SigningContext.from_trust_config(config).signer(identity) as signer:
            made = signer.sign_dsse(library.dsse.Statement(payload))
    except Exception as error:  # its own, TUF's and the connection's errors have no common parent
        raise InputError(
            f"no keyless signature was made ({type(error).__name__}).",
            code="FTS-133",
            hint="It needs the network and an identity; `ftsafety sign RUN --key NAME` needs neither.",
        ) from error
    return made.to_json(), _fingerprint(made.signing_certificate)


def read_keyless(path: Path, trust: Trust, at: date) -> Keyless:
    """Check a bundle against sigstore's trusted root (`trusted_root.json` beside the trusted keys, else the one that
    the library brings), then its identity against the trusted ones. Raises InputError FTS-120 where the extra is
    missing."""
    library = _library()
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is too large")
        bundle, seen = library.models.Bundle.from_json(path.read_bytes()), _Seen()
        kind, payload = _verifier(library, trust).verify_dsse(bundle, seen)
        if kind != PAYLOAD_TYPE:
            raise ValueError(f"it holds {kind}, no statement")
        statement = read_statement(payload)
        if not isinstance(statement, VerdictStatement):
            raise ValueError("it holds another statement than a verdict")
    except FtsafetyError as error:
        return Keyless("invalid", error.problems[0].message.rstrip("."))
    except Exception as error:  # whatever the library raises on a file of somebody else's
        return Keyless("invalid", f"the bundle does not hold ({type(error).__name__})")
    return _standing(library, statement.predicate, seen.certificate, trust, at)


def _standing(library: Any, signed: VerdictPredicate, certificate: Any, trust: Trust, at: date) -> Keyless:
    digest = _fingerprint(certificate)
    for identity in trust.identities:
        named = library.verify.policy.Identity(identity=identity.identity, issuer=identity.issuer)
        try:
            named.verify(certificate)
        except library.errors.VerificationError:
            continue
        refused = identity.refuses(signed, at)
        why = refused or f"{identity.name}, {identity.role}, as {identity.identity}, trusted by {trust.place}"
        return Keyless("untrusted" if refused else "valid", why, signed, identity, digest)
    why = f"by an identity that {trust.place or 'no trust file'} does not name"
    return Keyless("untrusted", why, signed, None, digest)


def _fingerprint(certificate: Any) -> str:
    from cryptography.hazmat.primitives.hashes import SHA256

    found: bytes = certificate.fingerprint(SHA256())
    return found.hex()


def _verifier(library: Any, trust: Trust) -> Any:
    if trust.root is None:
        return library.verify.Verifier.production(offline=True)
    try:
        root = library.models.TrustedRoot.from_file(trust.root)
    except Exception as error:
        raise VerificationError(
            f"{trust.root} is no trusted root of sigstore's.", code="FTS-134", where=Where(file=trust.root)
        ) from error
    return library.verify.Verifier(trusted_root=root)


def _library() -> Any:
    """The parts of sigstore that are used here."""
    try:
        import sigstore.dsse
        import sigstore.errors
        import sigstore.models
        import sigstore.oidc
        import sigstore.sign
        import sigstore.verify.policy
    except ImportError as error:
        raise InputError(
            "keyless signatures need the extra `sigstore`.",
            code="FTS-120",
            hint="pip install 'ftsafety-spec[sigstore]'",
        ) from error
    logging.getLogger("sigstore").setLevel(logging.ERROR)
    return sigstore
