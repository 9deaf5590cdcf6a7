"""`ftsafety sign`: sign the verdict of a run with an own key, offline, or online by an identity. Given a run that
verifies, writes verdict.intoto.jsonl or verdict.sigstore.json into it. What the verdict says does not matter: a no_go
can be signed as well."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import run_argument
from ftsafety_spec.cli.output import format_option, print_json
from ftsafety_spec.cli.signing import key_named, unlocking_options

if TYPE_CHECKING:
    from ftsafety_spec.pipeline.signing import SignedRun


@click.command("sign", help=help_of("sign"))
@run_argument
@click.option("--key", metavar="NAME", help="Name of an own key (see keys).")
@click.option("--keyless", is_flag=True, help="Sign by an OpenID identity through sigstore, online (extra `sigstore`).")
@unlocking_options
@format_option
def sign_command(
    run: Path, key: str | None, keyless: bool, folder: Path | None, passphrase_env: str | None, form: str
) -> None:
    """Verify, sign, write."""
    from ftsafety_spec.pipeline import open_run
    from ftsafety_spec.pipeline.signing import sign_run, sign_run_keyless

    if keyless == (key is not None):
        raise click.UsageError("either --key NAME or --keyless")
    target = open_run(run)
    if key is None:
        done = sign_run_keyless(target)
        _say(run, done, "an OpenID identity, with the certificate", done.keyids[0], form)
        return
    signer = key_named(key, folder, passphrase_env)
    _say(run, sign_run(target, signer), key, signer.public_key.keyid, form)


def _say(run: Path, done: SignedRun, who: str, keyid: str, form: str) -> None:
    following = f"ftsafety verify {run}"
    if form == "json":
        print_json(
            {
                "run": str(run),
                "file": str(done.path),
                "keyid": keyid,
                "signatures": list(done.keyids),
                "replaced": done.replaced,
                "next": following,
            }
        )
        return
    lines = [f"signed by {who} ({keyid[:12]}…): {done.path}"]
    if done.replaced:
        lines.append(f"{done.replaced} signature(s) of an earlier state are gone: those keys have to sign again.")
    print("\n".join([*lines, f"Next: {following}"]))
