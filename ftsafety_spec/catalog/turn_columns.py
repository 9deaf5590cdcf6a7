"""The columns `turns` and `asks` of a user's prompt file: a conversation by script.
Given a row, gives the user's later turns. Never guesses what a turn is meant to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ftsafety_spec.catalog.base import UserTurn
from ftsafety_spec.records.base import clean_text

COLUMNS = ("turns", "asks")
MOST = 200
"""Turns of one conversation."""
MOST_CHARACTERS = 100_000


class BadTurns(Exception):
    """What is wrong with a row's turns, in words."""


def turns_of(row: Mapping[str, Any]) -> tuple[tuple[UserTurn, ...], bool]:
    """The later turns, and whether the prompt itself asks for harm (left out: yes). Each of `turns` is a text, which
    asks, or {"text": …, "asks": true or false}. Raises BadTurns."""
    given, asks = row.get("turns"), row.get("asks", True)
    if given is None:
        if "asks" in row:
            raise BadTurns("`asks` says whether the first of several turns asks for harm, but there are no `turns`.")
        return (), True
    if not isinstance(asks, bool):
        raise BadTurns("`asks` must be true or false.")
    if not isinstance(given, list) or not 1 <= len(given) < MOST:
        raise BadTurns(f"`turns` must be a list of 1 to {MOST - 1} turns; a CSV file cannot hold one.")
    turns = tuple(_turn(item, number) for number, item in enumerate(given, start=1))
    if not (asks or any(turn.asks for turn in turns)):
        raise BadTurns("no turn of this conversation asks for harm, so that nothing would be graded.")
    return turns, asks


def _turn(item: object, number: int) -> UserTurn:
    row = {"text": item} if isinstance(item, str) else item
    if not isinstance(row, dict) or not {"text"} <= set(row) <= {"text", "asks"}:
        raise BadTurns(f"`turns`, entry {number}: expected a text, or an object with `text` and perhaps `asks`.")
    text, asks = row["text"], row.get("asks", True)
    if not isinstance(text, str) or not text.strip() or len(text) > MOST_CHARACTERS:
        raise BadTurns(f"`turns`, entry {number}: `text` must hold 1 to {MOST_CHARACTERS} characters.")
    if text != clean_text(text) or "\0" in text:
        raise BadTurns(f"`turns`, entry {number}: `text` holds characters that are no text.")
    if not isinstance(asks, bool):
        raise BadTurns(f"`turns`, entry {number}: `asks` must be true or false.")
    return UserTurn(text, asks)
