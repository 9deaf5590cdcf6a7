"""What a compared run says by itself about domain, abilities and conversations. Given a run folder, appends what is
new. The order of the focuses is fixed, so that equal runs give equal evidence."""

from __future__ import annotations

from collections.abc import Callable

from ftsafety_spec.pipeline.red_team.capabilities import capability_findings
from ftsafety_spec.pipeline.red_team.conversations import conversation_findings
from ftsafety_spec.pipeline.red_team.domain import domain_findings
from ftsafety_spec.pipeline.red_team.reporting import add_report
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.red_team import RedTeamReport

FOCUSES: tuple[Callable[[RunFolder], list[RedTeamReport]], ...] = (
    domain_findings,
    capability_findings,
    conversation_findings,
)
"""One function a focus: from a compared run to a report for each variant; nothing where the spec asks for none."""


def write_findings(folder: RunFolder) -> list[RedTeamReport]:
    """Append what the comparison shows and is not there yet; gives every report that it shows, new or not."""
    reports = [report for focus in FOCUSES for report in focus(folder)]
    for report in reports:
        add_report(folder, report)
    return reports
