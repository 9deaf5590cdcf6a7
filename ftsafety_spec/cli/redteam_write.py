"""`ftsafety redteam write`: a model writes further probes of a spec's domain; each is checked before it is kept. Prints
counts, never a text. Plans made afterwards ask what is kept; this command alone asks the writer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ftsafety_spec.cli.options import spec_arguments
from ftsafety_spec.cli.output import console, format_option, print_json, table
from ftsafety_spec.cli.redteam import help_of_part

if TYPE_CHECKING:
    from ftsafety_spec.pipeline.red_team.writer import Written

HELP = """The probes are kept under .ftsafety/redteam/domain/ of the project, bound to the domain's name, description
and categories, and replace those written before. What is off topic, of another category, longer than a plain request
or already there is left out and counted."""


@click.command("write", help=f"{help_of_part('write')}\n\n{HELP}", short_help=help_of_part("write"))
@spec_arguments
@click.option("--writer", metavar="MODEL", help="An Inspect model; left out, the spec's red_team.domain.writer.")
@click.option("--probes", type=int, default=40, show_default=True, help="How many, over the categories.")
@format_option
def write_command(spec: str, overrides: tuple[str, ...], writer: str | None, probes: int, form: str) -> None:
    """Ask, check, keep."""
    from ftsafety_spec.pipeline.red_team.writer import write_probes

    made = write_probes(spec, overrides, writer=writer, probes=probes)
    after = f"ftsafety plan {spec}"
    if form == "json":
        print_json(
            {
                "file": str(made.file),
                "writer": made.writer,
                "kept": made.kept,
                "left_out": made.left_out,
                "tokens_in": made.tokens_in,
                "tokens_out": made.tokens_out,
                "next": after,
            }
        )
    else:
        _print(made, after)


def _print(made: Written, after: str) -> None:
    console().print(table(("category", "kept"), made.kept.items(), right=(1,)))
    if made.left_out:
        console().print(table(("left out because", "lines"), made.left_out.items(), right=(1,)))
    print(f"{sum(made.kept.values())} probes by {made.writer} in {_near(made.file)}; next: {after}")


def _near(file: Path) -> str:
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)
