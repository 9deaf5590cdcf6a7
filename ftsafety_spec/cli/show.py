"""`ftsafety show`: a spec as it is composed, each value with the place where it was written where asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import spec_arguments
from ftsafety_spec.cli.output import format_option, print_json
from ftsafety_spec.cli.text import CONTROLS, safe
from ftsafety_spec.records.locked import LockedSpec

Line = tuple[str, str | None]
"""A line of YAML, and the key path whose value it holds."""


@click.command("show", help=help_of("show"))
@spec_arguments
@click.option("--origins", is_flag=True, help="Add the file, line and column of each value.")
@click.option("--locked", is_flag=True, help="Refuse overrides of policy, risk and waivers (for CI).")
@format_option
def show_command(spec: str, overrides: tuple[str, ...], origins: bool, locked: bool, form: str) -> None:
    """Compose and print."""
    from ftsafety_spec.compose import lock_spec

    composed = lock_spec(spec, overrides, locked=locked)
    if form == "json":
        print_json(composed.to_json())
        return
    for line in spec_text(composed, origins):
        print(safe(line))


def spec_text(composed: LockedSpec, origins: bool) -> Iterator[str]:
    """The composed spec as YAML, a line at a time; with `origins`, each value is followed by its place.
    What nobody wrote and means nothing (null, an empty mapping) is left out."""
    lines = list(yaml_lines(_written(composed.spec.model_dump(mode="json"), composed)))
    if not origins:
        yield from (line for line, _ in lines)
        return
    width = min(72, max((len(line) for line, _ in lines), default=0))
    for line, path in lines:
        yield line if path is None else f"{line:<{width}}  # {place_of(composed, path)}"


def _written(data: Mapping[str, Any], composed: LockedSpec, prefix: str = "") -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in data.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            value = _written(value, composed, f"{path}.")
        if value not in (None, {}) or path in composed.origins:
            kept[key] = value
    return kept


def place_of(composed: LockedSpec, path: str) -> str:
    """Where a value was written; a value that nobody wrote is a default."""
    origin = composed.origins.get(path)
    if origin is None:
        return "default"
    if origin.override is not None:
        return f"override {origin.override}: {composed.overrides[origin.override - 1]}"
    return str(origin)


def yaml_lines(data: Mapping[str, Any], depth: int = 0, prefix: str = "") -> Iterator[Line]:
    """Block mappings down to the leaves, one line each; lists and empty mappings in flow style."""
    for key, value in data.items():
        path = f"{prefix}{key}"
        indent = "  " * depth
        if isinstance(value, Mapping) and value:
            yield f"{indent}{scalar(key)}:", None
            yield from yaml_lines(value, depth + 1, f"{path}.")
        else:
            yield f"{indent}{scalar(key)}: {scalar(value)}", path


def scalar(value: Any) -> str:
    """A value on one line of YAML that reads back as the same value."""
    import yaml

    if value is None:
        return "null"
    said = "".join(_texts(value))
    plain = not CONTROLS.search(said)  # else everything beyond ASCII is escaped
    style = '"' if "\n" in said else None  # any other style breaks the line
    text: str = yaml.safe_dump(
        value, default_flow_style=True, default_style=style, width=2**31, allow_unicode=plain, sort_keys=False
    )
    return text.removesuffix("\n").removesuffix("\n...").strip(" \n")  # a blank of another kind is text


def _texts(value: Any) -> Iterator[str]:
    """Every text within a value, itself if it is one."""
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    else:
        yield str(value)
