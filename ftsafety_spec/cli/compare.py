"""`ftsafety compare`: tuned against base, from a run's tables."""

from __future__ import annotations

from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import run_argument
from ftsafety_spec.cli.output import format_option, print_json


@click.command("compare", help=help_of("compare"))
@run_argument
@format_option
def compare_command(run: Path, form: str) -> None:
    """Compare and print the cells over all prompts and by area."""
    from ftsafety_spec.cli.comparison_view import print_comparison
    from ftsafety_spec.pipeline import compare_run, open_run

    comparison = compare_run(open_run(run))
    if form == "json":
        print_json(comparison.to_json())
    else:
        print_comparison(comparison, run)
