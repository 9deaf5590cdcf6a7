"""JSON Schema 2020-12 of what people write: spec, suite, policy and provider files. Given a kind, gives plain data.
Unlike the schema of a composed file, it knows `defaults`, asks for no key (an extending file is a part), lets a rule be
null, and describes every key, which is what editors show on hover."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from ftsafety_spec.spec.common import AREAS, NAME_PATTERN
from ftsafety_spec.spec.hover import HOVER
from ftsafety_spec.spec.policy import Policy
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import Spec
from ftsafety_spec.spec.suite import Suite

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE_MODELS: dict[str, type[BaseModel]] = {"spec": Spec, "suite": Suite, "policy": Policy, "provider": Provider}

_HERE = {
    "type": "string",
    "pattern": "^/?" + NAME_PATTERN.removeprefix("^").removesuffix("$") + "@_here_$",
    "description": "Extend another file: NAME@_here_, or its whole name with the folder, /specs/suites/NAME@_here_",
}
_SELF = {"const": "_self_", "description": "Where this file itself stands: as a rule last, so that its values win"}
_MOUNT = {
    "type": "object",
    "description": "Mount a suite: suites@suites.ID: NAME; `override` before it takes another suite than a file below",
    "minProperties": 1,
    "maxProperties": 1,
    "patternProperties": {
        r"^(override\s+)?(/specs/)?suites@suites\.[a-z0-9][a-z0-9_-]*$": {
            "type": ["string", "null"],
            "pattern": NAME_PATTERN,
        }
    },
    "additionalProperties": False,
}
_SCHEMA_KEYS = ("items", "additionalProperties", "propertyNames", "not", "contains")
_LIST_KEYS = ("anyOf", "oneOf", "allOf", "prefixItems")
_MAP_KEYS = ("properties", "patternProperties", "$defs")


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of `spec`, `suite`, `policy` or `provider`. Raises KeyError on another kind."""
    model = FILE_MODELS[kind]
    schema = model.model_json_schema(mode="validation")
    visit(schema, _authoring)
    visit(schema, drop_titles)
    _describe(model.__name__, schema)
    for name, part in schema.get("$defs", {}).items():
        _describe(name, part)
    if kind in ("suite", "spec"):
        _name_areas(schema["$defs"]["Task"])
    schema["properties"] = {"defaults": _defaults(kind), **schema["properties"]}
    return {"$schema": DIALECT, "$id": identifier(kind), "title": f"ftsafety {kind} file", **schema}


def identifier(kind: str) -> str:
    """The `$id` of a kind; a name, not an address: nothing is ever fetched."""
    return f"urn:ftsafety-spec:schema:{kind}:1"


def visit(schema: Any, change: Callable[[dict[str, Any]], None]) -> None:
    """Apply `change` to a schema and to every schema within it. Keys that are names of properties are left alone."""
    if not isinstance(schema, dict):
        return
    change(schema)
    for key in _SCHEMA_KEYS:
        visit(schema.get(key), change)
    for key in _LIST_KEYS:
        for item in schema.get(key, ()):
            visit(item, change)
    for key in _MAP_KEYS:
        for item in schema.get(key, {}).values():
            visit(item, change)


def drop_titles(schema: dict[str, Any]) -> None:
    """Titles that pydantic makes of names say nothing."""
    schema.pop("title", None)


def _authoring(schema: dict[str, Any]) -> None:
    schema.pop("required", None)
    if "patternProperties" in schema:  # a mapping by id: a key that is no id is a mistake
        schema.setdefault("additionalProperties", False)
    if "discriminator" in schema:  # a rule in an extending file may leave out its kind
        schema.pop("discriminator")
        schema["anyOf"] = schema.pop("oneOf")


def _describe(model: str, schema: dict[str, Any]) -> None:
    for name, part in schema.get("properties", {}).items():
        text = HOVER.get(f"{model}.{name}") or HOVER.get(name)
        if text and "description" not in part:
            part["description"] = text


def _name_areas(task: dict[str, Any]) -> None:
    area = task["properties"]["area"]
    area["anyOf"] = [{"enum": list(AREAS)}, {"type": "null"}]


def _defaults(kind: str) -> dict[str, Any]:
    lines = [_SELF, _HERE, *([_MOUNT] if kind == "spec" else [])]
    return {
        "description": "What this file is composed of, in order; later lines win",
        "type": "array",
        "items": {"anyOf": lines},
        "contains": _SELF,
        "minContains": 1,
        "maxContains": 1,
    }
