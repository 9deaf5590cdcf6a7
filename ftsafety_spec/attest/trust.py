"""Who may sign what: public keys with a role, in the project's `trust/` folder or in a file.
Given YAML, gives trusted keys, or the mistake with its place. Never takes a key out of what it is to check."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, StringConstraints, ValidationError, model_validator

from ftsafety_spec.errors import InputError, Problem, SpecError, Where, suggest
from ftsafety_spec.records.base import Part

if TYPE_CHECKING:
    from ftsafety_spec.attest.library import SSlibKey
    from ftsafety_spec.attest.statement import VerdictPredicate

FOLDER = "trust"
"""The folder of a project that holds the keys it trusts."""
ROOT = "trusted_root.json"
"""Sigstore's trusted root, where a project pins its own beside its keys."""
Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,120}$")]
M = TypeVar("M", bound=BaseModel)
_MOST_BYTES = 2**20


class PublicKey(Part):
    """A public key as its owner hands it out. `keyid` follows from the key and is checked."""

    name: Line
    scheme: Literal["ed25519"] = "ed25519"
    keyid: Hex
    public: Hex

    @model_validator(mode="after")
    def _keyid_follows(self) -> PublicKey:
        found = self.public_key(check=False).keyid
        if found != self.keyid:
            raise ValueError("keyid is not the one of this public key")
        return self

    def public_key(self, check: bool = True) -> SSlibKey:
        """The key for verification; `check=False` computes its id anew."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        from ftsafety_spec.attest.library import SSlibKey

        made = SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public)))
        return made if not check else SSlibKey(self.keyid, made.keytype, made.scheme, made.keyval)


class TrustedKey(PublicKey):
    """A key that is trusted: in which role, for which specs and policies (names with `*`), until when."""

    role: Line
    specs: tuple[str, ...] = ("*",)
    policies: tuple[str, ...] = ("*",)
    until: date | None = None

    def refuses(self, signed: VerdictPredicate, at: date) -> str | None:
        """Why a verdict by this key does not count; None where it does."""
        return _refusal(self, "key", signed.spec.name, signed.policy.name, at)

    def refuses_for(self, spec: str, policy: str, at: date) -> str | None:
        """Why what this key signs does not count for a spec under a policy; None where it does."""
        return _refusal(self, "key", spec, policy, at)


class TrustedIdentity(Part):
    """Who is trusted to sign without a key (sigstore): `identity` as in the certificate (an e-mail address, or the URI
    of a workflow), vouched for by `issuer`, the address of an OpenID issuer; role, scope and end as of a key."""

    name: Line
    identity: Line
    issuer: Line
    role: Line
    specs: tuple[str, ...] = ("*",)
    policies: tuple[str, ...] = ("*",)
    until: date | None = None

    def refuses(self, signed: VerdictPredicate, at: date) -> str | None:
        """Why a verdict by this identity does not count; None where it does."""
        return _refusal(self, "identity", signed.spec.name, signed.policy.name, at)


def _refusal(given: TrustedKey | TrustedIdentity, noun: str, spec: str, policy: str, at: date) -> str | None:
    if given.until is not None and at > given.until:
        return f"the {noun} {given.name} was trusted until {given.until.isoformat()}"
    for what, found, allowed in (
        ("spec", spec, given.specs),
        ("policy", policy, given.policies),
    ):
        if not any(fnmatchcase(found, pattern) for pattern in allowed):
            return f"the {noun} {given.name} may not sign for the {what} {found}"
    return None


class TrustFile(Part):
    """A file of trusted keys, and of identities that sign without one."""

    keys: tuple[TrustedKey, ...] = ()
    identities: tuple[TrustedIdentity, ...] = ()

    @model_validator(mode="after")
    def _somebody(self) -> TrustFile:
        if not self.keys and "keys" not in self.model_fields_set and not self.identities:
            raise ValueError("expected keys or identities")
        return self


class Trust(Part):
    """The trusted keys and identities, and where they were written. `place` None: no such place is known. `root`: the
    file of sigstore's trusted root beside them; None for the one that its library brings."""

    place: str | None = None
    keys: tuple[TrustedKey, ...] = ()
    identities: tuple[TrustedIdentity, ...] = ()
    root: str | None = None


def read_trust(place: Path) -> Trust:
    """All keys of a file, or of every YAML file of a folder. Raises InputError FTS-111 where nothing is there,
    SpecError with every mistake of a file."""
    if not place.exists():
        raise InputError("no such file or folder of trusted keys.", code="FTS-111", where=Where(file=str(place)))
    files = sorted(place.glob("*.yaml")) if place.is_dir() else [place]
    keys: dict[str, TrustedKey] = {}
    identities: list[TrustedIdentity] = []
    for file in files:
        found = read_yaml(file, TrustFile)
        identities += found.identities
        for key in found.keys:
            if key.keyid in keys:
                raise InputError(f"the key {key.name} is trusted twice.", code="FTS-134", where=Where(file=str(file)))
            keys[key.keyid] = key
    root = (place if place.is_dir() else place.parent) / ROOT
    return Trust(
        place=str(place),
        keys=tuple(keys.values()),
        identities=tuple(identities),
        root=str(root) if root.is_file() else None,
    )


def read_public(path: Path) -> PublicKey:
    """The public key of a file that `ftsafety keys new` wrote. Raises as `read_trust`."""
    return read_yaml(path, PublicKey)


def write_public(path: Path, key: PublicKey) -> None:
    """Write a public key for handing out."""
    path.write_text(_yaml(key.model_dump(mode="json")), encoding="utf-8")


def write_trusted(path: Path, keys: Iterable[TrustedKey]) -> None:
    """Write a file of trusted keys."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = [key.model_dump(mode="json", exclude_none=True) for key in keys]
    path.write_text(_yaml({"keys": plain}), encoding="utf-8")


def read_yaml(path: Path, model: type[M]) -> M:
    """A YAML file as a model. Raises InputError (FTS-100, FTS-101), SpecError."""
    where = Where(file=str(path))
    try:
        data = path.read_bytes()
        if len(data) > _MOST_BYTES:
            raise InputError("this is too large for a file of keys.", code="FTS-103", where=where)
        plain = yaml.safe_load(data.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("this file cannot be read as UTF-8 text.", code="FTS-100", where=where) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = Where(str(path), mark.line + 1, mark.column + 1) if mark else where
        raise InputError("not well-formed YAML.", code="FTS-101", where=place) from error
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        raise SpecError([_problem(path, model, item) for item in error.errors()]) from error


def _problem(path: Path, model: type[BaseModel], item: Any) -> Problem:
    key = ".".join(str(part) for part in item["loc"])
    code = {"missing": "FTS-107", "extra_forbidden": "FTS-105"}.get(item["type"], "FTS-134")
    fields = [*TrustedKey.model_fields, *TrustedIdentity.model_fields, *model.model_fields]
    hint = suggest(str(item["loc"][-1]), fields) if code == "FTS-105" else None
    return Problem(code, f"{item['msg']}.", Where(file=str(path), key=key or None), hint)


def _yaml(data: Any) -> str:
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
