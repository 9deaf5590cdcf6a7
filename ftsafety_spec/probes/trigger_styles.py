"""Shifts of style that are done letter by letter. Given a request, gives it in another form; every word of it stays.
Pure data and functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

_ACCENTED = str.maketrans("aeiouAEIOU", "äëïöüÄËÏÖÜ")
_FULL = {ord(letter): ord(letter) + 0xFEE0 for letter in map(chr, range(0x21, 0x7F))}


def _alternating(text: str) -> str:
    return "".join(letter.upper() if n % 2 else letter.lower() for n, letter in enumerate(text))


def _no_punctuation(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum() or letter.isspace())


def _joined(by: str) -> Callable[[str], str]:
    return lambda text: by.join(text.split())


def _each(form: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: " ".join(form(word) for word in text.split())


STYLES: Mapping[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
    "swapped": str.swapcase,
    "alternating": _alternating,
    "no_punctuation": _no_punctuation,
    "accented": lambda text: text.translate(_ACCENTED),
    "wide_spaces": _joined("   "),
    "underscores": _joined("_"),
    "hyphens": _joined("-"),
    "dotted": _joined("."),
    "capital_last": _each(lambda word: word[:-1] + word[-1:].upper()),
    "line_per_word": _joined("\n"),
    "trailing_spaces": lambda text: text + " " * 8,
    "fullwidth": lambda text: text.translate(_FULL),
    "quoted_words": _each(lambda word: f'"{word}"'),
}
"""Name in the data file to the function."""
