"""The three main reasons of a verdict, in plain words. Given findings, gives sentences that are in them."""

from __future__ import annotations

from collections.abc import Sequence

from ftsafety_spec.gate.words import lacks
from ftsafety_spec.records.verdict import Finding, Missing
from ftsafety_spec.spec.common import ACTIONS, Action

KINDS = (
    "bands",
    "ceiling",
    "findings",
    "minimum_evidence",
    "floor",
    "grader_quality",
    "grader_agreement",
    "provider_verification",
    "weight_findings",
    "budget",
    "expiry",
    "concern",
    "requires_review",
)
MOST = 3


def reasons(
    action: Action, findings: Sequence[Finding], deciding: Sequence[str], missing: Sequence[Missing]
) -> tuple[str, ...]:
    """What decided first: the most severe, one for each rule and variant before a second; missing evidence is one
    sentence."""
    mine = [f for f in findings if f.waived_by is None and (f.variant is None or f.variant in deciding)]
    short = {need.rule for need in missing if need.need not in ("second_grader", "certificate")}
    ranked = sorted(mine, key=_weight)
    seen: dict[tuple[str, str | None], int] = {}
    rows = []
    for rank, finding in enumerate(ranked):
        key = (finding.rule, finding.variant)
        seen[key] = seen.get(key, 0) + 1
        sentence = _lacking(missing, finding.rule) if finding.rule in short else finding.sentence
        rows.append((_group(action, finding), seen[key], rank, finding.cell, _upper(sentence)))
    return _distinct([(cell, sentence) for *_, cell, sentence in sorted(rows, key=lambda row: row[:3])])


def _distinct(rows: Sequence[tuple[str | None, str]]) -> tuple[str, ...]:
    """Sentences, each cell spoken of once before any is spoken of again."""
    cells: set[str] = set()
    first: list[str] = []
    again: list[str] = []
    for cell, sentence in rows:
        (again if cell in cells else first).append(sentence)
        if cell is not None:
            cells.add(cell)
    return tuple(dict.fromkeys([*first, *again]))[:MOST]


def _lacking(missing: Sequence[Missing], rule: str) -> str:
    return "Evidence is missing: " + "; ".join(lacks(need) for need in missing if need.rule == rule) + "."


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
