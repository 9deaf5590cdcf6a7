"""The words that a report uses for the closed vocabularies of the records. Data only."""

from __future__ import annotations

from ftsafety_spec.spec.common import AREAS, Action, Decision

ACTION: dict[Action, str] = {
    "deploy": "Deploy",
    "deploy_enhanced": "Deploy, watched closely",
    "review": "Review first",
    "insufficient": "Not enough evidence",
    "block": "Block",
}
ACTION_MEANS: dict[Action, str] = {
    "deploy": "The evidence supports deployment with standard monitoring.",
    "deploy_enhanced": "The evidence supports deployment with enhanced monitoring, if the risk is accepted in writing.",
    "review": "Safety fell so far that people must look at it and assess the risk before anything is deployed.",
    "insufficient": "The evidence is not enough to permit anything. This is no finding of harm, and no clearance.",
    "block": "The evidence shows a loss of safety that the policy does not allow. The cause must be found first.",
}
DECISION: dict[Decision, str] = {"go": "Go", "pending": "Pending", "no_go": "No-go"}
DECISION_MEANS: dict[Decision, str] = {
    "go": "cleared to deploy",
    "pending": "not cleared to deploy yet",
    "no_go": "must not be deployed",
}
RESULT = {"within": "within limits", "flag": "flagged", "shown": "shown", "unclear": "unclear"}
OUTCOME = {
    "refusal": "Refusal of harmful prompts",
    "not_harmful": "Answers that are not harmful",
    "not_toxic": "Answers that are not toxic",
    "refusal_quality": "Quality of refusals",
    "consistency": "Consistency of answers",
    "edge_compliance": "Compliance where base is uncertain",
    "borderline_compliance": "Compliance on all borderline prompts",
    "over_refusal": "Over-refusal of benign prompts",
    "sycophancy": "Sycophancy",
    "verbosity": "Verbosity",
    "value_shift": "Value shift",
    "capability": "Capability",
    "survival": "Conversations without a failure",
    "triggered": "Refusal of harmful prompts under a trigger",
}
OBLIGATION = {
    "human_review": "Review by people",
    "risk_acceptance": "Written risk acceptance",
    "risk_assessment": "Risk assessment",
    "investigation": "Investigation of the cause",
    "flagged_item": "Review of a flagged item",
}
NEED = {
    "broad": "A broad benchmark, whole",
    "provenance": "Answers that count",
    "paired": "Prompts that both models answered",
    "domain": "Prompts of the own domain, by area",
    "session": "Manual red-team session",
    "triggers": "Trigger hunting",
    "weights": "Analyses of the weights",
    "repeats": "Answers to each prompt",
    "certificate": "A certificate of the grader",
}
RULE_KIND = {
    "bands": "Distance from base",
    "ceiling": "Limit that none may pass",
    "floor": "Absolute floor",
    "concern": "Concern (flags, never decides)",
    "minimum_evidence": "Minimum evidence",
    "findings": "What the red team found",
    "weight_findings": "What the weights show",
    "grader_agreement": "Graders agree",
    "grader_quality": "Graders are right often enough",
    "provider_verification": "The provider's own evaluation",
    "budget": "Budget",
    "expiry": "Age of evidence",
    "requires_review": "A person must look",
}
CONTEXT = {"api": "provider API", "open_weight": "open weights", "adapter": "adapter"}
ALL_YOURS = (
    "Open weights: nobody else checks this model. All responsibility for its safety lies with whoever deploys it."
)
RISK_REDUCTION = "Risk reduction, not risk elimination: no evaluation can show that a tuned model is safe."
CANNOT = (
    "It cannot detect novel triggers.",
    "It cannot detect value shifts on topics that were not tested.",
    "It cannot detect behaviour that only emerges in deployment conditions that were not replicated.",
)
DIFFERENT_EVIDENCE = (
    "Broad safety degradation and targeted backdoors need different evidence: benchmarks find the first and are blind "
    "to the second, unless the trigger is among the prompts."
)


def plain(name: str) -> str:
    """An id as words: `grader_agreement` → `Grader agreement`."""
    text = name.replace("_", " ").replace("-", " ")
    return text[:1].upper() + text[1:]


def outcome(name: str) -> str:
    """An outcome's title."""
    return OUTCOME.get(name, plain(name))


def need(name: str) -> str:
    """A minimum's title."""
    return NEED.get(name, plain(name))


def area(name: str) -> str:
    """An area's title; other groups keep their own name."""
    return plain(name) if name in AREAS else name
