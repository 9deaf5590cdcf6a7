"""`ftsafety verify`: recompute every digest, the comparison and the verdict of a run. Exit status 5 where one fails."""

from __future__ import annotations

from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import run_argument
from ftsafety_spec.cli.output import console, format_option, print_json, table
from ftsafety_spec.errors import VerificationError


@click.command("verify", help=help_of("verify"))
@run_argument
@format_option
def verify_command(run: Path, form: str) -> None:
    """Verify and print every check."""
    from ftsafety_spec.pipeline import open_run, verify_run

    report = verify_run(open_run(run))
    if form == "json":
        checks = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in report.checks]
        print_json({"run": str(run), "ok": report.ok, "checks": checks})
    else:
        rows = [("ok" if check.ok else "FAILED", check.name, check.detail) for check in report.checks]
        console().print(table(("", "check", "detail"), rows))
        print("verified" if report.ok else "NOT verified")
    if not report.ok or not report.checks:
        raise click.exceptions.Exit(VerificationError.exit_status)
