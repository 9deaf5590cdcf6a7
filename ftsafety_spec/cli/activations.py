"""`ftsafety activations`: what tuned makes of prompts inside, and begins its answers with, against base; evidence of
the run. Prints figures, no text of a prompt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import data_option, run_argument
from ftsafety_spec.cli.output import console, format_option, note, table
from ftsafety_spec.cli.text import one_line
from ftsafety_spec.cli.weights_view import print_weighed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ftsafety_spec.records.certificate import Figure
    from ftsafety_spec.records.weights import WeightReport

HELP = """Supporting signals: docs/activations.md has what they did and did not separate. They need local weights; what
is not possible here is said. A gate never reads them as a sign that a model is safe."""


@click.command("activations", help=f"{help_of('activations')}\n\n{HELP}", short_help=help_of("activations"))
@run_argument
@click.option(
    "--prompts",
    metavar="N",
    type=click.IntRange(16, 5000),
    default=128,
    show_default=True,
    help="Harmful and as many benign prompts at most; the run's own, then ftsafety/basics.",
)
@data_option
@format_option
def activations_command(run: Path, prompts: int, data: Path | None, form: str) -> None:
    """Read both models, write evidence, print the figures."""
    from ftsafety_spec.pipeline import open_run
    from ftsafety_spec.pipeline.activations import read_activations

    found = read_activations(open_run(run), data=data, note=note, prompts=prompts)
    print_weighed(run, found, form, _print)


def _print(variant: str, report: WeightReport) -> None:
    out = console()
    out.print(f"{one_line(variant)}: changes from base, paired by prompt (95 % interval)")
    out.print(table(("what", "change", "prompts"), list(_rows(report))))
    for item in report.findings:
        out.print(f"{item.severity}: {one_line(item.sentence)}")


def _rows(report: WeightReport) -> Iterator[tuple[str, str, str]]:
    from ftsafety_spec.records.activations import activations_in, first_token_in

    first, layers = first_token_in(report), activations_in(report)
    if first is not None and not first.known:
        yield "log-odds of refusing", "base's first tokens do not tell harmful from benign", ""
    elif first is not None:
        yield "log-odds of refusing, harmful prompts", *_cells(first.harmful)
        yield "log-odds of refusing, benign prompts", *_cells(first.benign)
    best = layers.at_best if layers is not None else None
    if best is not None:
        place = f"layer {best.layer}"
        yield f"distance of harmful from benign, {place}", *_cells(best.gap)
        yield f"harmful prompts along base's direction, {place}", *_cells(best.harmful)
        yield f"AUC of base's probe, {place}", *_cells(best.probe)


def _cells(found: Figure) -> tuple[str, str]:
    if found.value is None:
        return "–", "0"
    ends = "no interval" if found.interval is None else f"{found.interval[0]:+.2f} to {found.interval[1]:+.2f}"
    return f"{found.value:+.2f} ({ends})", str(found.n)
