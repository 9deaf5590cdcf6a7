"""The graders that a run can name: registered ones, and those that a spec gave a model. Given a name, gives a grader
that can grade, or says what is missing. Never opens a model by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ftsafety_spec.errors import InputError
from ftsafety_spec.graders.base import GRADERS, Grader, NeedsModel
from ftsafety_spec.registry import Registry


@dataclass(frozen=True)
class Panel:
    """Names to graders. `bound`: graders that need a model, with theirs."""

    bound: Mapping[str, Grader] = field(default_factory=dict)
    registry: Registry[Any] = field(default_factory=lambda: GRADERS)

    def names(self) -> list[str]:
        """Every name that is registered, whether it has its model or not."""
        return self.registry.names()

    def shape(self, name: str) -> Grader | NeedsModel:
        """The grader as registered: its outcomes are known without a model. Raises NotFoundError or FTS-120."""
        found: Grader | NeedsModel = self.bound.get(name) or self.registry.get(name)
        return found

    def get(self, name: str) -> Grader:
        """A grader that can grade. Raises NotFoundError; InputError FTS-127 where it needs a model and has none."""
        found = self.shape(name)
        if isinstance(found, NeedsModel):
            raise InputError(
                f"the grader {name} needs a model, and the spec gives it none.",
                code="FTS-127",
                hint=f"Add to the spec: grader_models: {{ID: {{serves: [{name}], provider: …, path: …}}}}.",
            )
        return found
