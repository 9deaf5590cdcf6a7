"""`ftsafety data fetch | list | verify`: the files that benchmarks are made of, each pinned by its card.
Rows go to stdout and progress to stderr; no prompt is ever printed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftsafety_spec.cli.errors import problem_json, problem_text
from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import FOLDER, data_option
from ftsafety_spec.cli.output import console, format_option, note, print_json, table, warnings_as_notes
from ftsafety_spec.cli.text import one_line
from ftsafety_spec.errors import InputError, Problem, VerificationError

if TYPE_CHECKING:
    from ftsafety_spec.catalog.fetching import Fetched
    from ftsafety_spec.catalog.holdings import Holding

_EVERY = 2.0


@click.group("data", help=help_of("data"))
def data_command() -> None:
    """The files of benchmarks."""


@data_command.command("fetch")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--spec", metavar="SPEC", help="Fetch the files of every benchmark that this spec names.")
@click.option("--all", "everything", is_flag=True, help="Fetch the files of all benchmarks and probes.")
@click.option("--from", "source", type=FOLDER, help="Copy from a local folder instead of the canonical homes.")
@click.option(
    "--accept", metavar="FILE=SHA256", multiple=True, help="Take this content although it is not the pinned one."
)
@format_option
def fetch_command(
    names: tuple[str, ...], spec: str | None, everything: bool, source: Path | None, accept: tuple[str, ...], form: str
) -> None:
    """Bring the files of the named benchmarks into the cache; what is there already stays.

    NAME is a benchmark, a probe or one of their files. Every content is checked against its card.

    \b
    ftsafety data fetch harmbench xstest
    ftsafety data fetch --spec support-bot
    ftsafety data fetch --all --from ~/benchmark-data
    """
    from ftsafety_spec.catalog.cache import Cache
    from ftsafety_spec.catalog.fetching import by_name, fetch
    from ftsafety_spec.catalog.holdings import wanted_files

    if [bool(names), spec is not None, everything].count(True) != 1:
        raise click.UsageError("name benchmarks to fetch, or give --spec SPEC, or --all.")
    if spec is not None:
        from ftsafety_spec.pipeline.benchmarks import named_by

        names = named_by(spec)
    with warnings_as_notes():
        wanted = wanted_files(names) if names or everything else []
    accepted = by_name(_pairs(accept), [file for _, file in wanted])
    cache, rows, problems = Cache.own(), [], list[Problem]()
    for card, file in wanted:
        try:
            got = fetch(
                file, cache, gate=card.gate, source=source, accept=accepted.get(file.name), progress=_Lines().so_far
            )
        except InputError as error:
            problems += error.problems
            continue
        rows.append(got)
        if form == "text":
            note(f"{got.state:<9} {got.name}")
    if form == "json":
        plain = [problem_json(problem) for problem in problems]
        print_json({"cache": str(cache.root), "files": [_fetched(row) for row in rows], "problems": plain})
    else:
        print(f"{len(rows)} of {len(wanted)} files are in the cache, {cache.root}")
    for problem in problems:
        print(problem_text(problem), file=sys.stderr)
    if problems:
        raise click.exceptions.Exit(InputError.exit_status)


@data_command.command("list")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@data_option
@format_option
def list_command(names: tuple[str, ...], data: Path | None, form: str) -> None:
    """List the files of all benchmarks, or of the named ones: rows, licence, and where each file is.

    Nothing is hashed: `ftsafety data verify` does that.
    """
    from ftsafety_spec.catalog.cache import Cache
    from ftsafety_spec.catalog.holdings import holdings

    with warnings_as_notes():
        rows = [_held(item) for item in holdings(names, data, Cache.own())]
    if form == "json":
        print_json(rows)
        return
    columns = ("file", "rows", "pinned", "at", "licence")
    cells = [[one_line(row[name], 44) if name == "licence" else row[name] for name in columns] for row in rows]
    shown = [["yes" if cell is True else "no" if cell is False else cell for cell in row] for row in cells]
    console().print(table(columns, shown, right=[1]))
    for row in rows:
        if row["accepted"]:
            note(f"{row['file']}: another content than the pinned one was accepted: {row['accepted']}")


@data_command.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@data_option
@format_option
def verify_command(names: tuple[str, ...], data: Path | None, form: str) -> None:
    """Hash every file at hand again, in the folder and in the cache; exit status 5 where one differs."""
    from ftsafety_spec.catalog.cache import Cache
    from ftsafety_spec.catalog.holdings import check

    with warnings_as_notes():
        checked = list(check(names, data, Cache.own()))
    bad = [item for item in checked if item.health == "differs"]
    rows = [
        {"file": item.name, "state": item.health, "sha256": item.sha256, "path": str(item.path)} for item in checked
    ]
    if form == "json":
        print_json({"ok": not bad, "files": rows})
    else:
        console().print(table(("", "file", "sha256"), [(row["state"], row["file"], row["sha256"]) for row in rows]))
        print(f"{len(checked)} files hashed, {len(bad)} differ")
    if bad:
        raise click.exceptions.Exit(VerificationError.exit_status)


class _Lines:
    """A line of progress to stderr every two seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def so_far(self, name: str, done: int, size: int | None) -> None:
        """So many bytes of a file have come."""
        now = time.monotonic()
        if now - self._last >= _EVERY:
            self._last = now
            note(f"{name}: {done / 1e6:.1f}{f' of {size / 1e6:.1f}' if size else ''} MB")


def _pairs(values: Iterable[str]) -> dict[str, str]:
    pairs = {}
    for value in values:
        name, equals, digest = value.rpartition("=")
        if not (name and equals and digest):
            raise click.BadParameter(f"{value!r} is not FILE=SHA256", param_hint="--accept")
        pairs[name] = digest
    return pairs


def _fetched(row: Fetched) -> dict[str, Any]:
    return {"file": row.name, "state": row.state, "sha256": f"sha256:{row.sha256}", "bytes": row.bytes}


def _held(item: Holding) -> dict[str, Any]:
    return {
        "file": item.file.name,
        "benchmark": item.card.name,
        "rows": item.file.rows,
        "pinned": item.pinned,
        "at": item.place,
        "path": str(item.path) if item.path is not None else None,
        "accepted": f"sha256:{item.accepted}" if item.accepted else None,
        "licence": item.card.licence,
        "source": item.file.source,
        "gate": item.card.gate.page if item.card.gate is not None else None,
    }
