"""Options that signing commands share: which key, where it lies, how it is unlocked. Gives a signer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ftsafety_spec.attest.library import CryptoSigner
    from ftsafety_spec.attest.trust import Trust
    from ftsafety_spec.records.folder import RunFolder

F = TypeVar("F", bound=Callable[..., Any])

KEY_FOLDER = click.Path(file_okay=False, path_type=Path)


def unlocking_options(command: F) -> F:
    """Add `--dir` (argument `folder`) and `--passphrase-env` (argument `passphrase_env`)."""
    command = click.option(
        "--passphrase-env", metavar="VARIABLE", help="Environment variable that holds the key's passphrase."
    )(command)
    return click.option(
        "--dir", "folder", type=KEY_FOLDER, help="Folder of private keys; left out, ftsafety/keys of the user's config."
    )(command)


def sign_option(command: F) -> F:
    """Add `--sign NAME` and what unlocks the key."""
    command = click.option(
        "--passphrase-env", metavar="VARIABLE", help="With --sign: variable that holds the key's passphrase."
    )(command)
    return click.option("--sign", "sign", metavar="NAME", help="Sign the verdict with this key (see keys).")(command)


def trust_option(command: F) -> F:
    """Add `--trust FILE`."""
    return click.option(
        "--trust",
        type=click.Path(path_type=Path),
        help="File or folder of trusted keys; left out, trust/ of the project around the working folder.",
    )(command)


def key_named(name: str, folder: Path | None = None, passphrase_env: str | None = None) -> CryptoSigner:
    """The signer behind a key's name."""
    from ftsafety_spec.attest.keys import key_folder, open_key, passphrase_of

    return open_key(name, folder or key_folder(), passphrase_of(passphrase_env))


def trusted(trust: Path | None) -> Trust:
    """The trusted keys that a command goes by."""
    from ftsafety_spec.pipeline.signing import trust_of

    return trust_of(trust)


def signed_note(folder: RunFolder, signer: CryptoSigner) -> None:
    """Sign a run and say so on stderr."""
    from ftsafety_spec.cli.output import note
    from ftsafety_spec.pipeline.signing import sign_run

    done = sign_run(folder, signer)
    note(f"signed by key {signer.public_key.keyid[:12]}: {done.path}")
