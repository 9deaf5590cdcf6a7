"""Own signing keys: made, found and opened. ed25519 in PKCS#8 PEM, outside of any repository, mode 0600.
Given a name, gives a signer. A passphrase comes out of an environment variable that is named, never out of a file or
the command line."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ftsafety_spec.attest.trust import PublicKey, write_public
from ftsafety_spec.errors import InputError, NotFoundError, Where

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from ftsafety_spec.attest.library import CryptoSigner

NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,63}$")


@dataclass(frozen=True)
class OwnKey:
    """A private key on this machine, and its public half beside it."""

    name: str
    private: Path
    public: Path


def key_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where private keys lie: `$XDG_CONFIG_HOME/ftsafety/keys`, else `~/.config/ftsafety/keys`."""
    home = environment.get("XDG_CONFIG_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".config"
    return base / "ftsafety" / "keys"


def new_key(name: str, folder: Path, passphrase: bytes | None = None, in_repository: bool = False) -> OwnKey:
    """Make a key pair: `NAME.pem`, readable by its owner only, and `NAME.pub.yaml`. Raises InputError FTS-133 for a bad
    or taken name, and for a folder inside of a git work tree unless `in_repository`."""
    own = _own(name, folder)
    tree = None if in_repository else work_tree(folder)
    if tree is not None:
        raise InputError(
            f"{folder} lies inside of a git work tree ({tree}): a private key there is soon in a repository.",
            code="FTS-133",
            hint="Name another folder by --dir, or say --in-repository.",
        )
    private = _generate()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_private(own, _pem(private, passphrase))
    write_public(own.public, public_of(name, private))
    return own


def own_keys(folder: Path) -> list[OwnKey]:
    """All private keys of a folder, by name."""
    return [OwnKey(path.stem, path, path.with_suffix(".pub.yaml")) for path in sorted(folder.glob("*.pem"))]


def open_key(name: str, folder: Path, passphrase: bytes | None = None) -> CryptoSigner:
    """The signer behind a name. Raises NotFoundError for a name without a key, InputError FTS-133 where others may read
    the key, where it is no ed25519 key, or where its passphrase does not open it."""
    path = _own(name, folder).private
    if not path.is_file():
        raise NotFoundError("key", name, [key.name for key in own_keys(folder)], Where(file=str(folder)))
    open_to = stat.S_IMODE(path.stat().st_mode) & 0o077
    if open_to:
        raise _bad(path, "others than its owner may read this private key.", f"`chmod 600 {path}` mends it.")
    return _signer(path, passphrase)


def passphrase_of(variable: str | None, environment: Mapping[str, str] = os.environ) -> bytes | None:
    """The passphrase in a named environment variable; None where none is named. Raises InputError FTS-123."""
    if variable is None:
        return None
    found = environment.get(variable, "")
    if not found:
        raise InputError(f"the environment variable {variable} is not set or is empty.", code="FTS-123")
    return found.encode()


def work_tree(folder: Path) -> Path | None:
    """The git work tree that a folder lies in; None where it lies in none."""
    place = folder.expanduser().resolve()
    return next((parent for parent in (place, *place.parents) if (parent / ".git").exists()), None)


def public_of(name: str, private: Ed25519PrivateKey) -> PublicKey:
    """The public half of a private key, under a name."""
    from ftsafety_spec.attest.library import SSlibKey

    key = SSlibKey.from_crypto(private.public_key())
    return PublicKey(name=name, keyid=key.keyid, public=key.keyval["public"])


def _own(name: str, folder: Path) -> OwnKey:
    if not NAME.match(name):
        raise InputError(f"{name!r} is no name for a key: a-z, 0-9, '.', '_' and '-'.", code="FTS-133")
    return OwnKey(name, folder / f"{name}.pem", folder / f"{name}.pub.yaml")


def _generate() -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate()


def _pem(private: Ed25519PrivateKey, passphrase: bytes | None) -> bytes:
    from cryptography.hazmat.primitives import serialization as forms

    locked = forms.BestAvailableEncryption(passphrase) if passphrase is not None else forms.NoEncryption()
    return private.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, locked)


def _write_private(own: OwnKey, data: bytes) -> None:
    """Never over another key, and never readable by others, not even for a moment."""
    try:
        handle = os.open(own.private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise _bad(
            own.private, f"there is a key named {own.name}.", "Take another name; keys are not replaced."
        ) from error
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def _signer(path: Path, passphrase: bytes | None) -> CryptoSigner:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from ftsafety_spec.attest.library import CryptoSigner

    data = path.read_bytes()
    # a key that needs no passphrase opens without one, whatever is named
    secret = passphrase if b"ENCRYPTED" in data else None
    try:
        private = load_pem_private_key(data, secret)
    except TypeError as error:
        raise _bad(path, "this key is locked by a passphrase.", "Name its variable by --passphrase-env.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _bad(path, "this key cannot be opened.", "Is the passphrase the right one?") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise _bad(path, "this is no ed25519 key.", "`ftsafety keys new NAME` makes one.")
    return CryptoSigner(private)


def _bad(path: Path, message: str, hint: str) -> InputError:
    return InputError(message, code="FTS-133", where=Where(file=str(path)), hint=hint)
