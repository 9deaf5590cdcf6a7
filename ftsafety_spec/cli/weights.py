"""`ftsafety weights`: what changed in the files of weights and adapters, as evidence of the run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import run_argument
from ftsafety_spec.cli.output import console, format_option, note, table
from ftsafety_spec.cli.text import one_line, percent
from ftsafety_spec.cli.weights_view import print_weighed

if TYPE_CHECKING:
    from ftsafety_spec.records.weights import WeightReport


@click.command("weights", help=help_of("weights"))
@run_argument
@format_option
def weights_command(run: Path, form: str) -> None:
    """Compare, write evidence, print what deserves a look."""
    from ftsafety_spec.pipeline import open_run
    from ftsafety_spec.pipeline.weighing import weigh_run

    print_weighed(run, weigh_run(open_run(run), note), form, _print)


def _print(variant: str, report: WeightReport) -> None:
    out = console()
    figures, rank = report.analyses.get("delta", {}), report.analyses.get("rank", {})
    sizes = [row["relative"] for row in figures.get("sizes", [])]
    largest = percent(max(sizes)) if sizes else "–"
    ranks = f", ranks {rank.get('least')} to {rank.get('most')}" if rank.get("most") is not None else ""
    out.print(
        f"{one_line(variant)}: {figures.get('changed', 0)} of {figures.get('tensors', 0)} tensors changed, "
        f"the most by {largest} of its norm{ranks}"
    )
    rows = [(item.severity, item.title, item.sentence) for item in report.findings]
    out.print(table(("severity", "what", "in words"), rows) if rows else "nothing else stands out")
