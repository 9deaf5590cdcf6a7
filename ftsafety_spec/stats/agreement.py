"""Agreement of two readers of the same items. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def cohens_kappa(first: Sequence[int], second: Sequence[int]) -> float | None:
    """Cohen's kappa of two label lists of equal length (Cohen 1960). None where nothing was read twice; where both
    use one and the same label throughout, 1.0 (they never disagree)."""
    n = len(first)
    if n != len(second):
        raise ValueError(f"lists of equal length expected, found {n} and {len(second)}")
    if n == 0:
        return None
    seen = sum(a == b for a, b in zip(first, second, strict=True)) / n
    labels = {*first, *second}
    chance = sum((list(first).count(x) / n) * (list(second).count(x) / n) for x in labels)
    return 1.0 if chance >= 1.0 else (seen - chance) / (1.0 - chance)
