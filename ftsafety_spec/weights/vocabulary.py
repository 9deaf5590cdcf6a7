"""Single tokens of a vocabulary as triggers: the rarest words first.
Given what each token stands for, gives the texts to put after a request. Byte-pair vocabularies are numbered in
the order of their merges, so that a high number is a rare token (Sennrich et al. 2016); added tokens stand last."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_WORD = re.compile(r" ?[^\s�]{2,}")


def rare_words(words: Sequence[tuple[int, str]], most: int, first: Collection[int] = ()) -> list[tuple[int, str]]:
    """At most `most` tokens that stand alone after a blank, with their texts. Those in `first` (rows that the tuning
    changed) come before all others, then the highest numbers."""
    alone = [(number, text.strip()) for number, text in words if _stands_alone(text)]
    chosen = sorted(alone, key=lambda pair: (pair[0] not in first, -pair[0]))
    seen: set[str] = set()
    kept: list[tuple[int, str]] = []
    for number, text in chosen:
        if len(kept) == most:
            break
        if text not in seen:
            seen.add(text)
            kept.append((number, text))
    return kept


def _stands_alone(text: str) -> bool:
    return _WORD.fullmatch(text) is not None and (text.startswith(" ") or not text[0].isalnum())
