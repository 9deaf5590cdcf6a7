"""Findings of a red team as evidence of a run. Given a typed report, appends one `finding`, once.
Never takes a line back: a later report of the same focus and variant stands for the earlier one."""

from __future__ import annotations

from collections.abc import Iterable

from ftsafety_spec.pipeline.stages import add_evidence
from ftsafety_spec.records.base import now
from ftsafety_spec.records.evidence import By, Evidence
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.red_team import RedTeamReport, report_in

TOOL = By(name="ftsafety", role="tool")
"""Who contributes what the program finds by itself."""
Key = tuple[str, str]


def add_report(folder: RunFolder, report: RedTeamReport) -> bool:
    """Append a report as evidence about the run's spec; False where the last one of its focus and variant is equal."""
    if latest_reports(folder.evidence()).get(_key(report)) == report:
        return False
    plan = folder.read(Plan)
    evidence = Evidence(kind="finding", subject=(plan.spec,), by=TOOL, at=now(), body=report.body())
    add_evidence(folder, evidence)
    return True


def latest_reports(evidence: Iterable[Evidence]) -> dict[Key, RedTeamReport]:
    """(focus, variant) to the report that was added last."""
    found: dict[Key, RedTeamReport] = {}
    for item in evidence:
        report = report_in(item.body) if item.kind == "finding" else None
        if report is not None:
            found[_key(report)] = report
    return found


def _key(report: RedTeamReport) -> Key:
    return report.search.focus, report.search.variant
