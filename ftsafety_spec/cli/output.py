"""Results to stdout, as text or JSON; notes to stderr. Gives the `--format` option, consoles that never read markup,
and tables of safe text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ftsafety_spec.cli.text import safe
from ftsafety_spec.records.safe_json import safe_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

F = TypeVar("F", bound=Callable[..., Any])

_PIPE_WIDTH = 120


def format_option(command: F) -> F:
    """Add `--format text|json` (argument `form`) to a command."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How results are printed to stdout.",
    )(command)


def print_json(data: Any) -> None:
    """Plain data to stdout, indented; characters that a terminal obeys are escaped."""
    print(safe_json(data, indent=1))


def note(message: str) -> None:
    """A line for a person, to stderr."""
    print(safe(message), file=sys.stderr, flush=True)


@contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Warnings that are raised inside, such as of a broken plugin that nobody named, as lines for a person."""
    import warnings

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for text in dict.fromkeys(str(item.message) for item in caught if issubclass(item.category, UserWarning)):
        note(f"warning: {text}")


def console(stderr: bool = False) -> Console:
    """A console that takes no markup out of text; piped output gets a fixed width. A reader that goes away early
    (`| head`) is left to `main`: rich itself would leave with 1, the status of a fault."""
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    terminal = (sys.stderr if stderr else sys.stdout).isatty()
    width = None if terminal else _PIPE_WIDTH
    return Piped(stderr=stderr, markup=False, highlight=False, emoji=False, width=width)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], right: Iterable[int] = ()) -> Table:
    """A plain table of safe text; columns in `right` are aligned to the right."""
    from rich.table import Table
    from rich.text import Text

    aligned = set(right)
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for index, name in enumerate(columns):
        made.add_column(name, justify="right" if index in aligned else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text("–" if value is None else safe(str(value))) for value in row))
    return made
