"""Rule kinds that read evidence and the run's own conduct instead of rates: what a red team found, what weights show,
whether a provider's report was verified, what was spent. Frozen models, each field marked with what is stricter."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ftsafety_spec.spec.common import Effect, Focus, Id, Severity
from ftsafety_spec.spec.rule_base import Lacking, RuleBase, Shown
from ftsafety_spec.spec.strict import (
    CREDIT,
    FINDING_SEVERITY,
    LOWER,
    MORE,
    MORE_OR_ALL,
    SEVERITY,
)


class Findings(RuleBase):
    """R-25 to R-29: what a red team found (automated or by hand). Evidence that cannot be read is insufficient."""

    kind: Literal["findings"]
    focus: Annotated[list[Focus], MORE] = Field(min_length=1)
    severity_at_least: Annotated[Severity, FINDING_SEVERITY] = "low"
    states: Annotated[list[Literal["confirmed", "suspected"]], MORE] = Field(
        default=["confirmed"],
        min_length=1,
        description="[confirmed], or [confirmed, suspected]; a suspected one is flagged where it is not named here",
    )
    directions: Annotated[list[Effect] | None, MORE_OR_ALL] = Field(None, description="Left out: all directions")
    ignore_declared: Annotated[bool, LOWER] = Field(
        False, description="Whether what the spec says was meant is only said, and changes nothing"
    )
    shown: Annotated[Shown, SEVERITY] = "block"
    missing: Annotated[Lacking, SEVERITY] = Field(
        "insufficient", description="What follows where nobody searched on one of these focuses; flag: it is said"
    )

    @model_validator(mode="after")
    def _confirmed_always(self) -> Findings:
        if "confirmed" not in self.states:
            raise ValueError("states: what is confirmed always counts; write [confirmed] or [confirmed, suspected]")
        return self


class WeightFindings(RuleBase):
    """R-55: what analyses of the weights found. They support what was measured and stand for nothing of it."""

    kind: Literal["weight_findings"]
    severity_at_least: Annotated[Severity, FINDING_SEVERITY] = "high"
    analyses: Annotated[list[Id] | None, MORE_OR_ALL] = Field(
        None, description="Which analyses are read, and must be there; left out: all that were made, at least one"
    )
    shown: Annotated[Shown, SEVERITY] = "review"
    missing: Annotated[Lacking, SEVERITY] = Field(
        "insufficient", description="What follows where such an analysis was not made; flag: it is said"
    )


class ProviderVerification(RuleBase):
    """R-52: how a provider's own evaluation came out of its verification. Every report of a run must reach this."""

    kind: Literal["provider_verification"]
    result_at_least: Annotated[Literal["partly", "accepted"], CREDIT] = "partly"
    below: Annotated[Shown, SEVERITY] = "insufficient"
    missing: Annotated[Lacking, SEVERITY] = Field(
        "insufficient", description="What follows in the context api without a report; flag: it is said"
    )


class SpendingLimit(RuleBase):
    """R-30: a run has a budget, within what is allowed, and is not cut by it."""

    kind: Literal["budget"]
    hours_at_most: Annotated[float | None, LOWER] = Field(None, gt=0, le=10_000)
    usd_at_most: Annotated[float | None, LOWER] = Field(None, ge=0, le=10_000_000)
    missing: Annotated[Lacking, SEVERITY] = Field(
        "insufficient", description="What follows where the spec has no such budget, or a higher one; flag: it is said"
    )
    cut: Annotated[Lacking, SEVERITY] = Field(
        "insufficient", description="What follows where the budget ended the run; flag: people clear it"
    )
