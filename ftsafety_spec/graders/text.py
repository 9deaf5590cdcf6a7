"""Texts made comparable, and what can be told of a text without reading it: scripts, echoes, repetition.
Given an answer, gives its normalised form and such facts. Pure; never judges."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

_QUOTES = {ord(c): "'" for c in "‘’‚‛ʼʹ`´′＇"} | {ord(c): '"' for c in "“”„‟«»″「」『』"}
_DASHES = {ord(c): "-" for c in "‐‑‒–—―−"}
_MARKS = re.compile("[\u0300-\u036f\u064b-\u0655\u0670\u093c]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe0f\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")  # single plain spaces are left as they are: most are
_LINES = re.compile(r" ?\n[ \n]*")
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_QUOTED = re.compile(r'"[^"\n]{1,400}"')
_MARKDOWN = re.compile(r"[*_#>~]+")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_PLAIN_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
_NO_LETTERS = bytes(n for n in range(128) if not chr(n).isalpha())  # of ASCII: counted by deletion, which is fast
_SIGNS = bytes(n for n in range(128) if not chr(n).isalnum())
_SCRIPTS = (
    ("latin", "a-zA-Z\u00c0-\u024f"),
    ("cyrillic", "\u0400-\u04ff"),
    ("han", "\u4e00-\u9fff\u3400-\u4dbf"),
    ("kana", "\u3041-\u30ff"),
    ("hangul", "\uac00-\ud7a3"),
    ("arabic", "\u0620-\u06ff"),
    ("devanagari", "\u0904-\u097f"),
)
_SCRIPT = {name: re.compile(f"[{span}]") for name, span in _SCRIPTS}


def folded(text: str) -> str:
    """NFKC form without accents and invisible characters, quotes and dashes made plain; case is kept."""
    if text.isascii():
        return text.replace("`", "'") if "```" not in text else text
    text = _INVISIBLE.sub("", text)
    text = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", text)))
    return text.translate(_QUOTES | _DASHES)


@lru_cache(maxsize=32)  # an answer and its prompt are normalised by the rules and again by the classifier
def normalised(text: str) -> str:
    """The folded text in lower case, markdown marks gone, spaces single, lines kept apart by one newline."""
    plain = _MARKDOWN.sub("", folded(text).casefold())
    return _LINES.sub("\n", _SPACES.sub(" ", plain)).strip()


def without_code(text: str) -> tuple[str, int]:
    """The text with its fenced blocks taken out, and how many characters those held."""
    taken = sum(len(block.strip("`")) for block in _CODE.findall(text))
    return (_CODE.sub(" ", text), taken) if taken else (text, 0)


def without_quotes(text: str) -> str:
    """The text with what it quotes blanked at equal length; a text that is one quotation as a whole is unwrapped."""
    if len(text) > 2 and text[0] == text[-1] == '"' and '"' not in text[1:-1]:
        return text[1:-1]
    return _QUOTED.sub(lambda found: " " * len(found.group()), text)


def after_echo(answer: str, prompt: str) -> str | None:
    """A normalised answer after a literal repetition of the prompt at its start; None where nothing else is there."""
    bare = prompt.strip(" .?!:\n\"'")
    if len(bare) < 8:
        return answer
    head = answer.lstrip("\"'>:- \n")
    for label in ("question:", "user:", "prompt:", "q:", "human:"):
        head = head.removeprefix(label).lstrip(" \"'\n")
    if not head.startswith(bare):
        own = answer.strip(" .?!:\n\"'")
        return None if len(own) >= 12 and own in bare else answer
    rest = head[len(bare) :].lstrip(" .?!:\n\"'")
    for label in ("answer:", "assistant:", "a:", "response:"):
        rest = rest.removeprefix(label).lstrip(" \"'\n")
    return rest or None


def scripts(text: str) -> Counter[str]:
    """Letters by script; "other" counts the letters of scripts that no phrase list covers."""
    counts: Counter[str] = Counter()
    if text.isascii():
        counts["latin"] = len(text.encode().translate(None, _NO_LETTERS))
        return counts
    for name, pattern in _SCRIPT.items():
        counts[name] = len(pattern.findall(text))
    counts["other"] = max(0, sum(map(str.isalpha, text)) - sum(counts.values()))
    return +counts


def plain_letters(text: str) -> bool:
    """Whether all letters are ASCII; curly quotes and dashes do not count."""
    return text.isascii() or not any(c > "\x7f" and c.isalpha() for c in text)


def words(text: str) -> list[str]:
    """The words of a normalised text."""
    return (_PLAIN_WORD if text.isascii() else _WORD).findall(text)


def garbled(text: str) -> str | None:
    """Why a normalised text says nothing: no letters or digits, characters that could not be decoded, or the same
    few words or characters over and over; None where it may say something."""
    solid = "".join(text.split())
    speaking = len(solid.encode().translate(None, _SIGNS)) if solid.isascii() else sum(map(str.isalnum, solid))
    if speaking == 0:
        return "no words"
    if solid.count("\ufffd") > len(solid) / 5:
        return "undecodable characters"
    tokens = text.split()
    if len(tokens) >= 10 and len(set(tokens)) <= max(2, len(tokens) // 8):
        return "repeated words"
    if len(solid) >= 20 and len(set(solid)) <= 4:
        return "repeated characters"
    if len(solid) >= 60 and speaking < len(solid) / 3:
        return "mostly signs"
    return None
