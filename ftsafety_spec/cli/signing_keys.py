"""`ftsafety keys`: make signing keys, list them, and say whose signature counts for what. A private key never goes
into the project, is never printed and never leaves this machine."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import FILE, day_of
from ftsafety_spec.cli.output import console, format_option, print_json, table
from ftsafety_spec.cli.signing import KEY_FOLDER, trust_option, trusted, unlocking_options

if TYPE_CHECKING:
    from ftsafety_spec.attest.keys import OwnKey
    from ftsafety_spec.attest.trust import TrustedIdentity, TrustedKey


@click.group("keys", help=help_of("keys"))
def keys_command() -> None:
    """Keys."""


@keys_command.command("new")
@click.argument("name", metavar="NAME")
@unlocking_options
@click.option("--in-repository", is_flag=True, help="Allow a folder inside of a git work tree.")
@format_option
def new_command(name: str, folder: Path | None, passphrase_env: str | None, in_repository: bool, form: str) -> None:
    """Make a key pair: a private key for you alone, a public one to hand out."""
    from ftsafety_spec.attest.keys import key_folder, new_key, passphrase_of
    from ftsafety_spec.attest.trust import read_public

    own = new_key(name, folder or key_folder(), passphrase_of(passphrase_env), in_repository)
    keyid = read_public(own.public).keyid
    following = f"ftsafety keys trust {own.public} --role ROLE"
    if form == "json":
        private, public = str(own.private), str(own.public)
        print_json({"name": name, "keyid": keyid, "private": private, "public": public, "next": following})
        return
    print(f"made key {name} ({keyid[:12]}…)\n  private, for you alone: {own.private}\n  public: {own.public}")
    if passphrase_env is None:
        print("It has no passphrase: whoever reads the file can sign. --passphrase-env VARIABLE locks one.")
    print(f"Next, in the project that is to trust it: {following}")


@keys_command.command("list")
@click.option("--dir", "folder", type=KEY_FOLDER, help="Folder of private keys.")
@trust_option
@format_option
def list_command(folder: Path | None, trust: Path | None, form: str) -> None:
    """List own keys, and the keys and identities that are trusted here."""
    from ftsafety_spec.attest.keys import key_folder, own_keys

    place = folder or key_folder()
    own, believed = [_own(key) for key in own_keys(place)], trusted(trust)
    if form == "json":
        print_json(
            {
                "own": own,
                "folder": str(place),
                **believed.model_dump(mode="json", include={"place", "keys", "identities"}),
            }
        )
        return
    console().print(table(("own key", "key id", "file"), [(row["name"], row["keyid"], row["private"]) for row in own]))
    rows = [(*_scope(key), key.keyid) for key in believed.keys]
    rows += [(*_scope(who), f"{who.identity}, by {who.issuer}") for who in believed.identities]
    console().print(table(("trusted", "role", "specs", "policies", "until", "key id or identity"), rows))
    print(f"trusted by {believed.place}" if believed.place else "no trust/ here: nobody is trusted")


@keys_command.command("trust")
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--role", metavar="ROLE", required=True, help="In which role the key signs, in your words.")
@click.option("--spec", "specs", multiple=True, metavar="NAME", help="Only for specs of this name (* for any part).")
@click.option("--policy", "policies", multiple=True, metavar="NAME", help="Only for verdicts under this policy.")
@click.option("--until", callback=day_of, metavar="DATE", help="Trusted up to and on this date.")
@click.option("--trust", type=KEY_FOLDER, help="Folder to write to; left out, trust/ of the project.")
@format_option
def trust_command(
    file: Path,
    role: str,
    specs: tuple[str, ...],
    policies: tuple[str, ...],
    until: date | None,
    trust: Path | None,
    form: str,
) -> None:
    """Trust a public key: write it to the project's trust/ folder, which is checked in and reviewed like code."""
    from ftsafety_spec.pipeline.signing import trust_key

    target, key = trust_key(file, trust, role=role, specs=specs or ("*",), policies=policies or ("*",), until=until)
    if form == "json":
        print_json({"file": str(target), "key": key.model_dump(mode="json")})
    else:
        print(f"trusted {key.name} ({key.keyid[:12]}…) as {role}: {target}")


def _scope(trusted: TrustedKey | TrustedIdentity) -> tuple[object, ...]:
    """Who is trusted, in which role, for what, until when."""
    return trusted.name, trusted.role, ", ".join(trusted.specs), ", ".join(trusted.policies), trusted.until


def _own(key: OwnKey) -> dict[str, Any]:
    from ftsafety_spec.attest.trust import read_public

    keyid = read_public(key.public).keyid if key.public.is_file() else None
    return {"name": key.name, "keyid": keyid, "private": str(key.private), "public": str(key.public)}
