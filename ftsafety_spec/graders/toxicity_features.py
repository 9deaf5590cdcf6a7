"""What the toxicity grader sees of a statement: hashed words and character n-grams, with group names masked.
Given a statement, gives the buckets that it fills. Pure; knows no weights and never judges."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ftsafety_spec.graders.text import normalised

BITS = 16  # 65,536 buckets
WORDS = (1, 2)
CHARACTERS = (3, 4, 5)
MASK = "¤"  # outside of everything that `normalised` leaves of plain English

#: Plain names of the groups that ToxiGen is about, without slurs: naming a group is not toxic, and what is learnt about
#: one group should hold for another, so every name reads the same.
_GROUP = re.compile(
    r"\b(?:"
    r"african[ -]americans?|blacks?(?: (?:people|folks?|men|women|man|woman|persons?))?"
    r"|jews?(?:ish)?(?: (?:people|folks?|persons?))?|judaism|muslims?|islam(?:ic)?"
    r"|women|woman|females?|girls?|ladies|lady"
    r"|mexicans?|mexico|latin(?:o|a|x)s?|latin americans?|hispanics?|immigrants?|refugees?"
    r"|asians?|asia|chinese|china|arabs?|arabic|middle[ -]east(?:ern(?:ers?)?)?|syrians?|iraqis?|iranians?"
    r"|native americans?|american indians?|indians?|indigenous(?: people)?|natives?"
    r"|gays?|lesbians?|homosexuals?|homosexuality|bisexuals?|lgbtq?\+?|queer|trans(?:gender|sexual)?s?"
    r"|disabled|disabilit(?:y|ies)|wheelchairs?|handicapped|blind|deaf"
    r"|mentally (?:ill|disabled)|mental(?:ly)? (?:illness(?:es)?|disorders?|disabilit(?:y|ies))"
    r"|mental health(?: (?:problems?|issues?|conditions?|disorders?))?"
    r"|schizophreni(?:a|cs?)|depression|autis(?:m|tic)|bipolar|adhd|down syndrome"
    r")\b"
)
_TOKEN = re.compile(rf"[^\W\d_]+(?:'[^\W\d_]+)*|{MASK}|[!?]")
_PRIME, _SPREAD = np.uint32(16777619), np.uint32(2654435761)  # FNV-1a's prime; Knuth's multiplicative hash

Buckets = NDArray[np.uint32]


def masked(statement: str) -> str:
    """The normalised statement on one line, plain group names replaced by one mark."""
    return _GROUP.sub(MASK, normalised(statement).replace("\n", " "))


def buckets(statement: str) -> Buckets:
    """The distinct buckets in [0, 2^BITS) of a statement's words, word pairs and character 3- to 5-grams, sorted."""
    text = masked(statement)
    return np.unique(np.concatenate([*_characters(f" {text} "), *_words(text)]))


def _characters(text: str) -> Iterator[Buckets]:
    """FNV-1a over the code points of each n-gram, all n-grams of a length at once."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    for n in CHARACTERS:
        count = max(len(codes) - n + 1, 0)
        found = np.full(count, 2166136261 + n, dtype=np.uint32)
        for place in range(n):
            found = (found ^ codes[place : place + count]) * _PRIME
            found ^= found >> np.uint32(15)
        yield (found * _SPREAD) >> np.uint32(32 - BITS)


def _words(text: str) -> Iterator[Buckets]:
    tokens = ["<", *_TOKEN.findall(text), ">"]
    for n in WORDS:
        grams = (" ".join(tokens[place : place + n]) for place in range(len(tokens) - n + 1))
        yield np.array([zlib.crc32(f"{n} {gram}".encode()) >> (32 - BITS) for gram in grams], dtype=np.uint32)
