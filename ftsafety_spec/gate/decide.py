"""From findings and obligations to one action and one decision. The only place where either is made. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ftsafety_spec.records.verdict import Finding, Obligation
from ftsafety_spec.spec.common import ACTIONS, Action, Decision


def worst(actions: Iterable[Action]) -> Action:
    """The most severe action; `insufficient` where there is none at all."""
    return max(actions, key=ACTIONS.index, default="insufficient")


def action_of_variant(variant: str, findings: Sequence[Finding]) -> Action:
    """The most severe action among a variant's findings and those about the whole run."""
    return worst(finding.action for finding in findings if finding.variant in (variant, None))


def decide(action: Action, obligations: Sequence[Obligation], rejected: bool) -> Decision:
    """go | pending | no_go. Insufficient evidence never goes; a rejection makes any action a no-go."""
    if rejected or action == "block":
        return "no_go"
    if action == "insufficient" or any(item.state == "open" for item in obligations):
        return "pending"
    if action == "review" and not obligations:
        return "pending"  # review without anybody who owes it cannot have happened
    return "go"
