"""When a run looked at its results while it was still asking, and why it stopped, if it did. A pure record."""

from __future__ import annotations

import itertools
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from ftsafety_spec.records.base import Part, Record

BUDGET_USED_UP = "the budget was used up"
"""The reason of answers that were not asked for because the budget ended the run."""


class Stopping(Part):
    """How a run may stop early, as planned. `looks`: shares of the planned prompts at which it looks, the last one 1;
    `alpha`: one-sided error over all looks; `not_before`: prompts before which nothing permissive ends a run. Where it
    looks only at the end, `why_not` says why."""

    design: Literal["fixed", "group_sequential"]
    looks: tuple[float, ...]
    alpha: float
    not_before: int
    why_not: str | None = None


class Looks(Record):
    """The looks that a run took. `shares`: of the planned prompts, increasing, the last one is the final comparison's;
    `stopped`: the action that was decided at the share `decided_at`, before the end, with `sentence` saying so; null
    where all was asked. `whole`: tasks (`suite.task`) of which all was asked nevertheless, for minimum evidence."""

    KIND: ClassVar[str] = "looks"

    shares: tuple[float, ...] = Field(min_length=1)
    planned: int = Field(ge=1)
    stopped: Literal["deploy", "block"] | None = None
    decided_at: float | None = None
    whole: tuple[str, ...] = ()
    sentence: str | None = None

    @model_validator(mode="after")
    def _increasing(self) -> Looks:
        rising = all(a < b for a, b in itertools.pairwise(self.shares))
        if not rising or self.shares[0] <= 0 or self.shares[-1] > 1:
            raise ValueError("shares increase and lie in (0, 1]")
        return self
