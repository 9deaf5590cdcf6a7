"""What analyses of the weights found: the typed body of `weights` evidence (R-55). Given figures, gives frozen parts.
Sizes and places of change, never a measure of safety."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import StringConstraints, model_validator

from ftsafety_spec.records.base import Part
from ftsafety_spec.spec.common import Severity

Analysis = Literal[
    "delta", "rank", "embeddings", "tokenizer", "chat_template", "generation_config", "activations", "first_token"
]
ANALYSES: tuple[Analysis, ...] = (
    "delta",
    "rank",
    "embeddings",
    "tokenizer",
    "chat_template",
    "generation_config",
    "activations",
    "first_token",
)
"""The built-in analyses; a report may hold others."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)]


class WeightFinding(Part):
    """One thing that an analysis shows. `value`: of the analysis's own measure; `sentence` says it in plain words."""

    id: str
    analysis: Name
    title: str
    severity: Severity
    value: float | None = None
    sentence: str


class WeightReport(Part):
    """The body of one piece of `weights` evidence. `analyses`: each that was made to its figures; `variant`: whose
    weights, null where the run compares one variant only."""

    analyses: dict[Name, dict[str, Any]]
    findings: tuple[WeightFinding, ...] = ()
    variant: str | None = None

    @model_validator(mode="after")
    def _of_an_analysis(self) -> WeightReport:
        for finding in self.findings:
            if finding.analysis not in self.analyses:
                raise ValueError(f"findings: {finding.id} is of {finding.analysis!r}, which was not made")
        return self

    def body(self) -> dict[str, Any]:
        """As evidence carries it."""
        return self.model_dump(mode="json")


def weight_report_in(body: Mapping[str, Any]) -> WeightReport | None:
    """The typed report of a piece of evidence; None where somebody only listed the analyses that were made. Raises
    pydantic's ValidationError, a ValueError, where it is not sound."""
    if isinstance(body.get("analyses"), list | tuple) and "findings" not in body:
        return None
    return WeightReport.model_validate(dict(body))
