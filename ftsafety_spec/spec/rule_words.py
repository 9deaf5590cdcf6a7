"""What a rule does, in a sentence made of its data, for somebody who has only read the table R-36 to R-46. Given a rule
and how the policy reads "below base", gives plain text. Never repeats what the rule's author wrote about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ftsafety_spec.spec.common import Action
from ftsafety_spec.spec.evidence_words import LEAD, WORDS
from ftsafety_spec.spec.policy import (
    ActionDuty,
    Bands,
    Below,
    Ceiling,
    Concern,
    Expiry,
    Floor,
    GraderAgreement,
    GraderQuality,
    Measure,
    MinimumEvidence,
    MonitoringLevel,
    RequiresReview,
    Rule,
    When,
)

OUTCOME = {
    "refusal": "refusal of harmful prompts",
    "not_harmful": "the share of answers that are not harmful",
    "not_toxic": "the share of answers that are not toxic",
    "refusal_quality": "the quality of refusals",
    "consistency": "consistency over repeats",
    "edge_compliance": "caution on borderline prompts where base is uncertain",
    "borderline_compliance": "caution on borderline prompts",
    "over_refusal": "helpfulness on benign prompts",
    "value_shift": "the distance of everyday choices from base's",
    "survival": "the share of conversations without a failure up to a turn",
    "triggered": "refusal of harmful prompts under a trigger",
}
ACTION: dict[Action, str] = {
    "deploy": "deploy",
    "deploy_enhanced": "deploy with enhanced monitoring",
    "review": "human review",
    "insufficient": "insufficient evidence (nothing is permitted)",
    "block": "block",
}
FOLLOWS = {
    "flag": "a flag that people clear",
    "review": "human review before anything is deployed",
    "insufficient": ACTION["insufficient"],
    "block": ACTION["block"],
}
GROUP = {
    "all": "over all prompts",
    "area": "in any area of harm",
    "category": "in any category",
    "task": "in any task",
    "kind": "for any kind of prompt",
    "condition": "under any condition",
    "turn": "up to any turn of a conversation",
    "interaction": "of adapters put together, held against what each does alone,",
}
NEED = {
    "human_review": "a review",
    "risk_acceptance": "an acceptance of the risk",
    "risk_assessment": "an assessment of the risk",
    "investigation": "an investigation of the cause",
}
_READ = {
    "pessimistic": "read at the pessimistic end of the interval",
    "estimate": "read at the plain estimate",
    "shrunken": "read at the estimate shrunk towards the other groups",
    "shown": "where that is shown",
}


def describe(rule: Rule, measure: Measure) -> str:
    """A sentence or two that say what the rule does."""
    return WORDS[rule.kind](rule) if rule.kind in WORDS else _WORDS[rule.kind](rule, measure)


def describe_duty(action: Action, duty: ActionDuty) -> str:
    """What an action obliges to, in a sentence."""
    said = [f"{duty.monitoring} monitoring"] if duty.monitoring else []
    said += [f"valid for {duty.valid_days} days"] if duty.valid_days else []
    for kind, need in sorted(duty.needs.items()):
        people = f"{need.people} people" if need.people > 1 else "one person"
        said.append(f"{NEED[kind]} by {people} of the role {need.by}")
    return f"{upper(ACTION[action])}: {listed(said, 'and') if said else 'no obligation'}."


def describe_watch(level: str, watch: MonitoringLevel | None) -> str:
    """How closely a deployed model is watched, in a clause; the level alone where the policy says no more of it."""
    if watch is None:
        return level
    days = "day" if watch.canary_days == 1 else f"{watch.canary_days} days"
    return f"{level}, canaries every {days}, detectors set to {watch.false_alarms_per_year:g} false alarms a year"


def amount(value: float, below: Below) -> str:
    """0.05 is 5 % of base, or 5 percentage points."""
    return f"{100 * value:g} %" if below == "relative" else f"{100 * value:g} percentage points"


def figure(field: str, value: Any) -> str:
    """One value of a policy for a person: a share as percent beside the number that stands in the file."""
    if isinstance(value, bool) or value is None:
        return "none" if value is None else str(value).lower()
    if isinstance(value, float) and 0 <= value <= 1 and not field.endswith(("minutes", "kappa_at_least", "per_year")):
        return f"{value:g} ({100 * value:g} %)"
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{key} {figure(key, item)}" for key, item in value.items() if item is not None) or "nothing"
    return str(value)


def condition(when: When) -> str:
    """`where the risk tier is high and an adapter is from community or unknown`; `always` where nothing is asked."""
    parts = []
    if when.tier is not None:
        parts.append(f"the risk tier is {listed(when.tier, 'or')}")
    if when.adapter_source is not None:
        parts.append(f"an adapter comes from {listed(when.adapter_source, 'or')}")
    if when.context is not None:
        parts.append(f"the context is {listed(when.context, 'or')}")
    return "where " + " and ".join(parts) if parts else "always"


def listed(words: Sequence[str], last: str) -> str:
    """`a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else "nothing"


def upper(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def _outcome(name: str) -> str:
    return OUTCOME.get(name, name.replace("_", " "))


def _outcomes(named: str | list[str]) -> str:
    return "any safety outcome" if named == "safety" else listed([_outcome(str(item)) for item in named], "or")


def _bands(rule: Bands, measure: Measure) -> str:
    up, below = rule.up_to, measure.below
    edges = [amount(edge, below) for edge in (up.deploy, up.deploy_enhanced, up.review)]
    of = " of base" if below == "relative" else ""
    sure = "" if rule.read == "estimate" else f", with {100 * measure.confidence:g} % confidence"
    return (
        f"By how far {_outcomes(rule.outcomes)} lies below base, {_READ[rule.read]}{sure}: up to {edges[0]}{of} "
        f"deploy; up to {edges[1]} {ACTION['deploy_enhanced']}; up to {edges[2]} {ACTION['review']}; shown to be "
        f"more than {edges[2]}: {FOLLOWS[rule.beyond.shown]}; where that is open: {FOLLOWS[rule.beyond.unclear]}."
    )


def _ceiling(rule: Ceiling, measure: Measure) -> str:
    below = rule.measure or measure.below
    return (
        f"{LEAD[rule.shown]} where {_outcomes(rule.outcomes)} {GROUP[rule.by]} is shown to lie more than "
        f"{amount(rule.above, below)} below base; where that cannot be ruled out: {FOLLOWS[rule.unclear]}."
    )


def _floor(rule: Floor, measure: Measure) -> str:
    who = "base" if rule.model == "base" else "the tuned model"
    return (
        f"{LEAD[rule.shown]} where {_outcome(rule.outcome)} of {who} is shown to be under "
        f"{100 * rule.at_least:g} %, with {100 * measure.confidence:g} % confidence; where it is not shown to reach "
        f"that: {FOLLOWS[rule.unclear]}."
    )


def _concern(rule: Concern, measure: Measure) -> str:
    falls = rule.falls_by is not None
    limit = rule.falls_by if rule.falls_by is not None else rule.rises_by or 0.0
    below = rule.measure or (measure.below if falls else "points")
    how = f"{'falls' if falls else 'rises'} by more than {amount(limit, below)}"
    if limit == 0:
        how = f"{'falls' if falls else 'rises'} at all"
    what = _raw(rule.outcome)
    return f"A person looks at it where {what} {GROUP[rule.by]} {how}, {_READ[rule.read]}. It changes no action."


def _raw(outcome: str) -> str:
    """Outcomes of which less is safer, by their own direction: a concern names the direction itself."""
    own = {"edge_compliance": "compliance on borderline prompts where base is uncertain"}
    own |= {"borderline_compliance": "compliance on borderline prompts", "over_refusal": "refusal of benign prompts"}
    return own.get(outcome) or _outcome(outcome)


def _minimum(rule: MinimumEvidence, measure: Measure) -> str:  # noqa: ARG001
    needs = list(_needs(rule))
    taken = f"Answers count that were {listed(rule.accept, 'or')}."
    if not needs:
        return f"Asks for nothing. {taken}"
    return f"Insufficient evidence unless all of this is there: {'; '.join(needs)}. {taken}"


def _needs(rule: MinimumEvidence) -> Iterator[str]:
    if rule.broad is not None:
        yield f"{listed(rule.broad.any_of, 'or')}{', whole' if rule.broad.whole else ''}"
    if rule.paired is not None:
        kinds = listed(list(rule.paired.kinds), "or")
        yield f"{rule.paired.prompts} distinct {kinds} prompts answered by both models"
    if rule.domain is not None:
        yield f"{rule.domain.prompts_per_area} prompts in each area of the use case's own domain"
    if rule.session is not None:
        focus = " on that domain" if rule.session.focus == "domain" else ""
        told = "" if "imported" in rule.session.accept else ", recorded here as it was held"
        yield f"{rule.session.minutes:g} minutes of manual red teaming{focus}{told}"
    if rule.triggers is not None:
        yield f"{rule.triggers.probes} trigger probes"
    if rule.weights is not None:
        yield f"analysis of the weights ({', '.join(rule.weights.analyses)})"
    if rule.repeats is not None:
        yield f"{rule.repeats.at_least} answers to each prompt, unless the temperature is 0"


def _agreement(rule: GraderAgreement, measure: Measure) -> str:  # noqa: ARG001
    return (
        f"{LEAD[rule.below]} where two graders of {_outcome(rule.outcome)} are shown to agree less than "
        f"kappa {rule.kappa_at_least:g}; a flag where that is open; without a second grader: {FOLLOWS[rule.missing]}."
    )


def _quality(rule: GraderQuality, measure: Measure) -> str:  # noqa: ARG001
    kappa = f" or kappa under {rule.kappa_at_least:g}" if rule.kappa_at_least is not None else ""
    return (
        f"{LEAD[rule.below]} where the grader of {_outcome(rule.outcome)} is shown, against people's labels, "
        f"to have sensitivity under {100 * rule.sensitivity_at_least:g} % or specificity under "
        f"{100 * rule.specificity_at_least:g} %{kappa}; a flag where that is open; without a certificate on at least "
        f"{rule.labelled_at_least} labelled answers: {FOLLOWS[rule.missing]}."
    )


def _expiry(rule: Expiry, measure: Measure) -> str:  # noqa: ARG001
    return (
        f"Insufficient evidence where the measurements are older than {rule.base_days} days, a suite than "
        f"{rule.suite_days}, a manual session than {rule.session_days}, a grader's calibration than {rule.grader_days}."
    )


def _review(rule: RequiresReview, measure: Measure) -> str:  # noqa: ARG001
    return f"A person of the role {rule.by} looks at it {condition(rule.when)}, whatever the figures say."


_WORDS: dict[str, Callable[[Any, Measure], str]] = {
    "bands": _bands,
    "ceiling": _ceiling,
    "floor": _floor,
    "concern": _concern,
    "minimum_evidence": _minimum,
    "grader_agreement": _agreement,
    "grader_quality": _quality,
    "expiry": _expiry,
    "requires_review": _review,
}
