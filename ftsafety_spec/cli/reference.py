"""Writes docs/cli.md out of the command tree, so that the page cannot differ from `--help`.

python -m ftsafety_spec.cli.reference docs/cli.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from inspect import cleandoc
from pathlib import Path

import click

from ftsafety_spec.cli.group import SECTIONS
from ftsafety_spec.cli.main import cli

INTRODUCTION = """# Commands

<!-- Written by `make docs` from the command tree; changes are made there. -->

Results go to stdout, progress and messages to stderr. `--format json` prints results, and problems, as JSON.
SPEC is a file in `specs/` or its name there; RUN is a run folder. `A.B=C` after SPEC overrides a value of the spec.

| exit status | means |
|---|---|
| 0 | go (`run`, `gate`); done (every other command) |
| 3 | pending: review, insufficient evidence, or an obligation that is not met; never a pass |
| 10 | no_go |
| 1 | a fault of an engine or of this program |
| 2 | a mistake in a file or on the command line |
| 4 | the run stopped before everything was measured; the same command goes on |
| 5 | the run does not verify; a report of others is refused |
| 130, 143 | stopped by Ctrl-C or SIGTERM; the same command goes on |

Of `verify report`, 0 says accepted and 3 accepted in part. Of `policy diff`, 3 says that something is looser, of
`policy replay`, that a past decision flips; of `policy test`, 5 says that a case does not come out as expected.

With `--shard`, `run` makes no verdict, and 0 means that the shard is measured.
"""


def reference() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *_sections()])


def main(arguments: Sequence[str]) -> int:
    """Write the page to the named file."""
    if len(arguments) != 1:
        print("usage: python -m ftsafety_spec.cli.reference FILE", file=sys.stderr)
        return 2
    Path(arguments[0]).write_text(reference(), encoding="utf-8")
    return 0


def _sections() -> Iterator[str]:
    root = click.Context(cli, info_name="ftsafety")
    for title, entries in SECTIONS:
        yield f"## {title}\n"
        for name, _, _ in entries:
            command = cli.get_command(root, name)
            assert command is not None
            yield from _command(command, click.Context(command, info_name=name, parent=root))


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    name = context.command_path
    yield f"{'#' * (2 + name.count(' '))} {name}\n"
    group = isinstance(command, click.Group)
    usage = [part for parameter in command.params for part in _argument(parameter, context)]
    yield f"    {' '.join([name, '[OPTIONS]', *usage, *(['COMMAND'] if group else [])])}\n"
    text, _, example = cleandoc(command.help or "").partition("\b\n")  # what follows a \b is not wrapped: examples
    yield f"{text.strip()}\n"
    if example:
        yield "".join(f"    {line}\n" for line in example.strip().splitlines())
    records = [p.get_help_record(context) for p in command.params if isinstance(p, click.Option)]
    options = [record for record in records if record is not None]
    if options:
        yield "| option | |\n|---|---|"
        for written, meaning in options:
            yield "| `{}` | {} |".format(written.replace("|", "\\|"), _cell(meaning))
        yield ""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _command(child, click.Context(child, info_name=name, parent=context))


def _argument(parameter: click.Parameter, context: click.Context) -> list[str]:
    return [parameter.make_metavar(context)] if isinstance(parameter, click.Argument) else []


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
