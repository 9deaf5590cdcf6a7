"""Whose key signs a session: the named one, else the only own key that opens without a passphrase, else none.
Given names, gives a signer or None; an unsigned session is said to be so wherever it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftsafety_spec.errors import FtsafetyError

if TYPE_CHECKING:
    from ftsafety_spec.attest.library import CryptoSigner


def signer_for(name: str | None = None, passphrase_env: str | None = None) -> CryptoSigner | None:
    """The signer. Raises what `attest.keys.open_key` raises for a key that was named."""
    from ftsafety_spec.attest.keys import key_folder, open_key, own_keys, passphrase_of

    folder = key_folder()
    if name is not None:
        return open_key(name, folder, passphrase_of(passphrase_env))
    own = own_keys(folder)
    if len(own) != 1:
        return None
    try:
        return open_key(own[0].name, folder, passphrase_of(passphrase_env))
    except FtsafetyError:
        return None
