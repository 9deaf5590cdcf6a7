"""`ftsafety sign`: sign the verdict of a run with an own key, offline. Given a run that verifies, writes
verdict.intoto.jsonl into it. What the verdict says does not matter: a no_go can be signed as well."""

from __future__ import annotations

from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import run_argument
from ftsafety_spec.cli.output import format_option, print_json
from ftsafety_spec.cli.signing import key_named, unlocking_options


@click.command("sign", help=help_of("sign"))
@run_argument
@click.option("--key", metavar="NAME", required=True, help="Name of an own key (see keys).")
@unlocking_options
@format_option
def sign_command(run: Path, key: str, folder: Path | None, passphrase_env: str | None, form: str) -> None:
    """Verify, sign, write."""
    from ftsafety_spec.pipeline import open_run
    from ftsafety_spec.pipeline.signing import sign_run

    target = open_run(run)
    signer = key_named(key, folder, passphrase_env)
    done = sign_run(target, signer)
    following = f"ftsafety verify {run}"
    if form == "json":
        keyid = signer.public_key.keyid
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
    lines = [f"signed by {key} ({signer.public_key.keyid[:12]}…): {done.path}"]
    if done.replaced:
        lines.append(f"{done.replaced} signature(s) of an earlier state are gone: those keys have to sign again.")
    print("\n".join([*lines, f"Next: {following}"]))
