"""What an action obliges people to, and which of it they have given. Pure.
A rejection by a reviewer is kept apart: it makes any action a no-go."""

from __future__ import annotations

from ftsafety_spec.gate.context import Case
from ftsafety_spec.records.verdict import Obligation
from ftsafety_spec.spec.common import Action
from ftsafety_spec.spec.policy import ActionDuty, Need

#: obligation of an action -> kind of evidence that meets it
EVIDENCE = {
    "human_review": "review",
    "risk_acceptance": "risk_acceptance",
    "risk_assessment": "risk_assessment",
    "investigation": "investigation",
}


def duties(action: Action, case: Case) -> list[Obligation]:
    """One row for each need of the action's duty."""
    duty = case.policy.actions.get(action, ActionDuty())
    return [_row(kind, need, action, case) for kind, need in sorted(duty.needs.items())]


def rejected(case: Case) -> list[str]:
    """Who rejected this model, by a review that still holds."""
    return sorted({item.by.name for item in case.valid("review") if item.body.get("verdict") == "reject"})


def _row(kind: str, need: Need, action: Action, case: Case) -> Obligation:
    people = {
        item.by.name
        for item in case.valid(EVIDENCE[kind], need.by)
        if kind != "human_review" or item.body.get("verdict") == "approve"
    }
    words = kind.replace("_", " ")
    return Obligation(
        kind=kind,
        by=need.by,
        people=need.people,
        state="met" if len(people) >= need.people else "open",
        detail=f"{words} by {need.people} of role {need.by} for {action.replace('_', ' ')}; given by {len(people)}.",
    )
