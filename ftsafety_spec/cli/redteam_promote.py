"""`ftsafety redteam promote`: what a red team found becomes a suite that later runs and canaries ask again. Given a
run, writes two files of the project, never over one that is there."""

from __future__ import annotations

from pathlib import Path

import click

from ftsafety_spec.cli.options import data_option, run_argument, today
from ftsafety_spec.cli.output import format_option, note, print_json
from ftsafety_spec.cli.redteam import help_of_part

HELP = f"""{help_of_part("promote")}

Confirmed findings only, unless --finding names others; triggers, conversations and messages of manual sessions. A spec
mounts the suite like any other: `- suites@suites.found: NAME`."""


@click.command("promote", help=HELP, short_help=help_of_part("promote"))
@run_argument
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="specs/suites/NAME.yaml; left out, red-team-RUN.yaml there.",
)
@click.option("--finding", "only", multiple=True, metavar="ID", help="Only this one; may be repeated.")
@data_option
@format_option
def promote_command(run: Path, out: Path | None, only: tuple[str, ...], data: Path | None, form: str) -> None:
    """Write, and say how it is used."""
    from ftsafety_spec.pipeline import open_run
    from ftsafety_spec.pipeline.red_team.promote import promote

    made = promote(open_run(run), out, only, data, today=today())
    for name, why in made.left_out.items():
        note(f"left out: {name}: {why}")
    following = f"- suites@suites.found: {made.suite.stem}   # in `defaults` of a spec"
    if form == "json":
        print_json(
            {
                "run": str(run),
                "suite": made.suite.stem,
                "files": [str(made.suite), str(made.prompts)],
                "prompts": made.count,
                "findings": list(made.findings),
                "left_out": made.left_out,
                "next": following,
            }
        )
    else:
        print(f"wrote {made.suite} and {made.prompts}: {made.count} prompts of {len(made.findings)} findings.")
        print(f"Next: {following}")
