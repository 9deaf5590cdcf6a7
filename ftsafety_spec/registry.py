"""One registry for everything that a name can pick: benchmarks, graders, providers, renderers, probes.
Given an entry point group, gives the object behind a name. A broken plugin that nobody names is a warning;
one that a spec names is an error. Never imports a plugin before it is asked for."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from ftsafety_spec.errors import InputError, NotFoundError

T = TypeVar("T")


@dataclass
class Registry(Generic[T]):
    """Names of one noun, found by entry points of `group`."""

    noun: str
    group: str
    _loaded: dict[str, T] = field(default_factory=dict)

    @cached_property
    def _points(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self.group)}

    def names(self) -> list[str]:
        """All names, sorted; nothing is imported."""
        return sorted(set(self._points) | set(self._loaded))

    def origin(self, name: str) -> str:
        """The distribution and version that a name comes from."""
        point = self._points.get(name)
        if point is None or point.dist is None:
            return "registered at run time"
        return f"{point.dist.name} {point.dist.version}"

    def add(self, name: str, item: T) -> None:
        """Register an object in this process (tests, notebooks)."""
        self._loaded[name] = item

    def get(self, name: str) -> T:
        """The object behind `name`. Raises NotFoundError, or InputError where its plugin is broken."""
        if name not in self._loaded:
            if name not in self._points:
                raise NotFoundError(self.noun, name, self.names())
            point = self._points[name]
            try:
                self._loaded[name] = point.load()
            except Exception as error:
                raise InputError(
                    f"the {self.noun} {name!r} ({point.value}, {self.origin(name)}) cannot be loaded: "
                    f"{type(error).__name__}: {error}",
                    code="FTS-120",
                ) from error
        return self._loaded[name]

    def all(self) -> dict[str, T]:
        """Everything that loads; what does not is warned about."""
        found: dict[str, T] = {}
        for name in self.names():
            try:
                found[name] = self.get(name)
            except InputError as error:
                warnings.warn(str(error), stacklevel=2)
        return found
