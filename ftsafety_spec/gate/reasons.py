"""The three sentences that a reader sees first. Given all findings, picks what decided. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ftsafety_spec.records.verdict import Finding, Missing, Obligation
from ftsafety_spec.spec.common import ACTIONS, Action

MOST = 3
#: of equally severe findings, the more general one says more
_ORDER = ("bands", "ceiling", "minimum_evidence", "floor", "grader_agreement", "expiry", "requires_review", "concern")


def reasons(
    action: Action,
    findings: Sequence[Finding],
    missing: Sequence[Missing],
    owed: Sequence[Obligation],
    rejected: list[str],
) -> tuple[str, ...]:
    """At most three: what decided first, then what is owed or missing, then what spoke for the model."""
    said = [f"Rejected by {name}." for name in rejected]
    deciding = sorted(
        (finding for finding in findings if finding.action == action and not finding.waived_by), key=_rank
    )
    said += [_capital(finding.sentence) for finding in deciding if action != "deploy" or finding.kind == "bands"]
    open_ = [item for item in owed if item.state == "open"]
    if open_:
        said.append(f"Owed: {'; '.join(_owed(item) for item in open_[:3])}{'; …' if len(open_) > 3 else ''}.")
    if missing and action != "insufficient":
        said.append(f"Evidence is missing too: {', '.join(sorted({item.need for item in missing}))}.")
    others = sorted((f for f in findings if f.result == "within" and f.action != action), key=_rank)
    if action == "deploy":
        others = sorted((f for f in findings if f.result == "within" and f.kind != "bands"), key=_rank)
    said += [_capital(finding.sentence) for finding in others]
    return tuple(dict.fromkeys(said))[:MOST]


def _rank(finding: Finding) -> tuple[int, int, float, str]:
    size = -(finding.value or 0.0)
    return (-ACTIONS.index(finding.action), _ORDER.index(finding.kind), size, finding.cell or "")


def _owed(item: Obligation) -> str:
    return "review of a flagged item" if item.kind == "flagged_item" else f"{item.kind.replace('_', ' ')} by {item.by}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
