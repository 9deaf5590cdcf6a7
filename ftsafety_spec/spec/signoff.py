"""What people sign in a file of their project: the assessment of a run's risk, and its acceptance. Each names the very
records that it was signed for. Never reads a file."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ftsafety_spec.spec.common import Id, Model, Text

Sha256 = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Likelihood = Literal["rare", "unlikely", "possible", "likely"]
Severity = Literal["negligible", "minor", "serious", "critical"]


class Signer(Model):
    """Who signs, in which role."""

    name: Text = Field(description="As the policy names this person")
    role: Id = Field(description="A role of the policy")


class Bound(Model):
    """The records that it was signed for; `ftsafety accept` and `ftsafety assess` write them."""

    spec: Sha256 = Field(description="The locked spec")
    comparison: Sha256 = Field(description="What was found")
    evidence: Sha256 = Field(description="Sessions, findings and all else that people had contributed by then")


class Acceptance(Model):
    """A person accepts the risk of deploying what a run has measured."""

    by: Signer
    reason: Text = Field(description="Why the risk is worth taking")
    conditions: list[Text] = Field(default_factory=list, description="What must hold while it is deployed")
    until: date = Field(description="The last day on which this counts")
    bound: Bound


class AssessedRisk(Model):
    """One thing that could go wrong."""

    risk: Text = Field(description="What could happen, to whom")
    likelihood: Likelihood
    severity: Severity
    mitigation: Text | None = Field(None, description="What is done against it")


class Assessment(Model):
    """A person sets down what could go wrong, how likely and how severe it would be."""

    by: Signer
    summary: Text = Field(description="What it comes to")
    risks: list[AssessedRisk] = Field(min_length=1)
    until: date = Field(description="The last day on which this counts")
    bound: Bound


SIGNOFF_MODELS: dict[str, type[Acceptance] | type[Assessment]] = {"acceptance": Acceptance, "assessment": Assessment}
