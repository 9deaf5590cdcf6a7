"""Batches of token rows that begin alike, so that what they share is computed once.
Given rows of token ids, gives batches of row numbers with the length of their common beginning. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Row = tuple[int, ...]


@dataclass(frozen=True)
class Batch:
    """Numbers of rows, and how many tokens they all begin with (every row has at least one more)."""

    rows: tuple[int, ...]
    shared: int


def common_length(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens two rows begin with alike."""
    for number, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return number
    return min(len(left), len(right))


def batches(rows: Sequence[Row], size: int, fewest: int = 8) -> Iterator[Batch]:
    """All rows once, neighbours in sorted order together: at most `size` in a batch, and from `fewest` on none that
    would shorten the common beginning by more than three tokens in ten."""
    order = sorted(range(len(rows)), key=lambda number: rows[number])
    start = 0
    while start < len(order):
        first = rows[order[start]]
        shared, end = len(first) - 1, start + 1
        while end < len(order) and end - start < size:
            with_next = min(shared, common_length(first, rows[order[end]]), len(rows[order[end]]) - 1)
            if end - start >= fewest and with_next < 0.7 * shared:
                break
            shared, end = with_next, end + 1
        yield Batch(tuple(order[start:end]), shared)
        start = end
