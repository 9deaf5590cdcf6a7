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
COMPARED = ("domain", "capability")
"""Focuses whose findings are a function of the comparison."""
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


def standing_reports(evidence: Iterable[Evidence]) -> list[RedTeamReport]:
    """Every report, in the order in which they were added; of what is read off the comparison only the last one of
    each variant, since it says the same anew."""
    items = list(evidence)
    last = latest_reports(items)
    every = [report_in(item.body) for item in items if item.kind == "finding"]
    kept = [r for r in every if r is not None and (r.search.focus not in COMPARED or last[_key(r)] == r)]
    return list({report.model_dump_json(): report for report in kept}.values())


def _key(report: RedTeamReport) -> Key:
    return report.search.focus, report.search.variant
