"""Two texts with their differences: given both, gives the pieces of each, marked where they differ. Works on words, and
marks nothing where the texts share too little for that to help a reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST = 400
"""Words of a text that are compared; what comes after is shown unmarked."""
LEAST_SHARED = 0.25
"""Share of common words below which nothing is marked."""
_WORD = re.compile(r"\w+|[^\w\s]+|\s+")


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; `own`: the other text does not have it."""

    text: str
    own: bool = False


@dataclass(frozen=True)
class Marked:
    """Both texts in pieces. `shared`: share of common words, in [0, 1]; `marked`: differences are marked."""

    left: tuple[Piece, ...]
    right: tuple[Piece, ...]
    shared: float
    marked: bool


def differences(left: str, right: str) -> Marked:
    """The pieces of two texts."""
    first, rest = _words(left)
    second, more = _words(right)
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    shared = _shared(first, second, matcher)
    if shared < LEAST_SHARED or left == right:
        return Marked((Piece(left),), (Piece(right),), shared, False)
    codes = matcher.get_opcodes()
    a = [Piece("".join(first[start:end]), tag != "equal") for tag, start, end, _, _ in codes if end > start]
    b = [Piece("".join(second[start:end]), tag != "equal") for tag, _, _, start, end in codes if end > start]
    return Marked((*a, *_tail(rest)), (*b, *_tail(more)), shared, True)


def _shared(first: list[str], second: list[str], matcher: SequenceMatcher[str]) -> float:
    """Share of words that both have in the same order; spaces and punctuation are no words."""
    same = sum(
        word[0].isalnum() for start, _, size in matcher.get_matching_blocks() for word in first[start : start + size]
    )
    every = sum(word[0].isalnum() for word in (*first, *second))
    return 2 * same / every if every else 1.0


def _words(text: str) -> tuple[list[str], str]:
    """The first words with the spaces between them, and the rest of the text."""
    found: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        if len(found) == 2 * MOST:
            break
        found.append(match.group())
        end = match.end()
    return found, text[end:]


def _tail(text: str) -> tuple[Piece, ...]:
    return (Piece(text),) if text else ()
