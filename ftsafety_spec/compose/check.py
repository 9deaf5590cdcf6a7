"""pydantic's errors in our words. Given composed data and a model, gives the validated model, or Problems with the
place that set each value, what was found, what was expected and the nearest valid name. Values are taken as YAML
has them: text is not read as a number, nor a number as text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ftsafety_spec.compose.fields import fields_at
from ftsafety_spec.compose.mix import Mix
from ftsafety_spec.compose.places import MISSING, Path
from ftsafety_spec.compose.scan import clip
from ftsafety_spec.compose.source import is_secret
from ftsafety_spec.errors import Problem, nearest, suggest

M = TypeVar("M", bound=BaseModel)

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "date_type": "a date such as 2026-11-24",
    "date_parsing": "a date such as 2026-11-24",
    "date_from_datetime_parsing": "a date such as 2026-11-24",
    "date_from_datetime_inexact": "a date such as 2026-11-24",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "string_too_short": "some text",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "finite_number": "a finite number",
}
_YAML_WORDS = "YAML reads no, yes, on, off, true, false as truth values"


def check(model: type[M], made: Mix) -> tuple[M | None, list[Problem]]:
    """The validated model, or None and every mistake."""
    try:
        return model.model_validate_json(json.dumps(made.data), strict=True), []
    except ValidationError as error:
        return None, _problems(model, made, error.errors(include_url=False))


def _problems(model: type[BaseModel], made: Mix, errors: list[ErrorDetails]) -> list[Problem]:
    groups: dict[Path, list[ErrorDetails]] = {}
    for error in errors:
        groups.setdefault(_data_path(made.data, error), []).append(error)
    found = []
    for path, group in groups.items():
        deeper = any(len(other) > len(path) and other[: len(path)] == path for other in groups)
        if deeper and all(error["type"] == "literal_error" for error in group):
            continue  # the other branch of a union fits better and is reported below
        if not _missing_marker(made.data, path):
            found.append(_problem(model, made, path, group))
    return found


def _data_path(data: Any, error: ErrorDetails) -> Path:
    """The error's place in the data: tags of unions and `[key]` left out."""
    path: list[str | int] = []
    loc = error["loc"]
    for index, part in enumerate(loc):
        if _holds(data, part):
            data = data[part]
            path.append(part)
        elif index == len(loc) - 1 and error["type"] == "missing":
            path.append(part)
    return tuple(path)


def _holds(data: Any, part: str | int) -> bool:
    if isinstance(data, dict):
        return part in data
    return isinstance(data, list) and isinstance(part, int) and part < len(data)


def _missing_marker(data: Any, path: Path) -> bool:
    for part in path:
        if not _holds(data, part):
            return False
        data = data[part]
    return bool(data == MISSING)


def _problem(model: type[BaseModel], made: Mix, path: Path, group: list[ErrorDetails]) -> Problem:
    error = group[0]
    kind = error["type"]
    if kind == "missing":
        return _missing(model, made, path)
    if kind == "extra_forbidden":
        known = fields_at(model, path[:-1], made.data)
        return made.problem("FTS-105", f"no such key: {path[-1]!r}.", path, suggest(str(path[-1]), known), at_key=True)
    if kind == "value_error":
        return _own_words(made, path, error["msg"].removeprefix("Value error, "))
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return _tag(made, path, error)
    if "[key]" in error["loc"]:
        expected = _expected(error)
        return made.problem("FTS-106", f"{path[-1]!r} cannot be a key here: expected {expected}.", path,
                            _near(str(path[-1]), error), at_key=True)  # fmt: skip
    expected = " or ".join(dict.fromkeys(_expected(item) for item in group))
    value = error["input"]
    found = "something else (not shown)" if path and is_secret(str(path[-1])) else _found(value)
    return made.problem("FTS-106", f"found {found}, expected {expected}.", path, _value_hint(value, group))


def _missing(model: type[BaseModel], made: Mix, path: Path) -> Problem:
    described = fields_at(model, path[:-1], made.data).get(str(path[-1]))
    return made.problem("FTS-107", f"the key {path[-1]!r} is missing.", path, f"{described}." if described else None)


def _own_words(made: Mix, path: Path, message: str) -> Problem:
    """A model's own message; where it begins with a key path, that is the place."""
    match = re.match(r"^([a-z_]+(?:\.[A-Za-z0-9_-]+)*): ", message)
    if match and made.root.at((*path, *match[1].split("."))) is not None:
        path, message = (*path, *match[1].split(".")), message[match.end() :]
    code = "FTS-104" if "no such" in message else "FTS-106"
    return made.problem(code, message if message.endswith("?") else message.rstrip(".") + ".", path)


def _tag(made: Mix, path: Path, error: ErrorDetails) -> Problem:
    context: Mapping[str, Any] = error.get("ctx") or {}
    field = str(context.get("discriminator", "'kind'")).strip("'")
    words = re.findall(r"'([^']*)'", str(context.get("expected_tags", "")))
    if error["type"] == "union_tag_not_found":
        hint = (
            "One of bands, ceiling, floor, concern, minimum_evidence, findings, weight_findings, grader_agreement, "
            "grader_quality, provider_verification, budget, expiry, requires_review."
        )
        return made.problem("FTS-107", f"the key {field!r} is missing.", (*path, field), _meant(made, path) + hint)
    found = str(context.get("tag"))
    return made.problem(
        "FTS-106", f"found {clip(found)}, expected {_words(words)}.", (*path, field), _did_you_mean(found, words)
    )


def _meant(made: Mix, path: Path) -> str:
    """A rule that is there and whose name is near, where what lacks a kind may be a slip in a rule's name."""
    beside: Any = made.data
    for part in path[:-1]:
        beside = beside[part]
    named = beside.items() if isinstance(beside, dict) else ()
    known = [name for name, rule in named if isinstance(rule, dict) and "kind" in rule]
    near = nearest(str(path[-1]), known)
    return f"Did you mean {near}? A new one says its kind. " if near is not None else ""


def _expected(error: ErrorDetails) -> str:
    kind = error["type"]
    context: Mapping[str, Any] = error.get("ctx") or {}
    if kind in ("literal_error", "enum"):
        return _words(_literals(error))
    if kind == "string_pattern_mismatch":
        return _pattern(str(context.get("pattern", "")))
    if kind in _EXPECTED:
        return _EXPECTED[kind].format(**context)
    message = error["msg"]
    return message[0].lower() + message[1:]


def _pattern(pattern: str) -> str:
    if pattern.startswith("^[a-z0-9]"):
        return "lower case letters, digits, `.`, `_` and `-`, a letter or digit first"
    if pattern.startswith("^[A-Za-z0-9]"):
        return "a name such as ftsafety/default"
    if pattern.startswith("^https"):
        return "an address that begins with http:// or https://"
    return "the name of an environment variable in capital letters" if pattern.startswith("^[A-Z]") else pattern


def _literals(error: ErrorDetails) -> list[str]:
    context: Mapping[str, Any] = error.get("ctx") or {}
    text = str(context.get("expected", ""))
    return re.findall(r"'([^']*)'", text) or re.split(r",\s*|\s+or\s+", text)


def _words(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"one of {', '.join(words)}"


def _did_you_mean(found: str, words: list[str]) -> str | None:
    close = nearest(found, words)
    return f"Did you mean {close}?" if close else None


def _near(found: str, error: ErrorDetails) -> str | None:
    return _did_you_mean(found, _literals(error)) if error["type"] == "literal_error" else None


def _found(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing (null)"
    return str(value).lower() if isinstance(value, bool) else clip(value)


def _value_hint(value: Any, group: list[ErrorDetails]) -> str | None:
    kinds = {error["type"] for error in group}
    textual = kinds & {"string_type", "literal_error"}
    if isinstance(value, bool):
        return f"{_YAML_WORDS}: quote the word to have it as text." if textual else f"{_YAML_WORDS}."
    if isinstance(value, (int, float)) and "string_type" in kinds:
        return f'YAML reads it as a number: quote it to have it as text, "{value}".'
    if isinstance(value, str) and kinds & {"int_type", "float_type", "bool_type"}:
        return "Remove the quotes." if re.fullmatch(r"[-+]?[0-9.]+|true|false", value) else None
    if isinstance(value, str):
        return next((hint for error in group if (hint := _near(value, error))), None)
    return None
