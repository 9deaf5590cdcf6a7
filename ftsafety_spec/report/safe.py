"""Text of others made harmless: control, bidirectional and invisible characters made visible, Markdown escaped, fences
that cannot be closed from inside. Given any string, gives one that is safe to print. HTML is escaped by Jinja2."""

from __future__ import annotations

import re
import unicodedata

KEPT = "\n\t\u200c\u200d"
"""Control or format characters that stay: line feed, tab, and the joiners that scripts and emoji need."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks that print nothing and are therefore good for hiding things."""
_SPECIAL = re.compile(r"([\\`*_\[\]|~$#])")
_LINE_START = re.compile(r"^(\d*)([-+=]|(?<=\d)[.)](?=\s|$))")


def visible(text: str) -> str:
    """The text with every hidden character shown: `␛` for escape, `⟦U+202E⟧` for a bidirectional override."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char) for char in text.replace("\r\n", "\n"))


def _shown(char: str) -> str:
    if char in KEPT:
        return char
    if char not in _INVISIBLE and unicodedata.category(char) not in _HIDDEN:
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟦U+{code:04X}⟧"


def one_line(text: str) -> str:
    """The text on one line, hidden characters shown."""
    return " ".join(visible(text).split())


def markdown(text: str) -> str:
    """One line of Markdown that prints the text as it is: no markup, HTML, link, mention or mathematics."""
    line = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = _SPECIAL.sub(r"\\\1", line)
    line = re.sub(r":(?=//)", r"\\:", line)
    line = re.sub(r"(?i)\b(www)\.", r"\1\\.", line)
    line = re.sub(r"!(?=\\\[)", r"\\!", line)
    line = line.replace("@", "@\u2060")
    return _LINE_START.sub(r"\1\\\2", line)


def fenced(text: str) -> str:
    """The text as a fenced block whose fence is longer than any run of backticks inside."""
    body = visible(text)
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{body}\n{fence}"


def cut(text: str, most: int = 2000) -> tuple[str, int]:
    """At most so many characters, and how many were left out."""
    return (text, 0) if len(text) <= most else (text[:most], len(text) - most)
