"""GitHub Actions around a command: annotations at the lines of a pull request, and the summary of a step. Given a
verdict, prints workflow commands to stderr, so that stdout stays the result. Does nothing elsewhere unless asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ftsafety_spec.records.folder import RunFolder
    from ftsafety_spec.records.verdict import Verdict

F = TypeVar("F", bound=Callable[..., Any])


def github_option(command: F) -> F:
    """Add `--github/--no-github`; left out, as GITHUB_ACTIONS says."""
    return click.option(
        "--github/--no-github",
        "github",
        default=None,
        help="Annotate lines in GitHub Actions (stderr) and write the step summary; left out, only there.",
    )(command)


def annotate(folder: RunFolder, verdict: Verdict, github: bool | None) -> None:
    """Print the annotations and append the summary to $GITHUB_STEP_SUMMARY, where this is wanted."""
    if not (os.environ.get("GITHUB_ACTIONS") == "true" if github is None else github):
        return
    from ftsafety_spec.cli.output import note
    from ftsafety_spec.errors import InputError
    from ftsafety_spec.pipeline.annotating import annotated

    try:
        made = annotated(folder, verdict)
    except InputError as error:  # as where only `gate --at` judged: the verdict stands, it is only not drawn
        note(f"not annotated: {error}")
        return
    for line in made.commands:
        print(line, file=sys.stderr)
    sys.stderr.flush()
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(path).open("a", encoding="utf-8") as handle:
                handle.write(made.summary)
        except OSError as error:
            note(f"no step summary was written: {error}")
