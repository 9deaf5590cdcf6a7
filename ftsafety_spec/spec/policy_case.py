"""What a file of policy cases may say (`tests/policies/*.yaml` of a project): evidence in, in a compact form, and the
action, decision and reasons that are expected out. Given the plain mapping, gives a frozen `CaseFile`."""

from __future__ import annotations

from datetime import date as Day
from typing import Literal

from pydantic import Field, model_validator

from ftsafety_spec.spec.common import (
    Action,
    AdapterSource,
    Context,
    Decision,
    Effect,
    Focus,
    Id,
    Model,
    Name,
    PromptKind,
    Severity,
    Text,
)
from ftsafety_spec.spec.spec import Risk

Need = Literal["broad", "paired", "domain", "session", "triggers", "weights", "repeats", "second_grader", "certificate"]
NEEDS: tuple[Need, ...] = (
    "broad",
    "paired",
    "domain",
    "session",
    "triggers",
    "weights",
    "repeats",
    "second_grader",
    "certificate",
)
Lack = Literal[Need, "red_team", "budget", "provider_report"]
Gives = Literal["review", "risk_acceptance", "risk_assessment", "investigation", "waiver_approval"]
Rate = float | None


class Rates(Model):
    """One outcome over prompts that both models were asked, one answer each. Rates are of the outcome's own value."""

    base: Rate = Field(None, ge=0, le=1, description="Base's rate; null: none of its answers could be read")
    tuned: Rate = Field(None, ge=0, le=1, description="Tuned's rate; null: none of its answers could be read")
    prompts: int = Field(ge=0, le=100_000, description="Distinct prompts that both were asked")
    unread: int = Field(0, ge=0, description="Of these, prompts whose tuned answer could not be read")
    swapped: int = Field(0, ge=0, description="Prompts that tuned got right and base wrong, beside those that it lost")

    @model_validator(mode="after")
    def _fits(self) -> Rates:
        if self.unread > self.prompts:
            raise ValueError("unread: more prompts than were asked")
        return self


class OutcomeRates(Rates):
    """One outcome over all prompts, and by group; without areas, all prompts are of one area, `other`."""

    areas: dict[str, Rates] = Field(default_factory=dict, description="Area of harm to its rates")
    categories: dict[str, Rates] = Field(default_factory=dict, description="Category to its rates")
    conditions: dict[str, Rates] = Field(default_factory=dict, description="Condition (an attack, plain) to its rates")
    combinations: dict[str, Rates] = Field(
        default_factory=dict, description="Adapters put together to rates; base: what they add up to alone"
    )


class GraderFigures(Model):
    """What is known of the grader of an outcome; each figure with its interval: [low, value, high]."""

    agreement: tuple[float, float, float] | None = Field(None, description="Kappa with a second grader")
    sensitivity: tuple[float, float, float] | None = Field(None, description="Against people's labels")
    specificity: tuple[float, float, float] | None = Field(None, description="Against people's labels")
    kappa: tuple[float, float, float] | None = Field(None, description="Against people's labels")
    labelled: int = Field(0, ge=0, description="Labelled answers behind the certificate; 0: no certificate")


class RedTeamFound(Model):
    """One thing that the red team found in tuned."""

    focus: Focus
    severity: Severity = "high"
    state: Literal["confirmed", "suspected"] = "confirmed"
    direction: Effect = "harm"
    declared: bool = Field(False, description="Whether the spec says that it was meant")


class Person(Model):
    """What one person gave."""

    gives: Gives = "review"
    by: Text = Field(description="Who; a name that the policy's roles hold")
    role: Id = Field(description="The role in which they acted")
    verdict: Literal["approve", "reject"] = "approve"
    items: list[str] | None = Field(None, description="Flagged items that a review clears; left out: all of them")
    rule: Id | None = Field(None, description="Of a waiver_approval: the rule that is waived")


class Present(Model):
    """Evidence that is there."""

    benchmarks: list[Id] = Field(default_factory=list, description="Benchmarks that were measured whole")
    prompts: dict[PromptKind, int] = Field(default_factory=dict, description="Kind to prompts answered by both models")
    domain: dict[str, int] = Field(default_factory=dict, description="Area to prompts of the use case's own domain")
    session: float = Field(0, ge=0, description="Minutes of manual red teaming on the domain")
    triggers: int = Field(0, ge=0, description="Trigger probes that were tried")
    weights: list[Id] = Field(default_factory=list, description="Analyses of the weights that were made")
    searched: list[Focus] = Field(default_factory=list, description="Focuses on which the red team searched")
    repeats: int = Field(1, ge=1, le=100, description="Answers to each prompt, at a temperature above 0")
    budget: bool = Field(False, description="Whether the spec declares a budget, as high as the policy allows")
    graders: dict[Id, GraderFigures] = Field(default_factory=dict, description="Outcome to what is known of its grader")


class Given(Model):
    """The evidence of one case. A risk factor left out counts at its highest, as in a spec."""

    run: Text | None = Field(None, description="A run folder or a comparison.json, instead of outcomes and present")
    risk: Risk = Field(default_factory=Risk, description="Risk factors of the spec")
    tier: Id | None = Field(None, description="The risk tier, instead of factors")
    context: Context | None = Field(None, description="Left out: adapter where adapters are given, else open_weight")
    adapters: AdapterSource | None = Field(None, description="The least trusted source of an adapter")
    date: Day = Field(Day(2026, 1, 15), description="The day of the verdict")
    measured: Day | None = Field(None, description="The day of the measurements; left out: the day of the verdict")
    revised: Day | None = Field(None, description="The day the suite was last revised; left out: as measured")
    answers: Literal["measured", "recorded"] = Field("measured", description="How answers were come by")
    outcomes: dict[Id, OutcomeRates] = Field(default_factory=dict, description="Outcome to its rates")
    present: Literal["all"] | Present = Field("all", description="all: whatever this policy asks for; or what is there")
    found: list[RedTeamFound] = Field(default_factory=list, description="What the red team found")
    weights_show: list[Severity] = Field(default_factory=list, description="What each analysis of the weights shows")
    provider_report: Literal["accepted", "partly", "refused"] | None = Field(
        None, description="How a report of the provider came out; left out: as the policy asks, in the context api"
    )
    cut: int = Field(0, ge=0, description="Answers that were not asked for because the budget ended the run")
    lacks: list[Lack] = Field(default_factory=list, description="What is not there in spite of `present: all`")
    people: list[Person] = Field(default_factory=list, description="What people gave")

    @model_validator(mode="after")
    def _one_form(self) -> Given:
        if self.run is not None and self.outcomes:
            raise ValueError("run: a case gives a run or outcomes, not both")
        if self.lacks and self.present != "all":
            raise ValueError("lacks: goes with `present: all`; leave out of `present` what is not there")
        return self


class Expected(Model):
    """What must come out; what is left out is not looked at."""

    action: Action | None = None
    decision: Decision | None = None
    decided_by: list[Id] | None = Field(None, description="Exactly the rules whose finding is the action")
    reasons: list[Text] = Field(default_factory=list, description="Each is part of one of the three reasons")
    rules: dict[Id, Text] = Field(default_factory=dict, description="Rule to a result that it must reach")
    owed: list[Id] | None = Field(None, description="Exactly the kinds of obligation that are open")
    missing: list[Need] | None = Field(None, description="Exactly the minima that are not met")

    @model_validator(mode="after")
    def _something(self) -> Expected:
        if not self.model_fields_set:
            raise ValueError("a case expects something: action, decision, decided_by, reasons, rules, owed or missing")
        return self


class Case(Model):
    """Evidence in, verdict out."""

    why: Text | None = Field(None, description="What this case is for")
    policy: Name | None = Field(None, description="Left out: the policy of the file")
    given: Given
    expect: Expected


class CaseFile(Model):
    """A file of cases for one policy."""

    policy: Name = Field(description="The policy that the cases are for")
    cases: dict[Id, Case] = Field(min_length=1, description="Cases by id")


CASE_MODELS: dict[str, type[Model]] = {"policy-test": CaseFile}
"""Kind of schema to its model."""
