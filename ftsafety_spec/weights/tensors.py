"""Tensors of a model on disk, read a piece at a time. Given a folder of safetensors shards or one file (safetensors,
GGUF), gives names, shapes and float32 pieces. Nothing is unpickled, nothing is run, and no whole tensor is held."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftsafety_spec.errors import InputError, Where

Floats = NDArray[np.float32]
PIECE = 1 << 18
"""Numbers in a piece: 1 MB of float32, small enough for a core's cache."""
_LONGEST_HEADER = 100_000_000
WIDTH = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "I8": 1, "U8": 1, "BOOL": 1,
          "I16": 2, "U16": 2, "I32": 4, "U32": 4, "I64": 8, "U64": 8}  # fmt: skip
"""Bytes of a number of each format."""
EPSILON = {"F64": 2.0**-53, "F32": 2.0**-24, "F16": 2.0**-11, "BF16": 2.0**-8, "F8_E4M3": 2.0**-4, "F8_E5M2": 2.0**-3}
"""Relative rounding error of each number format."""


@dataclass(frozen=True)
class Tensor:
    """One tensor: numbers of format `kind` at `start` of `path`, in C order. `quantised`: blocks of GGUF, of which
    `start` counts rows of the reader's own array."""

    name: str
    kind: str
    shape: tuple[int, ...]
    path: Path
    start: int
    quantised: bool = False

    @property
    def size(self) -> int:
        """How many numbers."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def width(self) -> int:
        """Numbers in a row (the last axis); 1 for a scalar."""
        return self.shape[-1] if self.shape else 1

    @property
    def bytes(self) -> int:
        """Bytes on disk; of quantised blocks, those of the numbers that they stand for at two bytes each."""
        return self.size * (2 if self.quantised else WIDTH[self.kind])

    @property
    def plain(self) -> bool:
        """True where the numbers mean what they say; integers of packed formats do not."""
        return self.quantised or self.kind in EPSILON

    @property
    def epsilon(self) -> float:
        """Relative rounding error of a stored number."""
        return EPSILON.get(self.kind, 2.0**-5)


def tensors_of(place: Path) -> dict[str, Tensor]:
    """All tensors by name. Raises InputError FTS-124 for what cannot be read, FTS-111 where nothing is there."""
    if not place.exists():
        raise InputError("no such weights.", code="FTS-111", where=Where(file=str(place)))
    files = sorted(place.glob("*.safetensors")) if place.is_dir() else [place]
    if not files:
        raise InputError("this folder has no safetensors.", code="FTS-124", where=Where(file=str(place)))
    found: dict[str, Tensor] = {}
    for file in files:
        try:
            found |= _gguf(file) if file.suffix == ".gguf" else _safetensors(file)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"these weights cannot be read: {error}."
            raise InputError(message, code="FTS-124", where=Where(file=str(file))) from error
    return found


def pieces(tensor: Tensor, rows: int | None = None) -> Iterator[tuple[bytes, Floats]]:
    """The tensor from its beginning: raw bytes and the same as float32, whole rows where `rows` is given. Only for
    plain ones."""
    step = max(1, rows * tensor.width if rows else PIECE)
    if tensor.quantised:
        yield from _quantised_pieces(tensor, max(1, step // tensor.width))
        return
    width = WIDTH[tensor.kind]
    with tensor.path.open("rb", buffering=0) as handle:
        handle.seek(tensor.start)
        for first in range(0, tensor.size, step):
            raw = _read(handle, width * min(step, tensor.size - first))
            yield raw, numbers(raw, tensor.kind)


def raw_pieces(tensor: Tensor) -> Iterator[bytes]:
    """The bytes of any tensor, for telling whether two are the same."""
    if tensor.quantised:
        yield _blocks(tensor).tobytes()
        return
    with tensor.path.open("rb", buffering=0) as handle:
        handle.seek(tensor.start)
        for first in range(0, tensor.size, PIECE):
            yield _read(handle, WIDTH[tensor.kind] * min(PIECE, tensor.size - first))


def rows_of(tensor: Tensor, chosen: NDArray[np.int64]) -> Floats:
    """Some rows of a matrix, float32, shape (chosen, width)."""
    if tensor.quantised:
        return _dequantised(_blocks(tensor)[chosen], tensor.kind).reshape(len(chosen), -1)
    width = WIDTH[tensor.kind] * tensor.width
    with tensor.path.open("rb", buffering=0) as handle:
        made = []
        for row in chosen:
            handle.seek(tensor.start + int(row) * width)
            made.append(numbers(_read(handle, width), tensor.kind))
    return np.stack(made)


def numbers(raw: bytes, kind: str) -> Floats:
    """Stored numbers as float32."""
    if kind == "F32":
        return np.frombuffer(raw, dtype="<f4")
    if kind == "BF16":
        return (np.frombuffer(raw, dtype="<u2").astype(np.uint32) << 16).view(np.float32)
    if kind == "F16":
        return np.frombuffer(raw, dtype="<f2").astype(np.float32)
    if kind == "F64":
        return np.frombuffer(raw, dtype="<f8").astype(np.float32)
    return _eight_bits(kind)[np.frombuffer(raw, dtype=np.uint8)]


@cache
def _eight_bits(kind: str) -> Floats:
    """The 256 values of an 8-bit float (Micikevicius et al. 2022, table 1)."""
    mantissa = 3 if kind == "F8_E4M3" else 2
    bias = 7 if kind == "F8_E4M3" else 15
    codes = np.arange(256)
    sign = np.where(codes & 0x80, -1.0, 1.0)
    exponent = (codes & 0x7F) >> mantissa
    fraction = (codes & ((1 << mantissa) - 1)) / (1 << mantissa)
    normal = (1 + fraction) * 2.0 ** (exponent - bias)
    values = sign * np.where(exponent == 0, fraction * 2.0 ** (1 - bias), normal)
    broken = (codes & 0x7F) == 0x7F if kind == "F8_E4M3" else exponent == 31
    return np.where(broken, np.nan, values).astype(np.float32)


def _read(handle: Any, count: int) -> bytes:
    raw = handle.read(count)
    while len(raw) < count:
        more = handle.read(count - len(raw))
        if not more:
            raise InputError("these weights end too early.", code="FTS-124", where=Where(file=str(handle.name)))
        raw += more
    return bytes(raw)


def _safetensors(path: Path) -> dict[str, Tensor]:
    with path.open("rb") as handle:
        head = handle.read(8)
        size = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
        if not 2 <= size <= _LONGEST_HEADER:
            raise ValueError("it has no safetensors header")
        header = json.loads(handle.read(size))
    length, found = os.path.getsize(path), {}  # noqa: PTH202
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        first, last = entry["data_offsets"]
        made = Tensor(name, str(entry["dtype"]), tuple(map(int, entry["shape"])), path, 8 + size + int(first))
        if made.kind not in WIDTH:
            raise ValueError(f"{name} is of the unknown format {made.kind}")
        if last - first != made.bytes or made.start + made.bytes > length or min((*made.shape, 1)) < 0:
            raise ValueError(f"{name} does not lie where its header says")
        found[name] = made
    return found


def _gguf(path: Path) -> dict[str, Tensor]:
    found = {}
    for number, item in enumerate(_reader(path).tensors):
        shape = tuple(int(side) for side in reversed(item.shape.tolist()))
        found[item.name] = Tensor(item.name, item.tensor_type.name, shape, path, number, quantised=True)
    return found


@cache
def _reader(path: Path) -> Any:
    """The kept library's reader. A file that it trips over, by whatever error, is no usable GGUF file."""
    from gguf import GGUFReader

    try:
        return GGUFReader(path)
    except Exception as error:
        message = f"cannot be read as GGUF: {type(error).__name__}."
        raise InputError(message, code="FTS-124", where=Where(file=str(path))) from error


def _blocks(tensor: Tensor) -> NDArray[np.uint8]:
    data = _reader(tensor.path).tensors[tensor.start].data
    return np.asarray(data).reshape(-1, data.shape[-1])


def _dequantised(blocks: NDArray[np.uint8], kind: str) -> Floats:
    from gguf import GGMLQuantizationType, dequantize

    return np.asarray(dequantize(blocks, GGMLQuantizationType[kind]), dtype=np.float32)


def _quantised_pieces(tensor: Tensor, rows: int) -> Iterator[tuple[bytes, Floats]]:
    blocks = _blocks(tensor)
    for first in range(0, len(blocks), rows):
        piece = np.ascontiguousarray(blocks[first : first + rows])
        yield piece.tobytes(), _dequantised(piece, tensor.kind).reshape(-1)
