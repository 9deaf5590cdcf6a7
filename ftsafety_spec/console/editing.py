"""A policy's numbers and words as a form: given a policy, gives fields with the direction that is stricter; given what
was typed, gives the changed policy or each mistake, and the YAML of a policy that extends the first. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from ftsafety_spec.spec.policy import Policy
from ftsafety_spec.spec.rule_words import describe, figure
from ftsafety_spec.spec.strict import Stricter

Path = tuple[str, ...]
_STRICTER = {"lower": "lower is stricter", "higher": "higher is stricter", "ranked": "further down is stricter"}


@dataclass(frozen=True)
class Field:
    """One value that can be edited. `words`: what can be chosen, nothing for a number."""

    path: Path
    title: str
    value: str
    means: str
    stricter: str
    words: tuple[str, ...] = ()
    whole: bool = False

    @property
    def name(self) -> str:
        """The path with dots."""
        return ".".join(self.path)


@dataclass(frozen=True)
class Part:
    """The fields of one rule, or of what actions oblige to."""

    title: str
    says: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Edited:
    """What was typed. `policy`: null where there are mistakes; `changes`: the changed values as nested mappings."""

    policy: Policy | None
    changes: dict[str, Any]
    mistakes: dict[str, str] = field(default_factory=dict)


def parts_of(policy: Policy) -> list[Part]:
    """The form."""
    rules = [
        Part(name, describe(rule, policy.measure), tuple(_fields(("rules", name), rule)))
        for name, rule in policy.rules.items()
        if rule is not None
    ]
    duties = [entry for name, duty in policy.actions.items() for entry in _fields(("actions", name), duty)]
    measure = tuple(_fields(("measure",), policy.measure))
    found = [*rules, Part("measure", "How rates are read.", measure), Part("actions", "What follows.", tuple(duties))]
    return [part for part in found if part.fields]


def _fields(path: Path, model: BaseModel) -> Iterator[Field]:
    for name, info in type(model).model_fields.items():
        value, here = getattr(model, name), (*path, name)
        order = next((item for item in info.metadata if isinstance(item, Stricter)), None)
        if isinstance(value, BaseModel):
            yield from _fields(here, value)
        elif order is not None and isinstance(value, int | float) and not isinstance(value, bool):
            yield _field(here, value, order, (), isinstance(value, int))
        elif order is not None and order.order == "ranked" and isinstance(value, str):
            words = tuple(word for word in order.ranks if word in _choices(info.annotation))
            yield _field(here, value, order, words, False)


def _field(path: Path, value: Any, order: Stricter, words: tuple[str, ...], whole: bool) -> Field:
    title = " ".join(path[2:] if path[0] != "measure" else path[1:]).replace("_", " ")
    if path[0] == "actions":
        title = f"{path[1]} {title}".replace("_", " ")
    means = "" if words else figure(path[-1], value)
    text = value if words else f"{value:g}"
    return Field(path, title, text, means, _STRICTER.get(order.order, ""), words, whole)


def _choices(annotation: Any) -> set[Any]:
    """Words of a Literal, or of one within a union."""
    found: set[Any] = set()
    for item in get_args(annotation):
        found |= {item} if isinstance(item, str) else _choices(item)
    return found


def edited(policy: Policy, given: Mapping[str, str]) -> Edited:
    """The policy with what was typed in it. Fields that are not given, and unknown ones, change nothing."""
    data = policy.model_dump(mode="python", by_alias=True)
    changes: dict[str, Any] = {}
    mistakes: dict[str, str] = {}
    for entry in (entry for part in parts_of(policy) for entry in part.fields):
        text = given.get(entry.name, entry.value).strip()
        if text == entry.value:
            continue
        value = _value(entry, text)
        if value is None:
            mistakes[entry.name] = _expected(entry, text)
            continue
        _put(data, entry.path, value)
        _put(changes, entry.path, value)
    return Edited(None, changes, mistakes) if mistakes else _valid(data, changes)


def _value(entry: Field, text: str) -> Any:
    """The typed value; null where it is none of those that can stand here."""
    if entry.words:
        return text if text in entry.words else None
    try:
        return int(text) if entry.whole else _finite(float(text))
    except ValueError:
        return None


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def _expected(entry: Field, text: str) -> str:
    kind = f"one of {', '.join(entry.words)}" if entry.words else "a whole number" if entry.whole else "a number"
    return f"{text[:80]!r} is not {kind}"


def _put(data: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        data = data.setdefault(name, {})
    data[path[-1]] = value


def _valid(data: dict[str, Any], changes: dict[str, Any]) -> Edited:
    try:
        return Edited(Policy.model_validate(data), changes)
    except ValidationError as error:
        found = {".".join(_place(item["loc"])): str(item["msg"]) for item in error.errors(include_url=False)}
        return Edited(None, changes, found)


def _place(place: tuple[int | str, ...]) -> Iterator[str]:
    """A path without the word that says which kind of rule it is."""
    for index, part in enumerate(place):
        if not (place[0] == "rules" and index == 2):
            yield str(part)


def as_yaml(name: str, digest: str, changes: Mapping[str, Any]) -> str:
    """A policy file that extends `name` by these changes."""
    head = f"# Made by `ftsafety console` from {name} ({digest[:19]}). Put it into policies/ by a name of its own.\n"
    made = {"defaults": [f"{name}@_here_", "_self_"], **changes}
    return head + yaml.safe_dump(made, sort_keys=False, allow_unicode=True)
