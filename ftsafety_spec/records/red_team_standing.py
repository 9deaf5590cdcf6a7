"""Which of a run's red-team reports stand: given evidence, gives typed reports, an earlier one of the same figures left
out. Pure; what is of another shape is passed over."""

from __future__ import annotations

from collections.abc import Iterable

from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.red_team import RedTeamReport, report_in

COMPARED = ("domain", "capability")
"""Focuses whose findings are a function of the comparison."""
Key = tuple[str, str]


def latest_reports(evidence: Iterable[Evidence]) -> dict[Key, RedTeamReport]:
    """(focus, variant) to the report that was added last."""
    found: dict[Key, RedTeamReport] = {}
    for item in evidence:
        report = report_in(item.body) if item.kind == "finding" else None
        if report is not None:
            found[key_of(report)] = report
    return found


def standing_reports(evidence: Iterable[Evidence]) -> list[RedTeamReport]:
    """Every report, in the order in which they were added; of what is read off the comparison only the last one of
    each variant, since it says the same anew."""
    items = list(evidence)
    last = latest_reports(items)
    every = [report_in(item.body) for item in items if item.kind == "finding"]
    kept = [r for r in every if r is not None and (r.search.focus not in COMPARED or last[key_of(r)] == r)]
    return list({report.model_dump_json(): report for report in kept}.values())


def key_of(report: RedTeamReport) -> Key:
    """What a report is of."""
    return report.search.focus, report.search.variant
