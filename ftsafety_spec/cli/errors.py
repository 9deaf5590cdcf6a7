"""The one place that prints an error. Given an FtsafetyError, prints each of its problems to stderr as
`file:line:col  key: message hint See FTS-104.` with the source line and a caret, and as JSON to stdout where asked."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from ftsafety_spec.cli.output import print_json
from ftsafety_spec.cli.text import safe
from ftsafety_spec.errors import CODES, FtsafetyError, InputError, NotFoundError, Problem, Where


def print_error(error: FtsafetyError, as_json: bool) -> None:
    """Print all problems of an error."""
    if as_json:
        print_json({"error": error_json(error)})
        sys.stdout.flush()
    for problem in error.problems:
        print(problem_text(problem), file=sys.stderr)
    if len(error.problems) > 1:
        print(f"{len(error.problems)} problems", file=sys.stderr)


def error_json(error: FtsafetyError) -> dict[str, Any]:
    """Plain data of an error: exit status and problems."""
    return {"exit": error.exit_status, "problems": [problem_json(problem) for problem in error.problems]}


def problem_json(problem: Problem) -> dict[str, Any]:
    """Plain data of one problem; what is not known is null."""
    where = problem.where
    return {
        "code": problem.code,
        "name": CODES[problem.code][0],
        "message": problem.message,
        "hint": problem.hint,
        "file": where.file,
        "line": where.line,
        "column": where.column,
        "key": where.key,
        "snippet": problem.snippet,
    }


def problem_text(problem: Problem) -> str:
    """One problem for a terminal: the message, then the source line with a caret under the place."""
    where = Where(shorter(problem.where.file), problem.where.line, problem.where.column, problem.where.key)
    short = Problem(problem.code, problem.message, where, problem.hint)
    lines = [safe(str(short))]
    if problem.snippet:
        lines += _snippet(problem)
    return "\n".join(lines)


def shorter(file: str | None) -> str | None:
    """A path as seen from the present folder, where that is shorter."""
    if file is None or not Path(file).is_absolute():
        return file
    try:
        near = os.path.relpath(file)
    except (ValueError, OSError):
        return file
    return near if len(near) < len(file) else file


def _snippet(problem: Problem) -> list[str]:
    assert problem.snippet is not None
    source = problem.snippet.splitlines()
    if len(source) != 1 or problem.where.line is None:
        return [f"    {safe(line)}" for line in source]
    number = str(problem.where.line)
    shown = [f"  {number} | {safe(source[0])}"]
    if problem.where.column is not None:
        shown.append(f"  {' ' * len(number)} | {' ' * (problem.where.column - 1)}^")
    return shown


def usage_error(error: click.UsageError) -> FtsafetyError:
    """click's complaint about the command line as one of ours, with the nearest option where there is one."""
    if isinstance(error, click.NoSuchOption) and error.ctx is not None:
        known = [name for option in error.ctx.command.params for name in option.opts if name.startswith("--")]
        return NotFoundError("option", error.option_name, [*known, "--help"])
    command = error.ctx.command_path if error.ctx is not None else "ftsafety"
    return InputError(
        f"{error.format_message().rstrip('.')}.", code="FTS-115", hint=f"`{command} --help` shows how it is used."
    )
