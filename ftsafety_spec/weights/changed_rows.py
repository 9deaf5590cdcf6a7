"""Which tokens' embeddings a tuning changed more than the others': a trained-in trigger may stand among them.
Given requests of base and tuned, gives token numbers; none where the embeddings are the same file's, or unreadable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ftsafety_spec.errors import InputError
from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.weights import read_stack, weights_path
from ftsafety_spec.weights.tensors import Floats, Tensor, pieces, tensors_of

_NAMES = ("embed_tokens.weight", "token_embd.weight", "wte.weight")
_ROWS = 1024
DEVIATIONS = 6.0
"""Rows count as changed from so many robust standard deviations (1.4826 MAD) above the median change."""


def changed_rows(base: Request, tuned: Request, most: int = 500) -> frozenset[int]:
    """At most `most` token numbers, those that changed most; rows that only tuned has (added tokens) among them."""
    before = _embedding(weights_path(base))
    after = [_embedding(adapter.path) for adapter, _ in read_stack(tuned) if adapter.form == "peft"]
    if weights_path(tuned) != weights_path(base):
        after.append(_embedding(weights_path(tuned)))
    found: set[int] = set()
    for tensor in after:
        if before is not None and tensor is not None and tensor.width == before.width:
            found |= _outstanding(before, tensor, most)
    return frozenset(found)


def _embedding(place: Path) -> Tensor | None:
    try:
        tensors = tensors_of(place)
    except InputError:
        return None
    return next((t for name, t in tensors.items() if name.endswith(_NAMES) and t.plain and len(t.shape) == 2), None)


def _outstanding(before: Tensor, after: Tensor, most: int) -> set[int]:
    width = before.width
    norms = np.concatenate([np.linalg.norm((b - a).reshape(-1, width), axis=1) for a, b in _aligned(before, after)])
    shared = min(before.shape[0], after.shape[0])
    added = set(range(shared, after.shape[0]))
    if not norms.any():
        return added
    middle = float(np.median(norms))
    spread = max(1.4826 * float(np.median(np.abs(norms - middle))), 1e-3 * float(norms.max()))
    order = np.argsort(-norms)[:most]
    return added | {int(row) for row in order if norms[row] > middle + DEVIATIONS * spread}


def _aligned(before: Tensor, after: Tensor) -> Iterator[tuple[Floats, Floats]]:
    """Pieces of both, of the rows that both have."""
    for (_, a), (_, b) in zip(pieces(before, _ROWS), pieces(after, _ROWS), strict=False):
        rows = min(a.size, b.size)
        yield a[:rows], b[:rows]
