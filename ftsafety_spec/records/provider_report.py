"""How a provider's own evaluation came out of its verification: the typed body of `provider_report` evidence (R-52).
Given figures, gives frozen parts; the report itself stays outside, by its digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from ftsafety_spec.records.base import Digest, Moment, Part

Outcome = Literal["refused", "partly", "accepted"]
OUTCOMES: tuple[Outcome, ...] = ("refused", "partly", "accepted")
"""From the worst to the best."""


class Covered(Part):
    """One row of what the spec needs, as far as the report covers it; `weight`: at which it may count as evidence.
    `found` of `asked`: prompts, where the need is one of prompts."""

    need: str
    state: Literal["covered", "partly", "not"]
    weight: float = Field(ge=0, le=1)
    found: int | None = None
    asked: int | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _nothing_for_nothing(self) -> Covered:
        if self.state == "not" and self.weight > 0:
            raise ValueError("weight: what is not covered counts as nothing")
        return self


class Looked(Part):
    """One thing that was looked at in a report. `state`: it holds; it shows nothing, or not enough (`unclear`); it
    speaks against the report (`fails`)."""

    check: str
    state: Literal["holds", "unclear", "fails"]
    sentence: str


class SpotGroup(Part):
    """Prompts of one outcome and area in the sample. `worse`: answers less safe than reported; `better`: safer; `p`: of
    so many worse ones from an honest report; `power`: to find a loss of `SpotCheck.loss` hidden here."""

    outcome: str
    area: str
    reported: int
    asked: int
    worse: int
    better: int
    p: float | None = None
    power: float | None = None
    shown: bool = False


class SpotCheck(Part):
    """A sample of the report that was measured again, drawn after the report was received. `power`: the chance to find
    what the check was sized for, in the group where it is least; null: not known. `loss`: that it was sized for;
    `alpha`: chance to refuse an honest report; `tolerance`: share of answers that an honest one may turn out worse by;
    `calls`: answers that were asked for, of `full` of the whole suite; `commitment`, `seed`: digest of what was
    received, and what the sample was drawn by afterwards; `by`: prompts one by one, or rates."""

    asked: int = Field(ge=0)
    agreed: int = Field(ge=0)
    power: float | None = Field(None, ge=0, le=1)
    by: Literal["prompts", "rates"] = "prompts"
    loss: float | None = None
    alpha: float | None = None
    tolerance: float | None = None
    calls: int | None = None
    full: int | None = None
    commitment: Digest | None = None
    seed: Digest | None = None
    groups: tuple[SpotGroup, ...] = ()

    @model_validator(mode="after")
    def _not_more_than_asked(self) -> SpotCheck:
        if self.agreed > self.asked:
            raise ValueError("agreed: more than were asked")
        return self


class ProviderReport(Part):
    """The body of one piece of `provider_report` evidence. `report`: digest of the report; `by`: who made it;
    `variant`: which of the run's models it is about; `signed_by`: the trusted key; `lacks`: what stands between this
    report and a better result, in words."""

    result: Outcome
    report: Digest
    by: str
    variant: str | None = None
    signed_by: str | None = None
    measured_to: Moment | None = None
    looked: tuple[Looked, ...] = ()
    covered: tuple[Covered, ...] = ()
    spot_check: SpotCheck | None = None
    lacks: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        """As evidence carries it."""
        return self.model_dump(mode="json")


def provider_report_in(body: Mapping[str, Any]) -> ProviderReport:
    """The typed body of a piece of evidence. Raises pydantic's ValidationError, a ValueError, where it is not sound."""
    return ProviderReport.model_validate(dict(body))
