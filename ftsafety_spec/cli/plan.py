"""`ftsafety plan`: what a run asks, costs and can show. Writes nothing, asks no model."""

from __future__ import annotations

from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import preparing_options, spec_arguments
from ftsafety_spec.cli.output import format_option, print_json


@click.command("plan", help=help_of("plan"))
@spec_arguments
@preparing_options
@format_option
def plan_command(
    spec: str,
    overrides: tuple[str, ...],
    data: Path | None,
    out: Path | None,
    locked: bool,
    require_policy: str | None,
    rehash: bool,
    form: str,
) -> None:
    """Compose and plan; print the plan."""
    from ftsafety_spec.cli.plan_view import print_plan
    from ftsafety_spec.pipeline import Options, prepare, prospects

    options = Options(overrides, out, data, locked, require_policy, rehash)
    prepared = prepare(spec, options, write=False)
    outlook = prospects(prepared, options)
    if form == "json":
        print_json({**prepared.plan.plain(), "prospects": [item.model_dump(mode="json") for item in outlook]})
    else:
        print_plan(prepared, outlook)
