"""Flagged items and outcomes that were not measured: the two findings that several rule kinds share."""

from __future__ import annotations

from ftsafety_spec.gate.case import Case, finding_id
from ftsafety_spec.gate.people import obligation, reviewer_role
from ftsafety_spec.records.verdict import Finding, Obligation
from ftsafety_spec.spec.common import Action
from ftsafety_spec.spec.policy import Need


def flagged(finding: Finding, case: Case) -> Obligation:
    """A flagged item: open until a person of the reviewing role has approved it by its id."""
    item = finding_id(finding)
    return obligation("flagged_item", Need(by=reviewer_role(case.policy)), case, item, item)


def unmeasured(name: str, kind: str, variant: str, outcome: str, action: Action) -> Finding:
    """An outcome that a rule asks for and nobody measured."""
    return Finding(
        rule=name,
        kind=kind,
        variant=variant,
        result="unclear",
        action=action,
        sentence=f"{outcome.replace('_', ' ')} was not measured for {variant}.",
    )
