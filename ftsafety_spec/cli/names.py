"""`ftsafety policies | suites | providers`: what can be named, and where it comes from.
Nothing is imported or composed to list it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.output import console, format_option, print_json, table

Row = dict[str, str]


@click.command("policies", help=help_of("policies"))
@format_option
def policies_command(form: str) -> None:
    """Policies of the project, then built-in ones."""
    _print(_files("policies"), form)


@click.command("suites", help=help_of("suites"))
@format_option
def suites_command(form: str) -> None:
    """Suites of the project, then built-in ones."""
    _print(_files("suites"), form)


@click.command("providers", help=help_of("providers"))
@format_option
def providers_command(form: str) -> None:
    """Providers of the project, then built-in ones."""
    _print(_files("providers"), form)


def _files(group: str) -> list[Row]:
    from ftsafety_spec.compose import find_project, list_names
    from ftsafety_spec.errors import InputError

    try:
        project = find_project(Path.cwd())
    except InputError:
        project = None  # outside of a project the built-ins are still there
    found = list_names(project, group)  # type: ignore[arg-type]
    return [{"name": item.name, "origin": item.origin, "title": item.title} for item in found]


def _print(rows: Sequence[Row], form: str) -> None:
    if form == "json":
        print_json(list(rows))
        return
    columns = list(rows[0]) if rows else ["name", "origin"]
    console().print(table(columns, [[row[name] for name in columns] for row in rows]))
