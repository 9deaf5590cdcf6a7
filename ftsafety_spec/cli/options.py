"""Arguments and options that several commands share, and the two kinds of value that click does not know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def data_option(command: F) -> F:
    """Add `--data DIR`, read from FTSAFETY_DATA where it is left out."""
    return click.option(
        "--data", type=FOLDER, envvar="FTSAFETY_DATA", show_envvar=True, help="Folder of benchmark data."
    )(command)


def spec_arguments(command: F) -> F:
    """Add SPEC and the overrides `a.b=c`."""
    command = click.argument("overrides", nargs=-1, metavar="[A.B=C]...")(command)
    return click.argument("spec", metavar="SPEC")(command)


def run_argument(command: F) -> F:
    """Add RUN, a run folder."""
    return click.argument("run", metavar="RUN", type=click.Path(path_type=Path))(command)


def preparing_options(command: F) -> F:
    """Add what `plan` and `run` take beside a spec: --data, --out, --locked, --require-policy, --rehash."""
    for option in (
        click.option("--rehash", is_flag=True, help="Hash weights again, whatever the cache says."),
        click.option("--require-policy", metavar="NAME[@DIGEST]", help="Refuse to judge by any other policy (for CI)."),
        click.option("--locked", is_flag=True, help="Refuse overrides of policy, risk and waivers (for CI)."),
        click.option(
            "--out",
            type=click.Path(file_okay=False, path_type=Path),
            help="Run folder; left out, runs/<spec>-<digest> of the project.",
        ),
        data_option,
    ):
        command = option(command)
    return command


def everything_option(command: F) -> F:
    """Add `--no-early-stop`."""
    return click.option(
        "--no-early-stop", "everything", is_flag=True, help="Ask all that is planned, whatever the looks at it show."
    )(command)


def shard_of(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """`3/8`, the third of eight shards, as (3, 8); a callback of an option."""
    if value is None:
        return None
    first, _, second = value.partition("/")
    if not (first.isdecimal() and second.isdecimal() and 1 <= int(first) <= int(second)):
        raise click.BadParameter(f"{value!r} is not a shard such as 3/8", ctx, param)
    return int(first), int(second)


def day_of(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    """`2026-11-24` as a date; a callback of an option."""
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date such as 2026-11-24", ctx, param) from None


def today() -> date:
    """The present date in UTC."""
    return datetime.now(UTC).date()


def person_name(by: str | None) -> str:
    """A person's name as it stands in records: one line, not empty, at most 120 characters."""
    name = (by or "").strip()
    if not name or len(name) > 120 or not name.isprintable():
        raise click.UsageError("Say who it is: --by NAME (one line).")
    return name
