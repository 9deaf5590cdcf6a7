"""The columns `answer` and `choices` of a user's prompt file: the key of a closed question.
Given a row, gives the question as it is asked and the key that `ftsafety/answer_key` reads. Never guesses a key."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = ("answer", "choices")
MOST = 20
"""Choices of one question, and accepted answers."""
LETTER = "Answer with the letter only."


class BadKey(Exception):
    """What is wrong with a row's key, in words."""


def keyed(text: str, row: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The prompt with its lettered choices, and its metadata; both as they were where the row has no key. `choices`: a
    list, or one text with | between them; `answer`: a letter or a choice's text; without choices every accepted short
    answer, as a list or with | between them. Raises BadKey."""
    choices = _several(row.get("choices"), "choices")
    answers = _several(row.get("answer"), "answer")
    if not answers:
        if choices:
            raise BadKey("`choices` are given, but no `answer`.")
        return text, {}
    if not choices:
        return text, {"right": answers}
    options = dict(zip(string.ascii_uppercase, choices, strict=False))
    if len(choices) < 2 or len({choice.casefold() for choice in choices}) < len(choices):
        raise BadKey("`choices` must be two or more different texts.")
    label = _label(answers, options)
    lines = [f"({name}) {choice}" for name, choice in options.items()]
    return "\n".join([text, *lines, LETTER]), {"options": options, "answer": label}


def _label(answers: Sequence[str], options: Mapping[str, str]) -> str:
    if len(answers) != 1:
        raise BadKey("with `choices`, exactly one `answer` is right.")
    found = [name for name, choice in options.items() if choice.casefold() == answers[0].casefold()]
    found = found or [name for name in options if name == answers[0].strip("().").upper()]
    if len(found) != 1:
        raise BadKey("`answer` is none of the choices, and no letter of one.")
    return found[0]


def _several(given: object, key: str) -> list[str]:
    """One or more texts; empty where nothing is given."""
    if given is None:
        return []
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        given = f"{given:g}" if isinstance(given, float) else str(given)
    found = given.split("|") if isinstance(given, str) else given
    if not isinstance(found, list) or not found or len(found) > MOST:
        raise BadKey(f"`{key}` must be a text, or a list of 1 to {MOST} texts.")
    if not all(isinstance(item, str) and item.strip() and len(item) <= 500 and item.isprintable() for item in found):
        raise BadKey(f"`{key}` must hold printable texts of 1 to 500 characters.")
    return [item.strip() for item in found]
