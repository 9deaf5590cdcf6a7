"""`ftsafety assess` and `ftsafety accept`: a person sets down a run's risk, or takes it. Writes a file that is to be
filled in and checked in, or takes a filled-in one as evidence. Judging it is the gate's work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import FILE, day_of, person_name, run_argument, today
from ftsafety_spec.cli.output import format_option, note, print_json

if TYPE_CHECKING:
    from ftsafety_spec.pipeline.signoff import What

Command = Callable[..., Any]


def _options(command: Command) -> Command:
    for option in (
        format_option,
        click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the file here instead."),
        click.option("--until", callback=day_of, metavar="DATE", help="The last day on which it counts."),
        click.option("--role", metavar="ROLE", help="A role of the policy; left out, the one that the policy asks."),
        click.option("--by", metavar="NAME", help="Who signs, as the policy names them."),
        click.option("--file", type=FILE, help="Take in this filled-in file."),
        run_argument,
    ):
        command = option(command)
    return command


def _help(name: str) -> str:
    return f"{help_of(name)}\n\n\b\nIn two steps:\n  ftsafety {name} RUN --by NAME\n  ftsafety {name} RUN --file FILE"


@click.command("accept", help=_help("accept"), short_help=help_of("accept"))
@click.option("--reason", metavar="TEXT", help="Why the risk is worth taking.")
@click.option("--condition", "conditions", multiple=True, metavar="TEXT", help="What must hold; may be repeated.")
@_options
def accept_command(run: Path, file: Path | None, form: str, **given: Any) -> None:
    """A file to be filled in, or a filled-in one."""
    _sign("acceptance", run, file, form, given)


@click.command("assess", help=_help("assess"), short_help=help_of("assess"))
@click.option("--summary", "reason", metavar="TEXT", help="What it comes to.")
@_options
def assess_command(run: Path, file: Path | None, form: str, **given: Any) -> None:
    """A file to be filled in, or a filled-in one."""
    _sign("assessment", run, file, form, given)


def _sign(what: What, run: Path, file: Path | None, form: str, given: dict[str, Any]) -> None:
    from ftsafety_spec.pipeline import open_run

    folder = open_run(run)
    if file is None:
        _template(what, run, form, given)
        return
    if any(given.values()):
        raise click.UsageError("--file takes a file as it is: leave the other options out.")
    from ftsafety_spec.pipeline.signoff import take_signoff

    evidence, warnings = take_signoff(folder, what, file, today())
    for warning in warnings:
        note(f"warning: {warning}")
    following = f"ftsafety gate {run}"
    if form == "json":
        print_json({"run": str(run), "evidence": evidence.to_json(), "warnings": warnings, "next": following})
    else:
        print(f"added the {what} of {evidence.by.name}, bound to {evidence.subject[0][:19]}. Next: {following}")


def _template(what: What, run: Path, form: str, given: dict[str, Any]) -> None:
    from ftsafety_spec.pipeline import open_run
    from ftsafety_spec.pipeline.signoff import COMMANDS, Wanted, write_template

    until: date | None = given["until"]
    wanted = Wanted(
        by=person_name(given["by"]),
        role=given["role"],
        reason=given["reason"],
        conditions=given.get("conditions", ()),
        until=until,
    )
    path = write_template(open_run(run), what, wanted, given["out"])
    path = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    following = f"ftsafety {COMMANDS[what]} {run} --file {path}"
    if form == "json":
        print_json({"run": str(run), "file": str(path), "next": following})
    else:
        print(f"wrote {path}: fill in every ???, check it in. Next: {following}")
