"""How a build server should take a finding: failed, skipped, flagged or passed. Given a finding, gives one word.
Follows what the gate has decided; never judges anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

from ftsafety_spec.records.verdict import Finding, Obligation, Verdict
from ftsafety_spec.report import numbers, words

Taken = Literal["failed", "skipped", "flagged", "passed"]
PERMITS = frozenset({"deploy", "deploy_enhanced"})


def taken(finding: Finding) -> Taken:
    """`failed`: it stands in the way of deployment; `skipped`: it could not be read, and stands in nobody's way."""
    if finding.waived_by is not None:
        return "flagged"
    if finding.action not in PERMITS:
        return "failed"
    if finding.result == "unclear":
        return "skipped"
    return "passed" if finding.result == "within" else "flagged"


def named(findings: Iterable[Finding]) -> Iterator[tuple[str, Finding]]:
    """Each finding with a name that no other one of the verdict has."""
    seen: Counter[str] = Counter()
    for item in findings:
        name = f"{item.rule}: {item.cell or 'evidence'}"
        seen[name] += 1
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), item


def decided(verdict: Verdict) -> str:
    """The decision in one line: `No-go: must not be deployed. Block.`"""
    decision = f"{words.DECISION[verdict.decision]}: {words.DECISION_MEANS[verdict.decision]}"
    return f"{decision}. {words.ACTION[verdict.action]}."


def owes(item: Obligation) -> str:
    """An obligation in one line."""
    what = words.OBLIGATION.get(item.kind, words.plain(item.kind))
    due = f", by {item.due}" if item.due else ""
    return f"{what}, {numbers.count(item.people)} × {words.plain(item.by).lower()}{due}"
