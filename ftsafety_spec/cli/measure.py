"""`ftsafety measure`: ask and grade what is still missing in a run folder."""

from __future__ import annotations

from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import data_option, everything_option, run_argument, shard_of
from ftsafety_spec.cli.output import format_option, print_json


@click.command("measure", help=help_of("measure"))
@run_argument
@data_option
@click.option("--shard", metavar="K/N", callback=shard_of, help="Measure only the k-th of n shards.")
@everything_option
@format_option
def measure_command(run: Path, data: Path | None, shard: tuple[int, int] | None, everything: bool, form: str) -> None:
    """Measure, then say where the tables are."""
    from ftsafety_spec.cli.measuring import measure_or_leave
    from ftsafety_spec.pipeline import open_run

    folder = open_run(run)
    measure_or_leave(folder, data, shard, everything)
    following = f"ftsafety compare {run}"
    if form == "json":
        print_json({"run": str(run), "tables": str(folder.tables), "next": following})
    else:
        print(f"measured; tables in {folder.tables}. Next: {following}")
