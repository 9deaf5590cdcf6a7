"""`ftsafety schema`: the JSON Schema (2020-12) of what people write, of each record, and of what commands print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
    text = json.dumps(_schema(kind), indent=1, ensure_ascii=False)
    if out is None:
        print(text)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text + "\n", encoding="utf-8")
        note(f"wrote {out}")


def _schema(kind: str) -> dict[str, Any]:
    """Of a file or a record; `result:COMMAND`, with `-` for spaces, of what a command prints with `--format json`."""
    from ftsafety_spec.compose.schemas import SCHEMA_KINDS, schema_of

    if kind in SCHEMA_KINDS:
        return schema_of(kind)
    from ftsafety_spec.cli.result_schema import PREFIX, RESULT_KINDS, result_schema

    if not kind.startswith(PREFIX):
        raise NotFoundError("schema", kind, (*SCHEMA_KINDS, *RESULT_KINDS))
    return result_schema(kind)
