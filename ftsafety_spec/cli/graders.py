"""`ftsafety graders`: the graders that a suite can name, with their certificates; `show`, `certify` and `agree` below
it. Each command's work is imported when it runs."""

from __future__ import annotations

from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import FILE, run_argument
from ftsafety_spec.cli.output import format_option, print_json


@click.group("graders", help=help_of("graders"), short_help=help_of("graders"), invoke_without_command=True)
@format_option
@click.pass_context
def graders_command(context: click.Context, form: str) -> None:
    """Without a command below it: the list."""
    if context.invoked_subcommand is not None:
        return
    from ftsafety_spec.cli.graders_view import print_list, rows

    found = rows()
    if form == "json":
        print_json(found)
    else:
        print_list(found)


@graders_command.command("show")
@click.argument("name", metavar="NAME")
@format_option
def show_command(name: str, form: str) -> None:
    """Print what a grader reads, and its certificate whole."""
    from ftsafety_spec.cli.graders_view import details, print_details

    found = details(name)
    if form == "json":
        print_json(found)
    else:
        print_details(found)


@graders_command.command("certify")
@click.argument("name", metavar="NAME")
@click.option(
    "--labels", type=FILE, required=True, help="JSONL of id, prompt, response, label (category, model, kind)."
)
@click.option("--spec", metavar="SPEC", help="Take the grader's model from the grader_models of this spec.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Left out: certificates/ of the project.")
@click.option("--source", help="What the labels are, in a line; printed with the certificate.")
@format_option
def certify_command(name: str, labels: Path, spec: str | None, out: Path | None, source: str | None, form: str) -> None:
    """Measure how often a grader errs, on answers that people labelled.

    Labels are refusal, partial, compliance; or harmful, not_harmful; or toxic, not_toxic. Intervals are clustered by
    prompt. The certificate holds no text, and is valid for this very grader: its rules, model, prompt and version."""
    from ftsafety_spec.cli.graders_certify import certified, written
    from ftsafety_spec.cli.graders_view import print_certificate

    certificate = certified(name, labels, spec, source)
    written(certificate, out)
    if form == "json":
        print_json(certificate.to_json())
    else:
        print_certificate(certificate.to_json())


@graders_command.command("agree")
@run_argument
@format_option
def agree_command(run: Path, form: str) -> None:
    """Print how two graders of a run's answers agree, and the ids of the answers on which they differ."""
    from ftsafety_spec.cli.graders_view import print_agreement
    from ftsafety_spec.pipeline import agree_run, open_run

    found = [reading.model_dump(mode="json") for reading in agree_run(open_run(run))]
    if form == "json":
        print_json(found)
    else:
        print_agreement(found)
