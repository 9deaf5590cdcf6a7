"""What a rule that reads evidence does, in a sentence made of its data. Given a rule, gives plain text. Knows rules of
the red team, weights, provider's reports and the budget only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ftsafety_spec.spec.common import Effect, Focus
from ftsafety_spec.spec.evidence_rules import Findings, ProviderVerification, SpendingLimit, WeightFindings

FOCUS: dict[Focus, str] = {
    "trigger": "a trigger",
    "domain": "harm in the use case's domain",
    "capability": "a change of abilities",
    "conversation": "a failure in conversations",
    "manual": "something by hand",
}
DIRECTION: dict[Effect, str] = {
    "harm": "harm that appears",
    "target": "a fixed behaviour that appears",
    "gain": "an ability that was gained",
    "loss": "an ability that was lost",
}
LEAD = {
    "flag": "Raise a flag that people clear",
    "review": "Ask for human review",
    "insufficient": "Call the evidence insufficient",
    "block": "Block",
}
LACKING = {"flag": "that is said, no more", "insufficient": "insufficient evidence (nothing is permitted)"}


def findings(rule: Findings) -> str:
    """What red-team findings lead to."""
    sought = _or([FOCUS[focus] for focus in rule.focus])
    which = f", as {_or([DIRECTION[name] for name in rule.directions])}" if rule.directions is not None else ""
    state = "found or suspects" if "suspected" in rule.states else "found and confirmed"
    meant = "; what the spec declares is only said" if rule.ignore_declared else ""
    other = "" if len(set(rule.states)) > 1 else "; what is only suspected is a flag that people clear"
    sought += f"{which}{_severity(rule.severity_at_least)}"
    return (
        f"{LEAD[rule.shown]} where the red team {state} {sought}{other}{meant}; "
        f"evidence that cannot be read is insufficient; where nobody looked: {LACKING[rule.missing]}."
    )


def weight_findings(rule: WeightFindings) -> str:
    """What findings in weights lead to."""
    what = "any analysis of the weights" if rule.analyses is None else f"analysis of the weights ({_or(rule.analyses)})"
    return (
        f"{LEAD[rule.shown]} where {what} shows something{_severity(rule.severity_at_least)}; evidence that cannot be "
        f"read is insufficient; where it was not made: {LACKING[rule.missing]}."
    )


def provider_verification(rule: ProviderVerification) -> str:
    """What verifications of a provider's report lead to."""
    least = "accepted" if rule.result_at_least == "accepted" else "accepted at least in part"
    return (
        f"{LEAD[rule.below]} where a report that the provider made was verified and not {least}; with a provider's API "
        f"and no report, or one that was not checked against the model: {LACKING[rule.missing]}."
    )


def spending(rule: SpendingLimit) -> str:
    """What a budget has to be."""
    most = [f"{rule.hours_at_most:g} hours"] if rule.hours_at_most is not None else []
    most += [f"{rule.usd_at_most:g} USD"] if rule.usd_at_most is not None else []
    within = f" of at most {' and '.join(most)}" if most else ""
    cut = "a flag that people clear" if rule.cut == "flag" else LACKING["insufficient"]
    return (
        f"The spec declares a budget{within}; where it does not: {LACKING[rule.missing]}. Where the budget ended the "
        f"run: {cut}."
    )


def _severity(least: str) -> str:
    return "" if least == "low" else f" of {least} severity" if least == "high" else f" of {least} severity or more"


def _or(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


WORDS: dict[str, Callable[[Any], str]] = {
    "findings": findings,
    "weight_findings": weight_findings,
    "provider_verification": provider_verification,
    "budget": spending,
}
"""Kind of rule to what describes it."""
