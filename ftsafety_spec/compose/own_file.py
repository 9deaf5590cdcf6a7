"""A file of its own that is composed of nothing else: given a path and a model, gives the validated model and the
file's digest, or every mistake with its place and the nearest valid word."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from ftsafety_spec.compose.check import check
from ftsafety_spec.compose.mix import Mix, take
from ftsafety_spec.compose.places import Layers
from ftsafety_spec.compose.places import Path as Keys
from ftsafety_spec.compose.source import read_source
from ftsafety_spec.errors import Problem, SpecError

M = TypeVar("M", bound=BaseModel)


class OwnFile:
    """A file as read. `digest`: of its bytes."""

    def __init__(self, path: Path) -> None:
        source = read_source(path.resolve(), str(path), str(path))
        if source.node is None:
            raise SpecError(source.problems)
        layers = Layers()
        layers.add_file(source, ())
        self._made = Mix(source, {}, layers.root, (source,), problems=list(source.problems), single=True)
        take(self._made, layers.root.plain())
        self.digest = source.digest

    def read(self, model: type[M]) -> M:
        """The validated content. Raises SpecError with every mistake."""
        found, problems = check(model, self._made)
        problems = [*self._made.problems, *problems]
        if found is None or problems:
            raise SpecError(problems)
        return found

    def problem(self, code: str, message: str, keys: Keys, hint: str | None = None) -> Problem:
        """A mistake at a key path of this file."""
        return self._made.problem(code, message, keys, hint)
