"""`ftsafety report`: the reports of a judged run, one file a format."""

from __future__ import annotations

from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import run_argument
from ftsafety_spec.cli.output import format_option, print_json


@click.command("report", help=help_of("report"))
@run_argument
@click.option(
    "--as", "formats", default="html,markdown,json", show_default=True, metavar="FORMATS", help="Separated by commas."
)
@click.option(
    "--policy", metavar="NAME", help="The verdict under another policy, made by `ftsafety gate --policy NAME`."
)
@format_option
def report_command(run: Path, formats: str, policy: str | None, form: str) -> None:
    """Write the reports and print their paths."""
    names = [name.strip() for name in formats.split(",") if name.strip()]
    if not names:
        raise click.BadParameter("names no format", param_hint="--as")
    from ftsafety_spec.pipeline import open_run, report_run

    written = [str(path) for path in report_run(open_run(run), names, policy)]
    if form == "json":
        print_json({"run": str(run), "reports": written})
    else:
        print("\n".join(written))
