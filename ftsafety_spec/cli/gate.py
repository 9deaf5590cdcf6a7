"""`ftsafety gate`: judge a compared run, by its own policy or beside it by another.
The exit status is the verdict's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.on_github import annotate, github_option
from ftsafety_spec.cli.options import day_of, run_argument, today
from ftsafety_spec.cli.output import format_option, note, print_json
from ftsafety_spec.cli.signing import key_named, sign_option, signed_note


@click.command("gate", help=help_of("gate"))
@run_argument
@click.option(
    "--at", "at", callback=day_of, metavar="DATE", help="Judge as of this date and write nothing; left out, today."
)
@click.option("--write", is_flag=True, help="With --at: write the verdict of that date down.")
@click.option("--policy", metavar="NAME", help="Judge by another policy of the project; the own verdict stays.")
@click.option("--require-policy", metavar="NAME[@DIGEST]", help="Refuse to judge by any other policy (for CI).")
@sign_option
@github_option
@format_option
def gate_command(
    run: Path,
    at: date | None,
    write: bool,
    policy: str | None,
    require_policy: str | None,
    sign: str | None,
    passphrase_env: str | None,
    github: bool | None,
    form: str,
) -> None:
    """Judge and print the verdict; sign it where asked."""
    from ftsafety_spec.cli.verdict_view import print_verdict
    from ftsafety_spec.pipeline import gate_run, open_run
    from ftsafety_spec.pipeline.signoff_files import edited

    if sign is not None and policy is not None:
        raise click.UsageError("only a run's own verdict is signed; leave --policy or --sign out")
    kept = at is None or write
    if sign is not None and not kept:
        raise click.UsageError("--at writes nothing, and only a written verdict is signed; add --write")
    folder = open_run(run)
    signer = None if sign is None else key_named(sign, passphrase_env=passphrase_env)
    verdict = gate_run(folder, as_of=at or today(), policy=policy, require_policy=require_policy, write=kept)
    if signer is not None:
        signed_note(folder, signer)
    if form == "json":
        print_json(verdict.to_json())
    else:
        print_verdict(verdict, folder, ())
    for sentence in edited(folder):
        note(f"warning: {sentence}")
    annotate(folder, verdict, github)
    raise click.exceptions.Exit(verdict.exit)
