"""The base of every record: frozen, versioned, digested over its RFC 8785 form without `digest` and `meta`.
Gives `Record`, `digest_of`, `sha256_file`. Never reads a clock except in `Meta.now`."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

import rfc8785
from pydantic import BaseModel, ConfigDict, PrivateAttr, StringConstraints

from ftsafety_spec import __version__

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Usd = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?$")]
"""US dollars as a decimal string."""
Moment = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]
"""RFC 3339 in UTC."""


def now() -> str:
    """The present moment, RFC 3339 UTC to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest_bytes(data: bytes) -> str:
    """`sha256:hex` of bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def clean_text(text: str) -> str:
    """The text with lone surrogates replaced (U+FFFD), so that every table and file can hold it."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def digest_text(text: str) -> str:
    """`sha256:hex` of a clean text's UTF-8 form."""
    return digest_bytes(clean_text(text).encode("utf-8"))


def canonical(value: Any) -> bytes:
    """RFC 8785 (JSON Canonicalization Scheme) bytes of plain data. Integers beyond 2^53 raise."""
    return rfc8785.dumps(value)


def digest_of(value: Any) -> str:
    """`sha256:hex` of plain data's canonical form."""
    return digest_bytes(canonical(value))


def sha256_file(path: Path, chunk: int = 1 << 20) -> str:
    """`sha256:hex` of a file's bytes, streamed."""
    state = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(chunk):
            state.update(block)
    return "sha256:" + state.hexdigest()


class Part(BaseModel):
    """A frozen, closed piece of a record. Its schema is built at its first use: start-up pays for no other."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class Meta(Part):
    """Who made a record and when; outside of its digest."""

    made_at: Moment
    tool: str
    machine: str

    @classmethod
    def now(cls) -> Meta:
        """Meta of this process, at this moment."""
        return cls(
            made_at=now(), tool=f"ftsafety-spec {__version__}", machine=f"{platform.system()} {platform.machine()}"
        )


class Record(Part):
    """A whole record. `schema` is `ftsafety/<kind>@1`; `digest` is filled by `sealed`."""

    KIND: ClassVar[str]

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True, defer_build=True)

    digest: Digest | None = None
    meta: Meta | None = None
    _content: str | None = PrivateAttr(default=None)

    def plain(self) -> dict[str, Any]:
        """What the digest covers: plain JSON data without digest and meta."""
        data = self.model_dump(mode="json", exclude={"digest", "meta"})
        return {"schema": f"ftsafety/{self.KIND}@1", **data}

    def compute_digest(self) -> str:
        """The digest of this record's content: of its file's own words where it was read from one, so that a field
        which a later version adds does not change what an older record is called."""
        return self._content or digest_of(self.plain())

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's; a copy with another content has another digest."""
        copy = super().model_copy(update=update, deep=deep)
        if set(update or ()) - {"digest", "meta"}:
            copy._content = None
        return copy

    def __eq__(self, other: object) -> bool:
        """Equal fields: where a record was read from does not matter."""
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def sealed(self, meta: Meta | None = None) -> Self:
        """This record with its digest (and `meta`, where given). The digest is not computed again."""
        digest = self.compute_digest()
        copy = self.model_copy(update={"digest": digest, "meta": meta or self.meta})
        copy._content = digest
        return copy

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data of the whole record, with `schema` first."""
        data = self.plain()
        data["digest"] = self.digest or self.compute_digest()
        data["meta"] = self.meta.model_dump(mode="json") if self.meta else None
        return data

    @classmethod
    def as_stated(cls, data: dict[str, Any]) -> Self:
        """As `from_json`, but the digest that stands in the file is believed: for reading a thousand records at once.
        Nothing that signs, verifies or measures may use it. Raises ValueError on another schema."""
        data = dict(data)
        found = data.pop("schema", None)
        if found != f"ftsafety/{cls.KIND}@1":
            raise ValueError(f"schema is {found!r}, expected 'ftsafety/{cls.KIND}@1'")
        record = cls.model_validate(data)
        record._content = record.digest
        return record

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read `to_json`'s form; raises ValueError on another schema, or where the digest does not hold."""
        data = dict(data)
        found = data.pop("schema", None)
        if found != f"ftsafety/{cls.KIND}@1":
            raise ValueError(f"schema is {found!r}, expected 'ftsafety/{cls.KIND}@1'")
        record = cls.model_validate(data)
        content = digest_of({"schema": found, **{k: v for k, v in data.items() if k not in ("digest", "meta")}})
        if record.digest is not None and record.digest != content:
            raise ValueError(f"digest is {record.digest}, content has {content}")
        record._content = content
        return record
