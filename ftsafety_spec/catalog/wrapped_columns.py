"""The columns `request` and `before` of a user's prompt file: a request inside a wrapper, and what was said before it.
Given a row, gives the plain request and the scripted turns. Never guesses what a wrapped text asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ftsafety_spec.catalog.base import Turn
from ftsafety_spec.records.base import clean_text

COLUMNS = ("request", "before")
MOST = 200
"""Turns before one prompt."""
MOST_CHARACTERS = 100_000
ROLES = ("user", "assistant")


class BadWrapping(Exception):
    """What is wrong with a row's request or turns, in words."""


def wrapping_of(row: Mapping[str, Any]) -> tuple[str | None, tuple[Turn, ...]]:
    """The plain request behind the prompt (None: the prompt is the request), and the turns before it. Each of `before`
    is [role, text], user and assistant in turn, the user first. Raises BadWrapping."""
    request, before = row.get("request"), row.get("before")
    if request is not None:
        _check_text(request, "`request`")
    if before is None:
        return request, ()
    if not isinstance(before, list) or not 1 <= len(before) <= MOST:
        raise BadWrapping(f"`before` must be a list of 1 to {MOST} turns; a CSV file cannot hold one.")
    for number, item in enumerate(before):
        _check_turn(item, number)
    if len(before) % 2:
        raise BadWrapping("`before` must end with a turn of the assistant: the prompt is the user's next one.")
    return request, tuple(cast(Turn, (role, text)) for role, text in before)


def _check_turn(item: object, number: int) -> None:
    expected = ROLES[number % 2]
    if not isinstance(item, list) or len(item) != 2 or item[0] != expected:
        raise BadWrapping(f'`before`, entry {number + 1}: expected ["{expected}", text].')
    _check_text(item[1], f"`before`, entry {number + 1}")


def _check_text(text: object, name: str) -> None:
    if not isinstance(text, str) or not text.strip() or len(text) > MOST_CHARACTERS:
        raise BadWrapping(f"{name}: expected a text of 1 to {MOST_CHARACTERS} characters.")
    if text != clean_text(text) or "\0" in text:
        raise BadWrapping(f"{name} holds characters that are no text (a lone surrogate or NUL).")
