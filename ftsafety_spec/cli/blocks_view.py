"""Blocks of a report for a terminal: headings, sentences, lists, facts, tables. Given blocks, prints to stdout; nothing
in them can move the cursor or begin a line of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ftsafety_spec.cli.output import console, table
from ftsafety_spec.cli.text import one_line
from ftsafety_spec.report.blocks import Block, Cell, Code, Facts, Heading, Mark, Points, Table, Text

if TYPE_CHECKING:
    from rich.console import Console


def print_blocks(blocks: Sequence[Block]) -> None:
    """Print them in order."""
    out = console()
    for index, block in enumerate(blocks):
        if index and isinstance(block, Heading):
            out.print()
        _print(out, block)


def _print(out: Console, block: Block) -> None:
    from rich.text import Text as Line

    if isinstance(block, Heading):
        mark = f"{one_line(block.mark.text).upper()}  " if block.mark else ""
        out.print(Line(f"{mark}{one_line(block.text)}", style="bold"), soft_wrap=True)
    elif isinstance(block, Text):
        out.print(Line(one_line(block.text)), soft_wrap=True)
    elif isinstance(block, Points):
        for item in block.items:
            out.print(Line(f"  - {one_line(item)}"), soft_wrap=True)
    elif isinstance(block, Facts):
        for name, value in block.pairs:
            out.print(Line(f"  {one_line(name)}: {_cell(value)}"), soft_wrap=True)
    elif isinstance(block, Table):
        _print_table(out, block)
    else:
        raise TypeError(f"a terminal shows no {block.kind}")


def _print_table(out: Console, block: Table) -> None:
    from rich.text import Text as Line

    out.print(Line(f"\n{one_line(block.caption)}", style="bold"), soft_wrap=True)
    right = [index for index, column in enumerate(block.columns) if column.numeric]
    rows = [[_cell(value) for value in row] for row in block.rows]
    out.print(table([column.title for column in block.columns], rows, right=right))


def _cell(value: Cell) -> str:
    if isinstance(value, Mark | Code):
        return one_line(value.text)
    return one_line(value) if isinstance(value, str) else " ".join(_cell(part) for part in value)
