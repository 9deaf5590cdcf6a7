"""The graders that a run can name: registered ones, and those that a spec gave a model. Given a name, gives a grader
that can grade, or says what is missing. Never opens a model by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ftsafety_spec.errors import InputError
from ftsafety_spec.graders.base import GRADERS, Grader, NeedsModel
from ftsafety_spec.graders.certified import Certificates
from ftsafety_spec.records.certificate import Certificate
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.registry import Registry
from ftsafety_spec.spec.provider import Prices


@dataclass(frozen=True)
class Behind:
    """The model behind a grader: its id in the spec, who it is, what its tokens cost, requests in flight."""

    id: str
    identity: Identity
    prices: Prices | None
    connections: int
    may_grade_itself: bool = False

    @property
    def words(self) -> str:
        """For people: the spec's id, and the weights' digest or the provider's model."""
        claim, weights = self.identity.provider, self.identity.weights
        if claim is not None:
            return f"{self.id}: {claim.name} {claim.model}"
        return f"{self.id}: weights {weights.removeprefix('sha256:')[:12]}" if weights else self.id


@dataclass(frozen=True)
class Panel:
    """Names to graders. `bound`: graders that need a model, with theirs; `behind`: these models; `closers`: end them;
    `certificates`: the project's (shipped ones are always found)."""

    bound: Mapping[str, Grader] = field(default_factory=dict)
    registry: Registry[Any] = field(default_factory=lambda: GRADERS)
    behind: Mapping[str, Behind] = field(default_factory=dict)
    closers: tuple[Callable[[], Awaitable[None]], ...] = ()
    certificates: Certificates = field(default_factory=Certificates)

    def names(self) -> list[str]:
        """Every name that is registered, whether it has its model or not."""
        return self.registry.names()

    def ready(self, name: str) -> bool:
        """Whether a name is registered, and has its model where it needs one."""
        return name in self.names() and not isinstance(self.shape(name), NeedsModel)

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

    def connections(self, name: str) -> int | None:
        """Requests in flight of the model behind a grader; None where there is no model."""
        return self.behind[name].connections if name in self.behind else None

    async def close(self) -> None:
        """End every grader model that was opened. They open again where they are asked again."""
        for closer in self.closers:
            await closer()

    def certificate(self, name: str, outcome: str) -> Certificate | None:
        """The valid certificate of a grader for an outcome; None where its error is unknown."""
        return self.certificates.of(self.shape(name), outcome)
