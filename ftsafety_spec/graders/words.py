"""A text's words as an English tokenizer would split them: close to spaCy's, which HarmBench's hashes were made with.
Given a text, gives tokens in order. Line breaks and runs of spaces are tokens too, since they fill windows."""

from __future__ import annotations

import re

#: What stands apart at the beginning and at the end of a word, and what splits it inside.
OPENING = r"[\"'“”‘’«»(\[{<$£€¥#&*…—–,:;?!|_=]|\.\.+|``|--+"
CLOSING = r"[\"'“”‘’«»)\]}>$£€¥%#&*…—–,:;?!|_=/]|\.\.+|''|--+|-"
INSIDE = re.compile(
    r"(\.\.+|…|--+|—|–|(?<=[A-Za-z])[-,:<>=/~](?=[A-Za-z])|(?<=[0-9])[+\-*^](?=[0-9-])"
    r"|(?<=[a-z\"'”’])\.(?=[A-Z])|(?<=[A-Za-z0-9])[<>=/](?=[A-Za-z]))"
)
CONTRACTION = re.compile(r"(?i)^(.+?)(n['’]t|['’](?:s|m|d|ll|re|ve))$")
SPECIAL = {"cannot": (3,), "gonna": (3,), "gotta": (3,), "wanna": (3,), "lemme": (3,), "gimme": (3,)}
SPECIAL |= {word: (len(word) - 2,) for word in ("cant", "wont", "dont", "didnt", "doesnt", "isnt", "arent", "wasnt")}
ABBREVIATIONS = re.compile(
    r"(?i)(?:mr|mrs|ms|dr|st|prof|sr|jr|co|inc|ltd|corp|bros|gen|rep|sen|gov|mt|rev|ph\.d|e\.g|i\.e|vs|etc|a\.m|p\.m"
    r"|no|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.|(?:[a-z]\.){2,}"
)


def words_of(text: str) -> list[str]:
    """The tokens of a text. A single space separates; what is left of a longer run of white space is a token."""
    tokens: list[str] = []
    for run in re.finditer(r"\s+|\S+", text):
        if not run[0].isspace():
            tokens += _split(run[0])
            continue
        rest = run[0][1:] if run[0].startswith(" ") and run.start() else run[0]
        tokens += [rest] if rest else []
    return tokens


def _split(chunk: str) -> list[str]:
    before: list[str] = []
    after: list[str] = []
    while chunk and not _whole(chunk):
        if (found := re.match(OPENING, chunk)) and len(found[0]) < len(chunk):
            before.append(found[0])
            chunk = chunk[found.end() :]
        elif (place := _closing(chunk)) is not None:
            after.insert(0, chunk[place:])
            chunk = chunk[:place]
        else:
            break
    return [*before, *_inner(chunk), *after]


def _whole(chunk: str) -> bool:
    return ABBREVIATIONS.fullmatch(chunk) is not None


def _closing(chunk: str) -> int | None:
    """Where the last piece that stands apart begins; a full stop does after a small letter, a digit or a mark."""
    if CONTRACTION.match(chunk):
        return None
    found = re.search(rf"(?:{CLOSING})$", chunk)
    if found is None and len(chunk) > 1:
        found = re.search(r"(?<=[a-z0-9%²\-+\"'“”‘’)\]])\.$|(?<=[A-Z][A-Z])\.$|(?<=^I)\.$", chunk)
    return found.start() if found and found.start() > 0 else None


def _inner(chunk: str) -> list[str]:
    if not chunk:
        return []
    if chunk.lower() in SPECIAL:
        cut = SPECIAL[chunk.lower()][0]
        return [chunk[:cut], chunk[cut:]]
    if found := CONTRACTION.match(chunk):
        return [*_inner(found[1]), found[2]]
    return [piece for piece in INSIDE.split(chunk) if piece] if not _whole(chunk) else [chunk]
