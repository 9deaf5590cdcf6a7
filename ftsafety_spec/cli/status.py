"""`ftsafety status`: all models of a project in one table, judged from their records as of today. The exit status is
the worst row's: 0 all go, 3 something pending, 5 something that cannot be trusted, 10 something no go."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import day_of, today
from ftsafety_spec.cli.output import console, format_option, note, print_json, table

if TYPE_CHECKING:
    from ftsafety_spec.pipeline.status import Row

MOST = 3
"""Things owed that a cell names."""


@click.command("status", help=help_of("status"))
@click.argument("runs", nargs=-1, metavar="[RUNS]...", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--at", "at", callback=day_of, metavar="DATE", help="As of this date; left out, today (UTC).")
@format_option
def status_command(runs: tuple[Path, ...], at: date | None, form: str) -> None:
    """Judge and list; writes nothing. RUNS: run folders, or folders of them; left out, runs/ of the project."""
    from ftsafety_spec.pipeline.status import run_folders, status_of

    as_of = at or today()
    rows = status_of(run_folders(runs or _own()), as_of)
    if form == "json":
        print_json({"as_of": as_of.isoformat(), "models": [{**row.__dict__, "exit": row.exit} for row in rows]})
    else:
        _print(rows, as_of)
    raise click.exceptions.Exit(max((row.exit for row in rows), default=0))


def _own() -> tuple[Path, ...]:
    from ftsafety_spec.compose import find_project
    from ftsafety_spec.errors import InputError, Where

    root = find_project(Path.cwd()).root / "runs"
    if not root.is_dir():
        where = Where(file=str(root))
        raise InputError(
            "no run has been made here.", code="FTS-130", where=where, hint="`ftsafety run SPEC` makes one."
        )
    return (root,)


def _print(rows: list[Row], as_of: date) -> None:
    out = console()
    out.print(f"{len(rows)} models as of {as_of.isoformat()}")
    columns = ("model", "decision", "action", "until", "signed", "owed", "run")
    if rows:
        out.print(table(columns, [_cells(row) for row in rows]))
    for row in rows:
        for sentence in row.edited:
            note(f"{row.spec}: {sentence}")


def _cells(row: Row) -> tuple[Any, ...]:
    if row.state != "judged":
        return row.spec, row.state.replace("_", " "), None, None, None, row.why, Path(row.run).name
    more = [f"and {len(row.owed) - MOST} more"] if len(row.owed) > MOST else []
    decision = f"{row.decision} (was {row.was})" if row.was else row.decision
    owed = "; ".join([*row.owed[:MOST], *more])
    return row.spec, decision, row.action, row.until, "yes" if row.signed else "no", owed, Path(row.run).name
