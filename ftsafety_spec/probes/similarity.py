"""Nearness of short texts by the words they share: TF-IDF weights, cosine (Salton and Buckley 1988).
Given texts, gives vectors and similarities in [0, 1]. Pure; equal inputs give equal figures on every machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftsafety_spec.graders.text import normalised, words

Vectors = Any
"""A sparse matrix, one row a text, each of length 1 or 0."""
DIGITS = 6
"""Similarities are rounded, so that the order of near ties does not hang on the order of sums."""


@lru_cache(maxsize=100_000)
def terms_of(text: str) -> tuple[str, ...]:
    """The words of a text, in small letters, without possessive and plain plural endings."""
    return tuple(_stem(word) for word in words(normalised(text)))


@dataclass(frozen=True)
class Space:
    """Words and their weights ln((1 + n) / (1 + df)) + 1 in a set of texts; n texts, df of them with the word."""

    index: Mapping[str, int]
    idf: NDArray[np.float64]

    @classmethod
    def of(cls, texts: Iterable[str], most_common: float = 1.0) -> Space:
        """The space that these texts span; words in more than this share of them say nothing of a subject."""
        found: Counter[str] = Counter()
        count = 0
        for text in texts:
            found.update(set(terms_of(text)))
            count += 1
        index = {
            word: place for place, word in enumerate(sorted(w for w, n in found.items() if n <= most_common * count))
        }
        seen = np.array([found[word] for word in index], dtype=np.float64)
        return cls(index, np.log((1 + count) / (1 + seen)) + 1)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One row a text; words outside the space are left out. Counts are damped: 1 + ln(count)."""
        from scipy.sparse import csr_matrix

        rows, columns, values = [], [], []
        for row, text in enumerate(texts):
            known = sorted((self.index[w], n) for w, n in Counter(terms_of(text)).items() if w in self.index)
            weights = np.array([(1 + np.log(n)) * self.idf[place] for place, n in known])
            length = float(np.sqrt((weights**2).sum())) or 1.0
            rows += [row] * len(known)
            columns += [place for place, _ in known]
            values += (weights / length).tolist()
        return csr_matrix((values, (rows, columns)), shape=(len(texts), len(self.index)))


def similarities(one: Vectors, other: Vectors) -> NDArray[np.float64]:
    """Cosines of each row of `one` (n) with each row of `other` (m), n × m, in [0, 1]."""
    cosines: NDArray[np.float64] = np.asarray((one @ other.T).todense(), dtype=np.float64)
    return cosines.round(DIGITS)


def _stem(word: str) -> str:
    plain = word.removesuffix("'s")
    return plain[:-1] if len(plain) > 3 and plain.endswith("s") and not plain.endswith("ss") else plain
