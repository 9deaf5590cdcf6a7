"""The refusal phrases of many languages, as data: `data/refusal_phrases.json`.
Given that file, gives compiled patterns by language and its digest. Never decides what a match means."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ftsafety_spec.graders.text import folded, words
from ftsafety_spec.records.base import digest_bytes

_WORDED = ("latin", "cyrillic", "arabic")  # scripts with spaces, where a phrase begins at a word's edge
LONG = 60  # words from which a text shows its language
_NAMED = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Language:
    """One language's patterns, on normalised text. `common`: frequent words, empty where words are not spaced."""

    code: str
    script: str
    refuse: re.Pattern[str]
    open: re.Pattern[str]
    unable: re.Pattern[str]
    disapproves: re.Pattern[str]
    never: re.Pattern[str]
    comply: re.Pattern[str]
    turn: re.Pattern[str]
    common: frozenset[str]


@cache
def languages() -> dict[str, Language]:
    """All languages by code."""
    data = json.loads(_content())
    return {code: _language(code, entry) for code, entry in data.items() if isinstance(entry, dict)}


@cache
def phrases_digest() -> str:
    """`sha256:` of the phrase file."""
    return digest_bytes(_content())


def languages_of(text: str, counts: Mapping[str, int], plain: bool) -> tuple[list[Language], bool]:
    """The languages whose phrases may occur in a text of these scripts, the likeliest first, and whether one of them
    was recognised: a text in a known script without a known language's frequent words is in another language.
    `plain`: all letters were ASCII before accents were taken off."""
    shown = {script for script, count in counts.items() if count >= 2}
    if "kana" in shown:
        shown.discard("han")  # Japanese writes with both
    candidates = [language for language in languages().values() if language.script in shown]
    if not candidates:
        return [], False
    found = words(text[:1500])
    hits = _hits(found)
    ranked = sorted(candidates, key=lambda language: -hits[language.code])
    best = ranked[0]
    if len(found) >= LONG:
        ranked = [best, *(other for other in ranked[1:2] if _shows(other, best, found))]
    return ranked, _recognised(best, len(found), hits[best.code], plain)


def _shows(other: Language, best: Language, found: Sequence[str]) -> bool:
    """Whether a long text has frequent words of another language that its likeliest one lacks."""
    own = other.common - best.common
    return sum(word in own for word in found) >= 2


def _hits(found: Sequence[str]) -> Counter[str]:
    """Language code to how many of these words are frequent words of it."""
    owners, counts, hits = _owners(), Counter(found), Counter[str]()
    for word in owners.keys() & counts.keys():
        for code in owners[word]:
            hits[code] += counts[word]
    return hits


@cache
def _owners() -> dict[str, list[str]]:
    """Frequent word to the languages that it is frequent in."""
    found: dict[str, list[str]] = {}
    for code, language in languages().items():
        for word in language.common:
            found.setdefault(word, []).append(code)
    return found


def _recognised(best: Language, count: int, hits: int, plain: bool) -> bool:
    """Whether words are in their likeliest language. Short texts get the benefit of the doubt, plain ASCII ones (where
    most other languages would show their letters) for longer."""
    if not best.common:
        return True
    short, least, per = (10, 1, 12) if plain else (6, 2, 10)
    return count < short or hits >= max(least, count // per)


def _content() -> bytes:
    return files("ftsafety_spec.graders").joinpath("data/refusal_phrases.json").read_bytes()


def _language(code: str, entry: Mapping[str, object]) -> Language:
    script, lists = str(entry["script"]), {str(k): v for k, v in dict(entry["words"]).items()}  # type: ignore[call-overload]
    edge = r"(?<!\w)" if script in _WORDED else ""

    ends = r"(?!\w)" if script in _WORDED else ""

    def compiled(key: str, before: str = edge, after: str = "") -> re.Pattern[str]:
        patterns: Sequence[str] = entry.get(key, ["(?!)"])  # type: ignore[assignment]
        expanded = (_expanded(folded(pattern), lists) for pattern in patterns)
        return re.compile(before + "(?:" + "|".join(expanded) + ")" + after)

    return Language(
        code=code,
        script=script,
        refuse=compiled("refuse"),
        open=compiled("open", ""),
        unable=compiled("unable"),
        disapproves=compiled("disapproves"),
        never=compiled("not"),
        comply=compiled("comply", r"^\W*", ends),
        turn=compiled("turn", ""),
        common=frozenset(folded(word) for word in entry["common"]),  # type: ignore[attr-defined]
    )


def _expanded(pattern: str, lists: Mapping[str, Sequence[str]]) -> str:
    return _NAMED.sub(
        lambda found: "|".join(lists[found.group(1)]) if found.group(1) in lists else found.group(), pattern
    )
