"""MinHash signatures (Broder 1997) that equal those of the library datasketch before 2.0, seed 1, SHA-1.
Given words, gives a signature; given two, the estimate of their Jaccard similarity. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt

Signature = npt.NDArray[np.uint64]
PERMUTATIONS = 128
SEED = 1
PRIME = np.uint64((1 << 61) - 1)
LARGEST = np.uint64((1 << 32) - 1)


@cache
def permutations(n: int = PERMUTATIONS, seed: int = SEED) -> Signature:
    """The random functions x → (a·x + b) mod 2^61−1 mod 2^32: shape (2, n), a above b, drawn in pairs."""
    draw = np.random.RandomState(seed)
    pairs = [(draw.randint(1, PRIME, dtype=np.uint64), draw.randint(0, PRIME, dtype=np.uint64)) for _ in range(n)]
    return np.array(pairs, dtype=np.uint64).T


def signature(words: Iterable[str]) -> Signature:
    """Shape (128,): for each function its smallest value over the words; all 2^32−1 for no words. The product wraps
    at 2^64, as in the library."""
    hashes = sorted({int.from_bytes(hashlib.sha1(word.encode()).digest()[:4], "little") for word in words})
    if not hashes:
        return np.full(PERMUTATIONS, LARGEST, dtype=np.uint64)
    a, b = permutations()
    values = (np.array(hashes, dtype=np.uint64)[:, None] * a + b) % PRIME & LARGEST
    smallest: Signature = values.min(axis=0)
    return smallest


def similarity(one: Signature, other: Signature) -> float:
    """Estimate of the Jaccard similarity in [0, 1]: the share of equal places; standard error √(J(1−J)/128)."""
    return float(np.count_nonzero(one == other)) / len(one)
