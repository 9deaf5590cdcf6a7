"""From an action and what people owe to a decision: the one function behind the exit
status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ftsafety_spec.records.verdict import Finding, Obligation
from ftsafety_spec.spec.common import ACTIONS, Action, Decision


def worst(actions: Iterable[Action]) -> Action:
    """The most severe action; of none, `insufficient`: nothing was judged."""
    return max(actions, key=ACTIONS.index, default="insufficient")


def action_of(variant: str, findings: Iterable[Finding]) -> Action:
    """A variant's action: the worst finding about it or about the run that is not waived. Without any rule that held
    tuned against base and found it within, it is at least `insufficient`."""
    mine = [item for item in findings if item.variant in (variant, None) and item.waived_by is None]
    found = worst(item.action for item in mine)
    held = any(item.kind == "bands" and item.variant == variant and item.result == "within" for item in findings)
    waived = any(item.kind == "bands" and item.variant == variant and item.waived_by is not None for item in findings)
    return found if held or waived else worst((found, "insufficient"))


def decide(action: Action, obligations: Sequence[Obligation], rejected: Sequence[str] = ()) -> Decision:
    """`no_go` for a block and for any rejection; `go` only where the action permits it and nothing is owed."""
    if action == "block" or rejected:
        return "no_go"
    if action == "insufficient" or any(item.state != "met" for item in obligations):
        return "pending"
    return "go"
