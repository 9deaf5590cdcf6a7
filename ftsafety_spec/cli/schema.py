"""`ftsafety schema`: the JSON Schema (2020-12) of what people write, and of each record."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.output import format_option, note
from ftsafety_spec.errors import NotFoundError


@click.command("schema", help=help_of("schema"))
@click.argument("kind", metavar="KIND")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file instead.")
@format_option
def schema_command(kind: str, out: Path | None, form: str) -> None:  # noqa: ARG001
    """Print or write one schema; it is JSON in either format."""
    from ftsafety_spec.compose.schemas import SCHEMA_KINDS, schema_of

    if kind not in SCHEMA_KINDS:
        raise NotFoundError("schema", kind, SCHEMA_KINDS)
    text = json.dumps(schema_of(kind), indent=1, ensure_ascii=False)
    if out is None:
        print(text)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text + "\n", encoding="utf-8")
        note(f"wrote {out}")
