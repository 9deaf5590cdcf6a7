"""`ftsafety gate`: judge a compared run, by its own policy or beside it by another.
The exit status is the verdict's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import day_of, run_argument, today
from ftsafety_spec.cli.output import format_option, print_json


@click.command("gate", help=help_of("gate"))
@run_argument
@click.option("--at", "at", callback=day_of, metavar="DATE", help="Judge as of this date; left out, today (UTC).")
@click.option("--policy", metavar="NAME", help="Judge by another policy of the project; the own verdict stays.")
@click.option("--require-policy", metavar="NAME[@DIGEST]", help="Refuse to judge by any other policy (for CI).")
@format_option
def gate_command(run: Path, at: date | None, policy: str | None, require_policy: str | None, form: str) -> None:
    """Judge and print the verdict."""
    from ftsafety_spec.cli.verdict_view import print_verdict
    from ftsafety_spec.pipeline import gate_run, open_run

    folder = open_run(run)
    verdict = gate_run(folder, as_of=at or today(), policy=policy, require_policy=require_policy)
    if form == "json":
        print_json(verdict.to_json())
    else:
        print_verdict(verdict, folder, ())
    raise click.exceptions.Exit(verdict.exit)
