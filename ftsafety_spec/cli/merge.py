"""`ftsafety merge`: join shards of one plan that were measured apart, then compare, judge and report as `run` does."""

from __future__ import annotations

from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.output import format_option, print_json


@click.command("merge", help=help_of("merge"))
@click.argument("out", metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@format_option
def merge_command(out: Path, runs: tuple[Path, ...], form: str) -> None:
    """Join the shards; the verdict is the next command's."""
    from ftsafety_spec.pipeline import merge_runs

    folder = merge_runs(runs, out)
    following = [f"ftsafety {stage} {out}" for stage in ("compare", "gate", "report")]
    if form == "json":
        print_json({"run": str(folder.root), "merged": [str(run) for run in runs], "next": following})
        return
    print(f"merged {len(runs)} shards into {folder.root}. Next:")
    for command in following:
        print(f"  {command}")
