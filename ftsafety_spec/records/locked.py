"""What was composed: the locked spec and the locked policy, with where each value came from.
Text only: no weights were read and nothing went out to make them."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ftsafety_spec.records.base import Digest, Part, Record
from ftsafety_spec.spec.policy import Policy
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import Spec


class Origin(Part):
    """Where a value was written: a file's place, or command line override `n` (from 1)."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    override: int | None = None

    def __str__(self) -> str:
        if self.override is not None:
            return f"override {self.override}"
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


class Source(Part):
    """A file that took part in composition. Paths are relative to the project; built-ins begin with `ftsafety:`."""

    path: str
    digest: Digest


class Variant(Part):
    """One stack of weights that is measured. `role` part: an adapter of a stack, alone (R-59)."""

    id: str
    role: Literal["base", "tuned", "part"]
    against: str | None
    model: str
    adapters: dict[str, float]
    deploy: bool


class LockedSpec(Record):
    """A spec as it was composed. Origins map dotted key paths to places."""

    KIND: ClassVar[str] = "locked-spec"

    name: str
    spec: Spec
    providers: dict[str, Provider]
    variants: dict[str, Variant]
    overrides: tuple[str, ...] = ()
    origins: dict[str, Origin] = {}
    sources: tuple[Source, ...] = ()
    files: dict[str, Digest] = {}
    plugins: dict[str, str] = {}


class Loosened(Part):
    """A field in which a policy is looser than the one it extends, or than the built-in minima."""

    rule: str
    field: str
    than: str
    from_: Any
    to: Any


class LockedPolicy(Record):
    """A policy as it was composed by itself, without overrides."""

    KIND: ClassVar[str] = "locked-policy"

    name: str
    policy: Policy
    extends: tuple[str, ...] = ()
    looser: tuple[Loosened, ...] = ()
    origins: dict[str, Origin] = {}
    sources: tuple[Source, ...] = ()
