"""Command line overrides in Hydra's grammar. Given `a.b=c`, gives `++a.b=c` and what it does, or the mistake in it.
The policy is never overridden; under `--locked`, neither are its name, the risk context and the waivers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ftsafety_spec.compose.scan import clip, number_problem, text_problem
from ftsafety_spec.errors import Problem, Where
from ftsafety_spec.spec.common import NAME_PATTERN

LOCKED_KEYS = ("policy", "risk", "waivers")
_GROUP = re.compile(r"^suites\.(?P<id>[a-z0-9][a-z0-9_-]*)$")
_SHORT = "the long form: specs/suites@suites.ID=NAME"


@dataclass(frozen=True)
class Change:
    """One override, understood. `number` counts from 1; `hydra` is what Hydra is given."""

    number: int
    text: str
    hydra: str
    kind: Literal["set", "delete", "choose", "add", "drop"]
    path: tuple[str, ...] = ()
    value: Any = None
    suite: str = ""
    name: str = ""


def place_of(number: int, text: str, key: str | None = None) -> Where:
    """How messages name an override."""
    return Where(file=f"override {number} ({clip(text)})", key=key)


def parse_overrides(overrides: Sequence[str], locked: bool = False) -> tuple[list[Change], list[Problem]]:
    """Every override understood, and every mistake in them."""
    changes: list[Change] = []
    problems: list[Problem] = []
    for number, text in enumerate(overrides, start=1):
        found = _parse(number, text)
        if isinstance(found, Change) and locked and found.path[:1] and found.path[0] in LOCKED_KEYS:
            message = f"{found.path[0]} cannot be overridden under --locked."
            found = Problem("FTS-114", message, place_of(number, text), "Change the checked-in file.")
        if isinstance(found, Problem):
            problems.append(found)
        else:
            changes.append(found)
    return changes, problems


@dataclass
class _Refusal(Exception):
    """Why an override cannot be used."""

    message: str
    hint: str | None = None
    code: str = "FTS-109"


def _parse(number: int, text: str) -> Change | Problem:
    try:
        return _change(number, text)
    except _Refusal as refusal:
        return Problem(refusal.code, refusal.message, place_of(number, text), refusal.hint)


def _change(number: int, text: str) -> Change:
    from hydra.core.override_parser.overrides_parser import OverridesParser

    if len(text) > 10_000 or "\n" in text:
        raise _Refusal("an override is one line of at most 10,000 characters.")
    try:
        parsed = OverridesParser.create().parse_override(text)
        value = None if parsed.is_delete() else parsed.value()
    except Exception as error:  # Hydra's own, ANTLR's, and what values make of themselves
        why = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        hint = "Write key.path=value; quote values that hold = , or spaces."
        raise _Refusal(f"not an override: {why}.", hint) from error
    if parsed.is_sweep_override():
        raise _Refusal("several values are given.", "For a list write key=[a,b]; for text quote it: key='a,b'.")
    if parsed.package is not None or "/" in parsed.key_or_group:
        return _choice(number, text, parsed, value)
    return _setting(number, text, parsed, value)


def _choice(number: int, text: str, parsed: Any, value: Any) -> Change:
    """`[+|~]specs/suites@suites.ID=NAME`: which suite an id takes."""
    key, package = parsed.key_or_group, parsed.package
    match = _GROUP.match(package or "")
    if key not in ("specs/suites", "/specs/suites") or match is None:
        raise _Refusal(f"no such group: {key}{'@' + package if package else ''}.", f"A suite is chosen by {_SHORT}.")
    suite = match["id"]
    if parsed.is_delete():
        return Change(number, text, f"~specs/suites@suites.{suite}", "drop", suite=suite)
    if not isinstance(value, str) or not re.match(NAME_PATTERN, value):
        raise _Refusal(f"{clip(value)} is not the name of a suite.")
    adds = parsed.is_add() or parsed.is_force_add()
    hydra = f"{'+' if adds else ''}specs/suites@suites.{suite}={value}"
    return Change(number, text, hydra, "add" if adds else "choose", suite=suite, name=value)


def _setting(number: int, text: str, parsed: Any, value: Any) -> Change:
    """`a.b=c` and `~a.b`: a value of the composed mapping."""
    key = parsed.key_or_group
    path = tuple(re.sub(r"\[([^\]]*)\]", r".\1", key).split("."))
    if not all(path):
        raise _Refusal(f"{key!r} is not a key path.")
    if path[0] in ("hydra", "defaults") or any(part.startswith("_") and part.endswith("_") for part in path):
        raise _Refusal(f"{key} cannot be set.", code="FTS-103")
    if parsed.is_delete():
        return Change(number, text, f"~{key}", "delete", path)
    found = _value_problem(value)
    if found is not None:
        raise _Refusal(found[1], found[2], found[0])
    if path[0] == "suites" and len(path) == 2 and isinstance(value, str):
        raise _Refusal(f"{key} is a mapping, not a name.", f"A suite is chosen by {_SHORT}.")
    return Change(number, text, "++" + text.lstrip("+"), "set", path, value)


def _value_problem(value: Any) -> tuple[str, str, str | None] | None:
    if isinstance(value, dict):
        odd = [key for key in value if not isinstance(key, str) or (key.startswith("_") and key.endswith("_"))]
        if odd:
            return "FTS-109", f"{clip(odd[0])} cannot be a key.", None
        return next(filter(None, map(_value_problem, value.values())), None)
    if isinstance(value, list):
        return next(filter(None, map(_value_problem, value)), None)
    if isinstance(value, str):
        return text_problem(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        why = number_problem(value)
        return ("FTS-106", f"found {clip(value)}: {why}.", None) if why else None
    return None
