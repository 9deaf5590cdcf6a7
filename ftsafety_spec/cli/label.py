"""`ftsafety label`: people read answers too. Given a run, writes out what they are to label, blinded, or takes their
labels in as grades. Texts go to files, never to the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import FILE, person_name, run_argument
from ftsafety_spec.cli.output import format_option, print_json

if TYPE_CHECKING:
    from ftsafety_spec.measure.labels import LabelRole
    from ftsafety_spec.records.folder import RunFolder

EXAMPLE = """\b
In two steps:
  ftsafety label RUN --export todo.jsonl --what audit
  ftsafety label RUN --labels todo.jsonl --by ines@acme.example
"""


@click.command("label", help=f"{help_of('label')}\n\n{EXAMPLE}", short_help=help_of("label"))
@run_argument
@click.option("--labels", type=FILE, help="JSONL of labels to take in.")
@click.option("--by", metavar="NAME", help="Who labelled; with --export, what NAME has labelled is left out.")
@click.option(
    "--role",
    type=click.Choice(["adjudication", "second"]),
    default="adjudication",
    show_default=True,
    help="adjudication: decides over graders; second: only checks them.",
)
@click.option("--export", type=click.Path(dir_okay=False, path_type=Path), help="Write rows to be labelled here.")
@click.option(
    "--what",
    metavar="WHAT",
    default="escalated",
    help="escalated, audit, disagreements or random:N (of each outcome).",
)
@format_option
def label_command(
    run: Path, labels: Path | None, by: str | None, role: LabelRole, export: Path | None, what: str, form: str
) -> None:
    """Take labels in, or give rows out."""
    from ftsafety_spec.pipeline import open_run

    if (labels is None) == (export is None):
        raise click.UsageError("Give one of --labels FILE and --export FILE.")
    folder = open_run(run)
    if export is not None:
        _export(folder, export, what, by, form)
    elif labels is not None:
        _take(folder, labels, person_name(by), role, form)


def _export(folder: RunFolder, export: Path, what: str, by: str | None, form: str) -> None:
    from ftsafety_spec.pipeline.labels import label_export

    count = label_export(folder, export, what, by)
    following = f"ftsafety label {folder.root} --labels {export} --by NAME"
    if form == "json":
        print_json({"run": str(folder.root), "file": str(export), "rows": count, "next": following})
    else:
        print(f"wrote {count} rows to {export}: fill in `label`. Next: {following}")


def _take(folder: RunFolder, labels: Path, by: str, role: LabelRole, form: str) -> None:
    from ftsafety_spec.pipeline.labels import label_run

    done = label_run(folder, labels, by, role)
    following = f"ftsafety compare {folder.root}"
    if form == "json":
        print_json({"run": str(folder.root), **done.__dict__, "next": following})
        return
    lines = [f"took in {done.labels} labels by {by}; {done.answers} grades are by people, {done.waiting} still wait."]
    if done.aside:
        lines.append(f"{done.aside} are of answers that were neither passed on nor drawn: no rate counts them.")
    print("\n".join([*lines, f"Next: {following}"]))
