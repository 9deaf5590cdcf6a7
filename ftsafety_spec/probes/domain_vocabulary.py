"""Words of a domain out of its training data: those that many rows use and everyday requests do not.
Given a file, gives single words. Never gives a sentence, a name or a number out of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from math import log
from pathlib import Path
from typing import Any

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.graders.text import folded, normalised, words

ROWS = 20_000
"""At most so many rows are read."""
LONGEST_ROW = 1_000_000
MOST_WORDS = 40
LEAST_ROWS = 5
"""A word that fewer rows use may be about one person; it is left out."""
LEAST_SHARE = 0.005
SHORTEST = 4


def words_of(path: Path, background: list[str], shown: str, most: int = MOST_WORDS) -> list[str]:
    """The words of a JSONL or text file with the greatest (share of rows) × ln((1 + n) / (1 + df)), where df of the n
    `background` texts have the word (TF-IDF), best first. Only plain words in small letters that at least `LEAST_ROWS`
    rows use. Raises InputError FTS-111, FTS-100."""
    rows, count = Counter[str](), 0
    for text in _rows(path, shown):
        rows.update(set(_plain_words(text)))
        count += 1
    usual = Counter(word for text in background for word in set(words(normalised(text))))
    least = max(LEAST_ROWS, LEAST_SHARE * count)
    kept = {word: n for word, n in rows.items() if n >= least}
    worth = {word: n * log((1 + len(background)) / (1 + usual[word])) for word, n in kept.items()}
    return sorted(worth, key=lambda word: (-worth[word], word))[:most]


def _rows(path: Path, shown: str) -> Iterator[str]:
    if not path.is_file():
        hint = "The words are taken from it: put it there, or leave `domain.training_data` out."
        raise InputError("no such file of training data.", code="FTS-111", where=Where(shown), hint=hint)
    try:
        with path.open(encoding="utf-8") as lines:
            for line in islice(lines, ROWS):
                yield " ".join(_strings(line[:LONGEST_ROW], path.suffix == ".jsonl"))
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text (byte {error.start}).", code="FTS-100", where=Where(shown)) from error


def _strings(line: str, is_json: bool) -> Iterator[str]:
    """All texts of a row, whatever its keys are; a line that is no JSON is taken as it stands."""
    try:
        waiting: list[Any] = [json.loads(line)] if is_json else [line]
    except (ValueError, RecursionError):
        waiting = [line]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def _plain_words(text: str) -> Iterator[str]:
    """Words in small letters: names and the words that begin a sentence are passed over, addresses as well."""
    for token in folded(text).split():
        word = token.strip("\"'()[]{}<>.,;:!?*_#")
        if len(word) >= SHORTEST and word.isascii() and word.isalpha() and word.islower():
            yield word
