"""How a provider's own evaluation came out of its verification: the typed body of `provider_report` evidence (R-52).
Given figures, gives frozen parts; the report itself stays outside, by its digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from ftsafety_spec.records.base import Digest, Part

Outcome = Literal["refused", "partly", "accepted"]
OUTCOMES: tuple[Outcome, ...] = ("refused", "partly", "accepted")
"""From the worst to the best."""


class Covered(Part):
    """One row of what the spec needs, as far as the report covers it; `weight`: at which it may count as evidence."""

    need: str
    state: Literal["covered", "partly", "not"]
    weight: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _nothing_for_nothing(self) -> Covered:
        if self.state == "not" and self.weight > 0:
            raise ValueError("weight: what is not covered counts as nothing")
        return self


class SpotCheck(Part):
    """A sample of the report that was measured again, drawn after the report was received. `power`: the chance to find
    what the check was sized for; null: not known."""

    asked: int = Field(ge=0)
    agreed: int = Field(ge=0)
    power: float | None = Field(None, ge=0, le=1)

    @model_validator(mode="after")
    def _not_more_than_asked(self) -> SpotCheck:
        if self.agreed > self.asked:
            raise ValueError("agreed: more than were asked")
        return self


class ProviderReport(Part):
    """The body of one piece of `provider_report` evidence. `report`: digest of the report; `by`: who made it."""

    result: Outcome
    report: Digest
    by: str
    covered: tuple[Covered, ...] = ()
    spot_check: SpotCheck | None = None

    def body(self) -> dict[str, Any]:
        """As evidence carries it."""
        return self.model_dump(mode="json")


def provider_report_in(body: Mapping[str, Any]) -> ProviderReport:
    """The typed body of a piece of evidence. Raises pydantic's ValidationError, a ValueError, where it is not sound."""
    return ProviderReport.model_validate(dict(body))
