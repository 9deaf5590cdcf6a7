"""Findings of a red team as evidence of a run. Given a typed report, appends one `finding`, once.
Never takes a line back: a later report of the same focus and variant stands for the earlier one."""

from __future__ import annotations

from ftsafety_spec.pipeline.stages import add_evidence
from ftsafety_spec.records.base import now
from ftsafety_spec.records.evidence import By, Evidence
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.red_team import RedTeamReport
from ftsafety_spec.records.red_team_standing import key_of, latest_reports, standing_reports

__all__ = ["TOOL", "add_report", "latest_reports", "standing_reports"]

TOOL = By(name="ftsafety", role="tool")
"""Who contributes what the program finds by itself."""


def add_report(folder: RunFolder, report: RedTeamReport) -> bool:
    """Append a report as evidence about the run's spec; False where the last one of its focus and variant is equal."""
    if latest_reports(folder.evidence()).get(key_of(report)) == report:
        return False
    plan = folder.read(Plan)
    evidence = Evidence(kind="finding", subject=(plan.spec,), by=TOOL, at=now(), body=report.body())
    add_evidence(folder, evidence)
    return True
