"""Lists of MinHash signatures out of HarmBench's pickles, read without unpickling: nothing is imported or called.
Given bytes, gives signatures. Anything but the expected shape is refused by name."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ftsafety_spec.graders.minhash import PERMUTATIONS, SEED, Signature, permutations
from ftsafety_spec.graders.pickle_walk import Name, Noted, Refused, described

#: Names that a pickle of datasketch's MinHash holds. They are recognised, never imported.
CLASS = "datasketch.minhash.MinHash"
HASH = "datasketch.hashfunc.sha1_hash32"
ARRAYS = ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct")
ALLOWED = frozenset({CLASS, HASH, "numpy.ndarray", "numpy.dtype", *ARRAYS})
SIZE = 64 * 2**20


def read_minhashes(content: bytes) -> list[Signature]:
    """The signatures, each of shape (128,), in their order. Raises Refused: for more than 64 MiB, for other names or
    opcodes than such a list needs, for another seed, number or hash function."""
    if len(content) > SIZE:
        raise Refused(f"{len(content)} bytes, more than {SIZE}")
    found = described(content, ALLOWED)
    if not isinstance(found, list) or not found:
        raise Refused("no list of signatures")
    return [_signature(item) for item in found]


def _signature(item: Any) -> Signature:
    state = item.state if isinstance(item, Noted) and item.made_by == CLASS else None
    if not isinstance(state, dict):
        raise Refused("an item that is no MinHash")
    if (state.get("seed"), state.get("num_perm"), state.get("hashfunc")) != (SEED, PERMUTATIONS, Name(HASH)):
        raise Refused("a MinHash of another seed, size or hash function")
    if not np.array_equal(_array(state.get("permutations")), permutations()):
        raise Refused("a MinHash with other permutations")
    values = _array(state.get("hashvalues"))
    if values.shape != (PERMUTATIONS,):
        raise Refused("a MinHash with another number of values")
    return values


def _array(item: Any) -> Signature:
    """A little-endian array of unsigned 64-bit integers, as numpy pickles it: (version, shape, dtype, order, bytes)."""
    if not isinstance(item, Noted) or item.made_by not in ARRAYS or not isinstance(item.state, tuple):
        raise Refused("something else in an array's place")
    if len(item.state) != 5:
        raise Refused("an array of another form")
    _, shape, dtype, fortran, raw = item.state
    if not _is_u8(dtype) or not _fits(shape, raw):
        raise Refused("an array of other numbers than unsigned 64-bit integers")
    values: Signature = np.frombuffer(raw, dtype="<u8").reshape(shape, order="F" if fortran else "C")
    return values


def _is_u8(dtype: Any) -> bool:
    if not isinstance(dtype, Noted) or dtype.made_by != "numpy.dtype" or not isinstance(dtype.state, tuple):
        return False
    return dtype.args[:1] == ("u8",) and dtype.state[1:2] == ("<",)


def _fits(shape: Any, raw: Any) -> bool:
    if not isinstance(raw, bytes) or not isinstance(shape, tuple) or not 1 <= len(shape) <= 2:
        return False
    return all(type(n) is int and n > 0 for n in shape) and 8 * prod(shape) == len(raw)
