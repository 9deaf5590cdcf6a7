"""The header of a GGUF file, read without its tensors and without any engine.
Given a path, gives its metadata, its tensors' shapes, and a digest of its tokenizer. Refuses what is no GGUF."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ftsafety_spec.errors import InputError, Where

MAGIC = b"GGUF"
_FIXED = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_LONGEST = 1 << 26

#: general.file_type to the quantization's usual name (llama.cpp, enum llama_ftype)
FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
    12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 32: "BF16",
}  # fmt: skip


@dataclass(frozen=True)
class Header:
    """Scalars and texts of the metadata (arrays left out), tensor name to shape (GGUF's order: innermost first),
    and the digest of every `tokenizer.*` value but the chat template (None where there is none)."""

    metadata: dict[str, Any]
    tensors: dict[str, tuple[int, ...]]
    tokenizer: str | None

    @property
    def architecture(self) -> str | None:
        """Such as `llama`."""
        return self.metadata.get("general.architecture")

    @property
    def is_adapter(self) -> bool:
        """True for a LoRA adapter file."""
        return self.metadata.get("general.type") == "adapter"

    @property
    def quantization(self) -> str | None:
        """Such as `Q4_1`; None where the file does not say."""
        found = self.metadata.get("general.file_type")
        return None if found is None else FILE_TYPES.get(found, f"file type {found}")

    @property
    def chat_template(self) -> str | None:
        """The default chat template's text."""
        return self.metadata.get("tokenizer.chat_template")


def read_header(path: Path) -> Header:
    """The header of `path`. Raises InputError FTS-124 where it is no GGUF file, FTS-111 where there is none."""
    try:
        with path.open("rb") as handle:
            return _Reader(handle).header()
    except OSError as error:
        raise InputError(f"cannot read this file: {error.strerror}.", code="FTS-111", where=_at(path)) from error
    except (ValueError, struct.error, EOFError, MemoryError) as error:
        raise InputError(
            f"not a usable GGUF file: {error}.",
            code="FTS-124",
            where=_at(path),
            hint="Weights for the llamacpp engine are GGUF files.",
        ) from error


def _at(path: Path) -> Where:
    return Where(file=str(path))


class _Reader:
    def __init__(self, handle: IO[bytes]) -> None:
        self.handle = handle
        self.seen = hashlib.sha256()

    def header(self) -> Header:
        if self.handle.read(4) != MAGIC:
            raise ValueError("it does not begin with the letters GGUF")
        version = self.number("<I")
        if version not in (2, 3):
            raise ValueError(f"GGUF version {version} is not known")
        tensors, pairs = self.number("<Q"), self.number("<Q")
        metadata: dict[str, Any] = {}
        tokenizer = hashlib.sha256()
        for _ in range(pairs):
            self.pair(metadata, tokenizer)
        shapes = dict(self.tensor() for _ in range(tensors))
        has_tokenizer = any(key.startswith("tokenizer.") for key in metadata)
        return Header(metadata, shapes, "sha256:" + tokenizer.hexdigest() if has_tokenizer else None)

    def pair(self, metadata: dict[str, Any], tokenizer: hashlib._Hash) -> None:
        key = self.text()
        self.seen = hashlib.sha256()
        metadata[key] = self.value(self.number("<I"))
        if key.startswith("tokenizer.") and "chat_template" not in key:
            tokenizer.update(key.encode() + b"\0" + self.seen.digest())

    def tensor(self) -> tuple[str, tuple[int, ...]]:
        name, rank = self.text(), self.number("<I")
        if rank > 8:
            raise ValueError(f"a tensor has {rank} dimensions")
        shape = tuple(self.number("<Q") for _ in range(rank))
        self.read(12)
        return name, shape

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self.array()
        if kind not in _FIXED:
            raise ValueError(f"a metadata value has the unknown type {kind}")
        return self.number(_FIXED[kind])

    def array(self) -> None:
        kind, count = self.number("<I"), self.number("<Q")
        if kind in _FIXED:
            self.read(struct.calcsize(_FIXED[kind]) * count)
            return
        if count > _LONGEST:
            raise ValueError("an array is too long")
        for _ in range(count):
            self.value(kind)

    def text(self) -> str:
        return self.read(self.number("<Q")).decode("utf-8", "replace")

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.read(struct.calcsize(form)))[0]

    def read(self, size: int) -> bytes:
        if size > _LONGEST:
            raise ValueError("a value is too long")
        data = self.handle.read(size)
        if len(data) != size:
            raise EOFError("it ends too early")
        self.seen.update(data)
        return data
