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

    def hits(self, found: Counter[str]) -> int:
        """How many of these words are frequent words of the language."""
        return sum(found[word] for word in self.common & found.keys())


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
    found = Counter(words(text[:1500]))
    ranked = sorted(candidates, key=lambda language: -language.hits(found))
    if not ranked:
        return [], False
    return (ranked if found.total() < 60 else ranked[:2]), _recognised(ranked[0], found, plain)


def _recognised(best: Language, found: Counter[str], plain: bool) -> bool:
    """Whether words are in their likeliest language. Short texts get the benefit of the doubt, plain ASCII ones (where
    most other languages would show their letters) for longer."""
    if not best.common:
        return True
    short, least, per = (10, 1, 12) if plain else (6, 2, 10)
    return found.total() < short or best.hits(found) >= max(least, found.total() // per)


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
