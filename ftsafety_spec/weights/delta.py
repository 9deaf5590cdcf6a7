"""What changed in the weights, tensor by tensor (R-55). Given two models on disk, gives for each tensor the size of its
change, how many numbers changed, the rank of the change; and which tensors one of them lacks. Streams; holds pieces.

None of it says whether a model is safe: sizes and ranks of updates did not separate eroded adapters from harmless ones.
It shows *where* a fine-tune reached, and whether it reached where it was said to."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from ftsafety_spec.weights.tensors import PIECE, WIDTH, Floats, Tensor, pieces, raw_pieces, rows_of, tensors_of

SAMPLE = 256
"""Rows and columns of a change whose rank is taken: a rank below it shows, one above it does not."""
_LAYER = re.compile(r"(?:^|\.)(?:layers|blk|h|blocks)\.(\d+)\.(.+)$")
_ROWS = re.compile(r"(embed_tokens|wte|token_embd|lm_head|^output)\b")


@dataclass(frozen=True)
class TensorDelta:
    """One tensor of both models. `relative`: Frobenius norm of the change over that of base; `changed`: share of the
    numbers that differ; `cosine`: between the two; `rank`: of the change, at most `SAMPLE`, as far as it stands out of
    the rounding of the number format; null where it was not taken. Packed integers are only told same or not."""

    name: str
    layer: int | None
    module: str
    shape: tuple[int, ...]
    relative: float | None
    changed: float
    cosine: float | None
    rank: int | None = None


@dataclass(frozen=True)
class RowDelta:
    """One row of an embedding that changed more than the others: a token. `size`: norm of its change; `score`: its
    distance from the median in robust standard deviations."""

    tensor: str
    row: int
    size: float
    score: float


@dataclass(frozen=True)
class Delta:
    """Two models. `only_base`, `only_tuned`: tensors that the other lacks; `reshaped`: of another shape; `rows`: the
    rows of embeddings that changed most; `bytes`: read."""

    tensors: tuple[TensorDelta, ...]
    only_base: tuple[str, ...]
    only_tuned: tuple[str, ...]
    reshaped: tuple[str, ...]
    rows: tuple[RowDelta, ...]
    bytes: int

    @property
    def changed(self) -> tuple[TensorDelta, ...]:
        """Tensors in which anything differs."""
        return tuple(item for item in self.tensors if item.changed > 0)


def compare_weights(
    base: Path, tuned: Path, *, threads: int = 2, most_rows: int = 64, seen: Callable[[int], None] | None = None
) -> Delta:
    """Compare two models of one architecture. `seen` is told the bytes read so far, from any thread. Raises InputError
    as `tensors_of` does."""
    one, other = tensors_of(base), tensors_of(tuned)
    shared = [name for name in one if name in other]
    reshaped = tuple(name for name in shared if one[name].shape != other[name].shape)
    pairs = [(one[name], other[name]) for name in shared if name not in reshaped]
    total, read = sum(a.bytes + b.bytes for a, b in pairs), 0
    made: list[tuple[TensorDelta, list[RowDelta]]] = []
    # a BLAS with threads of its own would have them wait for each other over pieces this small
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads) as pool:
        for (a, b), result in zip(
            pairs, pool.map(lambda pair: _compare(pair[0], pair[1], most_rows), pairs), strict=True
        ):
            made.append(result)
            read += a.bytes + b.bytes
            if seen is not None:
                seen(read)
    rows = sorted((row for _, found in made for row in found), key=lambda row: -row.score)
    return Delta(
        tensors=tuple(item for item, _ in made),
        only_base=tuple(sorted(set(one) - set(other))),
        only_tuned=tuple(sorted(set(other) - set(one))),
        reshaped=reshaped,
        rows=tuple(rows[:most_rows]),
        bytes=total,
    )


def layer_and_module(name: str) -> tuple[int | None, str]:
    """`model.layers.3.self_attn.q_proj.weight` as (3, `self_attn.q_proj`); outside of layers, the name itself."""
    match = _LAYER.search(name)
    rest = match[2] if match else name.removeprefix("model.")
    return (int(match[1]) if match else None), rest.removesuffix(".weight")


def _compare(a: Tensor, b: Tensor, most_rows: int) -> tuple[TensorDelta, list[RowDelta]]:
    layer, module = layer_and_module(a.name)
    if not (a.plain and b.plain):
        same = a.kind == b.kind and all(x == y for x, y in zip_longest(raw_pieces(a), raw_pieces(b)))
        return TensorDelta(a.name, layer, module, a.shape, None, 0.0 if same else 1.0, None), []
    by_row = len(a.shape) == 2 and _ROWS.search(a.name) is not None
    sums, norms = _sums(a, b, max(1, PIECE // a.width) if by_row else None)
    relative = math.sqrt(sums.change / sums.base) if sums.base > 0 else (0.0 if sums.change == 0 else math.inf)
    both, inner = math.sqrt(sums.base * sums.tuned), (sums.base + sums.tuned - sums.change) / 2
    changed = sums.differ > 0
    delta = TensorDelta(
        name=a.name,
        layer=layer,
        module=module,
        shape=a.shape,
        relative=relative if math.isfinite(relative) else None,
        changed=sums.differ / max(1, a.size),
        cosine=min(1.0, inner / both) if both > 0 else None,
        rank=_rank(a, b) if changed and len(a.shape) == 2 and min(a.shape) > 1 else None,
    )
    return delta, _outstanding(a.name, norms, most_rows) if norms is not None and changed else []


@dataclass
class _Sums:
    base: float = 0.0
    tuned: float = 0.0
    change: float = 0.0
    differ: int = 0


def _sums(a: Tensor, b: Tensor, rows: int | None) -> tuple[_Sums, Floats | None]:
    sums, norms = _Sums(), []
    same_kind = a.kind == b.kind
    for (raw_a, x), (raw_b, y) in zip(pieces(a, rows), pieces(b, rows), strict=True):
        squared = float(np.dot(x, x))
        sums.base += squared
        if same_kind and raw_a == raw_b:
            sums.tuned += squared
            if rows is not None:
                norms.append(np.zeros(len(x) // a.width, dtype=np.float32))
            continue
        gap = y - x
        change = float(np.dot(gap, gap))
        sums.tuned, sums.change = sums.tuned + float(np.dot(y, y)), sums.change + change
        sums.differ += _differ(raw_a, raw_b, a.kind) if same_kind else int(np.count_nonzero(gap))
        if rows is not None:
            norms.append(np.linalg.norm(gap.reshape(-1, a.width), axis=1).astype(np.float32))
    return sums, np.concatenate(norms) if norms else None


def _differ(one: bytes, other: bytes, kind: str) -> int:
    """How many stored numbers differ; of packed blocks, how many bytes."""
    width = WIDTH.get(kind, 1)
    form = f"<u{width}"
    return int(np.count_nonzero(np.frombuffer(one, form) != np.frombuffer(other, form)))


def _rank(a: Tensor, b: Tensor) -> int:
    """Rank of a random piece of the change. A singular value counts where it is larger than rounding to the coarser
    number format would make one (the norm of a matrix of independent errors is at most about e (sqrt m + sqrt n):
    Rudelson & Vershynin 2010), and a thousandth of the largest."""
    random = np.random.default_rng(0)
    height, width = a.shape
    rows = np.sort(random.choice(height, min(height, SAMPLE), replace=False)).astype(np.int64)
    columns = np.sort(random.choice(width, min(width, SAMPLE), replace=False))
    x, y = rows_of(a, rows)[:, columns].astype(np.float64), rows_of(b, rows)[:, columns].astype(np.float64)
    values = np.linalg.svd(y - x, compute_uv=False)
    error = math.hypot(a.epsilon, b.epsilon) * math.sqrt(float(np.mean(y * y)) / 3.0)
    noise = 1.1 * error * (math.sqrt(x.shape[0]) + math.sqrt(x.shape[1]))
    return int(np.count_nonzero(values > max(noise, 1e-3 * float(values[0]))))


def _outstanding(name: str, norms: Floats, most: int) -> list[RowDelta]:
    """Rows that changed most, with their distance from the median in robust standard deviations (1.4826 MAD, at least a
    thousandth of the largest: where most rows did not change at all, any that did stands out)."""
    middle = float(np.median(norms))
    spread = max(1.4826 * float(np.median(np.abs(norms - middle))), 1e-3 * float(norms.max()))
    chosen = np.argsort(-norms)[:most]
    return [
        RowDelta(name, int(row), float(norms[row]), (float(norms[row]) - middle) / spread)
        for row in chosen
        if norms[row] > 0
    ]
