"""What a policy file may say: rules of closed kinds, risk tiers, adjustments, actions, roles, waivers.
Given the composed mapping of `policies/NAME.yaml`, gives a frozen `Policy`. No expressions, no code."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from ftsafety_spec.errors import suggest
from ftsafety_spec.spec.common import (
    AdapterSource,
    Context,
    Id,
    Model,
    PromptKind,
    Provenance,
    Text,
)
from ftsafety_spec.spec.evidence_rules import Findings, ProviderVerification, SpendingLimit, WeightFindings
from ftsafety_spec.spec.rule_base import RuleBase, Shown
from ftsafety_spec.spec.strict import (
    CONCERN_READING,
    FEWER,
    FIXED,
    HIGHER,
    LOWER,
    MORE,
    READING,
    SEVERITY,
    WATCH,
)

Outcomes = Literal["safety"] | list[Id]
Unclear = Literal["flag", "review", "insufficient", "block"]
By = Literal["all", "area", "category", "task", "kind", "condition", "turn", "interaction"]
Below = Literal["relative", "points"]
LockPath = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=160)]
"""What a lock holds: a rule id, `rule.field`, or `measure`, `actions`, `monitoring`, `risk`, `roles`, `waivers`."""


class Measure(Model):
    """How "below base" is read: relative to base's rate, or in percentage points."""

    below: Annotated[Below, FIXED] = "relative"
    confidence: Annotated[float, HIGHER] = Field(0.95, gt=0.5, lt=1)
    looks: Annotated[int, FIXED] = Field(
        1, ge=1, le=20, description="How often a run looks at its results and may stop early, the end among them"
    )


class UpTo(Model):
    """Upper ends of the permissive bands: how far below base is still this action."""

    deploy: Annotated[float, LOWER] = Field(ge=0, le=1)
    deploy_enhanced: Annotated[float, LOWER] = Field(ge=0, le=1)
    review: Annotated[float, LOWER] = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _rising(self) -> UpTo:
        if not self.deploy <= self.deploy_enhanced <= self.review:
            raise ValueError("the bands must rise: deploy <= deploy_enhanced <= review")
        return self


class Beyond(Model):
    """What happens outside of all bands."""

    shown: Annotated[Shown, SEVERITY] = "block"
    unclear: Annotated[Unclear, SEVERITY] = "insufficient"


class Bands(RuleBase):
    """R-36 to R-39: the action by how far each safety outcome lies below base."""

    kind: Literal["bands"]
    read: Annotated[Literal["pessimistic", "estimate"], READING] = "pessimistic"
    outcomes: Annotated[Outcomes, FIXED] = "safety"
    by: Annotated[Literal["all"], FIXED] = "all"
    up_to: UpTo
    beyond: Beyond = Beyond()


class Ceiling(RuleBase):
    """R-40: no cell may be shown to lie further below base than this."""

    kind: Literal["ceiling"]
    outcomes: Annotated[Outcomes, FIXED] = "safety"
    by: Annotated[By, FIXED] = "area"
    measure: Annotated[Below | None, FIXED] = Field(None, description="Left out: as the policy's measure")
    above: Annotated[float, LOWER] = Field(gt=0, le=1)
    shown: Annotated[Shown, SEVERITY] = "block"
    unclear: Annotated[Unclear, SEVERITY] = "insufficient"


class Floor(RuleBase):
    """An absolute rate that a model must reach, whatever base does."""

    kind: Literal["floor"]
    outcome: Annotated[Id, FIXED]
    model: Annotated[Literal["base", "tuned"], FIXED] = "tuned"
    at_least: Annotated[float, HIGHER] = Field(gt=0, le=1)
    shown: Annotated[Shown, SEVERITY] = "review"
    unclear: Annotated[Unclear, SEVERITY] = "insufficient"


class Concern(RuleBase):
    """R-14 to R-18: raises a flagged item for people; never changes the action by itself."""

    kind: Literal["concern"]
    outcome: Annotated[Id, FIXED]
    by: Annotated[By, FIXED] = "all"
    measure: Annotated[Below | None, FIXED] = Field(None, description="Left out: as the policy's measure")
    falls_by: Annotated[float | None, LOWER] = Field(None, ge=0, le=1)
    rises_by: Annotated[float | None, LOWER] = Field(None, ge=0, le=1)
    read: Annotated[Literal["estimate", "shrunken", "shown"], CONCERN_READING] = "estimate"

    @model_validator(mode="after")
    def _one_direction(self) -> Concern:
        if (self.falls_by is None) == (self.rises_by is None):
            raise ValueError("a concern names exactly one of falls_by, rises_by")
        return self


class Broad(Model):
    """R-31: at least one of these benchmarks, whole."""

    any_of: Annotated[list[Id], FEWER] = Field(min_length=1)
    whole: Annotated[Literal[True, False], FIXED] = True


class PairedNeed(Model):
    """R-32: distinct prompts answered by both models."""

    kinds: Annotated[list[PromptKind], FIXED] = Field(min_length=1)
    prompts: Annotated[int, HIGHER] = Field(ge=1)


class DomainNeed(Model):
    """R-33: the use case's own domain, by area."""

    use: Annotated[Literal["domain"], FIXED] = "domain"
    prompts_per_area: Annotated[int, HIGHER] = Field(ge=1)


class SessionNeed(Model):
    """R-34: minutes of manual red teaming."""

    minutes: Annotated[float, HIGHER] = Field(gt=0)
    focus: Annotated[Literal["domain", "any"], FIXED] = "domain"
    accept: Annotated[list[Literal["desk", "terminal", "imported"]], FEWER] = Field(
        default=["desk", "terminal", "imported"],
        min_length=1,
        description="Where it was held; imported: elsewhere, or only told of",
    )


class TriggerNeed(Model):
    """R-26: how many triggers were tried."""

    probes: Annotated[int, HIGHER] = Field(ge=1)


class RepeatNeed(Model):
    """R-46: answers to each prompt."""

    at_least: Annotated[int, HIGHER] = Field(ge=1, le=100)


class WeightNeed(Model):
    """R-55: which analyses of weights must be there."""

    analyses: Annotated[list[Id], MORE] = Field(min_length=1)


class MinimumEvidence(RuleBase):
    """R-30 to R-35: one thing missing is `insufficient`, never deploy."""

    kind: Literal["minimum_evidence"]
    accept: Annotated[list[Provenance], FEWER] = Field(default=["measured"], min_length=1)
    broad: Broad | None = None
    paired: PairedNeed | None = None
    domain: DomainNeed | None = None
    session: SessionNeed | None = None
    triggers: TriggerNeed | None = None
    weights: WeightNeed | None = None
    repeats: RepeatNeed | None = None


class GraderAgreement(RuleBase):
    """Two graders on the same answers must agree at least so well (Cohen's kappa, read by its interval: an interval
    that holds the limit raises a flag)."""

    kind: Literal["grader_agreement"]
    outcome: Annotated[Id, FIXED] = "refusal"
    kappa_at_least: Annotated[float, HIGHER] = Field(ge=0, le=1)
    below: Annotated[Shown, SEVERITY] = "review"
    missing: Annotated[Unclear, SEVERITY] = Field(
        "insufficient", description="What follows where no second grader read the answers; flag: it is said, no more"
    )


class GraderQuality(RuleBase):
    """A grader's certificate must show it to be right at least so often, in terms of the outcome's own value, each
    figure read by its interval: wholly below a minimum brings `below`, an interval that holds it raises a flag."""

    kind: Literal["grader_quality"]
    outcome: Annotated[Id, FIXED] = "refusal"
    sensitivity_at_least: Annotated[float, HIGHER] = Field(ge=0, le=1)
    specificity_at_least: Annotated[float, HIGHER] = Field(ge=0, le=1)
    labelled_at_least: Annotated[int, HIGHER] = Field(ge=1)
    kappa_at_least: Annotated[float | None, HIGHER] = Field(None, ge=0, le=1)
    below: Annotated[Shown, SEVERITY] = "insufficient"
    missing: Annotated[Literal["flag", "insufficient"], SEVERITY] = Field(
        "insufficient", description="What follows without a certificate, or on too few labels; flag: people clear it"
    )


class Expiry(RuleBase):
    """R-49, R-51: how old evidence may be, in days."""

    kind: Literal["expiry"]
    base_days: Annotated[int, LOWER] = Field(90, ge=1)
    suite_days: Annotated[int, LOWER] = Field(365, ge=1)
    session_days: Annotated[int, LOWER] = Field(30, ge=1)
    grader_days: Annotated[int, LOWER] = Field(180, ge=1)


class When(Model):
    """A condition on facts of the spec: each given list must hold the fact."""

    tier: list[Id] | None = None
    adapter_source: list[AdapterSource] | None = None
    context: list[Context] | None = None


class RequiresReview(RuleBase):
    """A person looks at it whatever the figures say."""

    kind: Literal["requires_review"]
    when: Annotated[When, FIXED] = When()
    by: Annotated[Id, FIXED]


Rule = Annotated[
    Bands
    | Ceiling
    | Floor
    | Concern
    | MinimumEvidence
    | Findings
    | WeightFindings
    | GraderAgreement
    | GraderQuality
    | ProviderVerification
    | SpendingLimit
    | Expiry
    | RequiresReview,
    Field(discriminator="kind"),
]


class RiskTable(Model):
    """R-41 to R-46: factor levels to points, points to tiers."""

    points: dict[
        Literal["exposure", "population", "autonomy", "scale", "tuning_data"], dict[Id, Annotated[int, HIGHER]]
    ] = Field(default_factory=dict)
    tiers: dict[Id, int] = Field(default={"low": 0}, description="Tier to the points it begins at")

    @model_validator(mode="after")
    def _a_lowest_tier(self) -> RiskTable:
        if 0 not in self.tiers.values():
            raise ValueError("one tier must begin at 0 points")
        return self


class Need(Model):
    """Something that a person owes before the action may be taken."""

    by: Annotated[Id, FIXED] = Field(description="A role of this policy")
    people: Annotated[int, HIGHER] = Field(1, ge=1, le=20)


class ActionDuty(Model):
    """What an action obliges to."""

    monitoring: Annotated[Literal["standard", "enhanced"] | None, WATCH] = None
    valid_days: Annotated[int | None, LOWER] = Field(None, ge=1, le=3650)
    needs: dict[Literal["human_review", "risk_acceptance", "risk_assessment", "investigation"], Need] = Field(
        default_factory=dict
    )


class People(Model):
    """Who may sign for what, beside roles."""

    owner_may_accept: Annotated[bool, LOWER] = Field(
        True, description="Whether the person who owns the spec may accept its risk or approve its waivers"
    )


class Adjustment(Model):
    """Tightening of named rules and duties where facts hold; it may never loosen."""

    when: When
    rules: dict[Id, dict[str, Any]] = Field(default_factory=dict, description="Rule id to fields that change")
    actions: dict[Literal["deploy", "deploy_enhanced", "review", "insufficient", "block"], dict[str, Any]] = Field(
        default_factory=dict
    )
    monitoring: dict[Literal["standard", "enhanced"], dict[str, Any]] = Field(
        default_factory=dict, description="Monitoring level to the fields that change"
    )


class MonitoringLevel(Model):
    """How closely a deployed model is watched."""

    canary_days: Annotated[int, LOWER] = Field(ge=1)
    false_alarms_per_year: Annotated[float, FIXED] = Field(gt=0)


class WaiverTerms(Model):
    """Who may approve a waiver of this rule, and for how long."""

    by: Id
    at_most_days: Annotated[int, LOWER] = Field(ge=1, le=3650)


class Policy(Model):
    """A composed policy."""

    title: Text
    owner: Text
    measure: Measure = Measure()
    rules: dict[Id, Rule | None] = Field(min_length=1)
    risk: RiskTable = RiskTable()
    adjust: dict[Id, Adjustment] = Field(default_factory=dict)
    actions: dict[Literal["deploy", "deploy_enhanced", "review", "insufficient", "block"], ActionDuty] = Field(
        default_factory=dict
    )
    monitoring: dict[Literal["standard", "enhanced"], MonitoringLevel] = Field(default_factory=dict)
    roles: dict[Id, list[str]] = Field(default_factory=dict)
    people: People = People()
    waivers: dict[Id, WaiverTerms] = Field(default_factory=dict)
    locks: dict[LockPath, Text] = Field(
        default_factory=dict,
        description="What a policy that extends this one may not loosen: a rule id, or a field of it, to the reason",
    )

    @model_validator(mode="after")
    def _names_agree(self) -> Policy:
        for name, adjustment in self.adjust.items():
            for rule in adjustment.rules:
                if rule not in self.rules:
                    raise ValueError(f"adjust.{name}.rules.{rule}: no such rule. {_near_rule(rule, self)}")
            for tier in adjustment.when.tier or []:
                if tier not in self.risk.tiers:
                    near = suggest(tier, self.risk.tiers)
                    raise ValueError(f"adjust.{name}.when.tier: no such tier {tier!r}. {near}")
            for level in adjustment.monitoring:
                if level not in self.monitoring:
                    raise ValueError(f"adjust.{name}.monitoring.{level}: no such level: `monitoring` does not have it.")
        for name, own in self.rules.items():
            for tier in own.when.tier or [] if isinstance(own, RequiresReview) else []:
                if tier not in self.risk.tiers:
                    near = suggest(tier, self.risk.tiers)
                    raise ValueError(f"rules.{name}.when.tier: no such tier {tier!r}. {near}")
        for rule in self.waivers:
            if rule not in self.rules:
                raise ValueError(f"waivers.{rule}: no such rule. {_near_rule(rule, self)}")
        return self


def _near_rule(rule: str, policy: Policy) -> str:
    return suggest(rule, [name for name, own in policy.rules.items() if own is not None])


class PolicyFacts(Model):
    """What a spec tells its policy: the risk tier and what it was made of."""

    tier: Id
    points: int
    undeclared: list[str] = Field(default_factory=list, description="Risk factors left out, counted at their highest")
    context: Context
    adapter_source: AdapterSource | None = Field(None, description="The least trusted source among the adapters")

    def meet(self, when: When) -> bool:
        """True where every list that `when` gives holds this spec's fact."""
        return (
            (when.tier is None or self.tier in when.tier)
            and (when.adapter_source is None or self.adapter_source in when.adapter_source)
            and (when.context is None or self.context in when.context)
        )
