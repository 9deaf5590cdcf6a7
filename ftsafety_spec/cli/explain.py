"""`ftsafety explain`: how a verdict or a figure of a run came about, and what would have changed it."""

from __future__ import annotations

from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import run_argument
from ftsafety_spec.cli.output import format_option, print_json


@click.command("explain", help=help_of("explain"))
@run_argument
@click.argument("name", metavar="[RULE|METRIC|CATEGORY]", required=False)
@click.option(
    "--policy", metavar="NAME", help="The verdict under another policy, made by `ftsafety gate --policy NAME`."
)
@format_option
def explain_command(run: Path, name: str | None, policy: str | None, form: str) -> None:
    """Explain the whole verdict, or what NAME means in this run."""
    from ftsafety_spec.cli.blocks_view import print_blocks
    from ftsafety_spec.pipeline.explaining import explain_run
    from ftsafety_spec.report.explain_blocks import explanation_blocks

    made = explain_run(run, name, policy)
    if form == "json":
        print_json(made.to_json())
    else:
        print_blocks(explanation_blocks(made))
