"""`ftsafety benchmarks` and `ftsafety benchmarks show NAME`: what can be asked, how good the questions are, and what
they cost with the models of a spec. Prints no prompt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import data_option
from ftsafety_spec.cli.output import console, format_option, print_json, table

if TYPE_CHECKING:
    from ftsafety_spec.catalog.known import Listed

COLUMNS = ("name", "title", "prompts", "licence", "data", "origin")


@click.group("benchmarks", help=help_of("benchmarks"), invoke_without_command=True)
@data_option
@format_option
@click.pass_context
def benchmarks_command(context: click.Context, data: Path | None, form: str) -> None:
    """The list, where no subcommand is named."""
    if context.invoked_subcommand is not None:
        return
    from ftsafety_spec.catalog.known import list_benchmarks

    rows = [_row(item) for item in list_benchmarks(data)]
    if form == "json":
        print_json(rows)
        return
    console().print(table(COLUMNS, [[row[name] for name in COLUMNS] for row in rows], right=[2]))


@benchmarks_command.command("show")
@click.argument("name", metavar="NAME")
@click.option("--spec", metavar="SPEC", help="Add what it costs with the models of this spec.")
@data_option
@format_option
def show_command(name: str, spec: str | None, data: Path | None, form: str) -> None:
    """Print the card of a benchmark or probe; with --spec, what it costs with the models of that spec.

    NAME may be the last part of a name.

    \b
    ftsafety benchmarks show harmbench
    ftsafety benchmarks show xstest --spec support-bot
    """
    from ftsafety_spec.catalog.known import know
    from ftsafety_spec.cli.benchmark_view import card_json, print_card

    known = know(name, data)
    cost = None
    if spec is not None:
        from ftsafety_spec.pipeline.benchmarks import cost_with

        cost = cost_with(known, spec, data)
    if form == "json":
        print_json(card_json(known, cost))
    else:
        print_card(known, cost)


def _row(item: Listed) -> dict[str, Any]:
    row: dict[str, Any] = {"name": item.name, "kind": item.noun, "origin": item.origin}
    if item.card is None:
        return row | {"title": item.broken, "prompts": None, "licence": "", "data": "broken"}
    return row | {
        "title": item.card.title,
        "prompts": item.card.prompts or None,
        "licence": item.card.licence,
        "data": item.at_hand,
    }
