"""The three main reasons of a verdict, in plain words. Given findings, gives sentences that are in them."""

from __future__ import annotations

from collections.abc import Sequence

from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.spec.common import ACTIONS, Action

KINDS = ("bands", "ceiling", "minimum_evidence", "floor", "grader_agreement", "expiry", "concern", "requires_review")
MOST = 3


def reasons(action: Action, findings: Sequence[Finding], deciding: Sequence[str]) -> tuple[str, ...]:
    """Sentences of the findings that decided: the most severe first, one for each rule and variant before a second."""
    mine = [f for f in findings if f.waived_by is None and (f.variant is None or f.variant in deciding)]
    rank = {id(finding): n for n, finding in enumerate(sorted(mine, key=_weight))}
    seen: dict[tuple[str, str | None], int] = {}
    rows: list[tuple[int, int, int, Finding]] = []
    for finding in sorted(mine, key=lambda item: rank[id(item)]):
        key = (finding.rule, finding.variant if action != "insufficient" else None)
        seen[key] = seen.get(key, 0) + 1
        rows.append((_group(action, finding), seen[key], rank[id(finding)], finding))
    return _distinct([finding for *_, finding in sorted(rows, key=lambda row: row[:3])])


def _distinct(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Sentences, each cell spoken of once before any is spoken of again."""
    cells: set[str] = set()
    first: list[str] = []
    again: list[str] = []
    for finding in findings:
        (again if finding.cell in cells else first).append(_upper(finding.sentence))
        if finding.cell is not None:
            cells.add(finding.cell)
    return tuple(dict.fromkeys([*first, *again]))[:MOST]


def _group(action: Action, finding: Finding) -> int:
    """0 where it decided the action (of a deploy: the bands), 1 where it flags, 2 otherwise."""
    if finding.result == "flag":
        return 1
    decided = finding.kind == "bands" if action == "deploy" else finding.action == action
    return 0 if decided else 2


def _weight(finding: Finding) -> tuple[int, int, float]:
    kind = KINDS.index(finding.kind) if finding.kind in KINDS else len(KINDS)
    return (-ACTIONS.index(finding.action), kind, -(finding.value if finding.value is not None else -1.0))


def _upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
