"""`ftsafety compare`: tuned against base, from a run's tables; several runs: fine-tunes of one base with each other."""

from __future__ import annotations

from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.output import format_option, print_json

MORE = """Of one RUN, its own comparison is made and written. Several RUNS of one base, measured alike, are put side by
side: which stands out? Summaries that others handed on (--with) count as well; they hold figures and no texts."""


@click.command("compare", help=f"{help_of('compare')}\n\n{MORE}", short_help=help_of("compare"))
@click.argument("runs", nargs=-1, required=True, metavar="RUN [RUNS]...", type=click.Path(path_type=Path))
@click.option(
    "--with",
    "shared",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A summary of other fine-tunes of this base; may be given several times.",
)
@click.option("--export", type=click.Path(path_type=Path), metavar="FILE", help="Write a summary without texts.")
@click.option("--named", is_flag=True, help="With --export: keep titles and names of models and suites.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Write the table and plots as HTML.")
@format_option
def compare_command(
    runs: tuple[Path, ...], shared: tuple[Path, ...], export: Path | None, named: bool, plot: Path | None, form: str
) -> None:
    """Compare and print."""
    if named and export is None:
        raise click.UsageError("--named goes with --export FILE.")
    if len(runs) == 1 and not shared and export is None and plot is None:
        _one(runs[0], form)
    else:
        _several(runs, shared, export, named, plot, form)


def _one(run: Path, form: str) -> None:
    from ftsafety_spec.cli.comparison_view import print_comparison
    from ftsafety_spec.pipeline import compare_run, open_run

    comparison = compare_run(open_run(run))
    if form == "json":
        print_json(comparison.to_json())
    else:
        print_comparison(comparison, run)


def _several(
    runs: tuple[Path, ...], shared: tuple[Path, ...], export: Path | None, named: bool, plot: Path | None, form: str
) -> None:
    from ftsafety_spec.cli.cohort_view import cohort_json, print_cohort, write_plot
    from ftsafety_spec.pipeline.cohort import cohort_of, standings, write_summary

    cohort = cohort_of(runs, shared)
    rows = standings(cohort)
    if export is not None:
        write_summary(cohort, export, named)
    if plot is not None:
        write_plot(cohort, rows, plot)
    written = [path for path in (export, plot) if path is not None]
    if form == "json":
        print_json(cohort_json(cohort, rows, written))
    else:
        print_cohort(cohort, rows, written)
