"""`ftsafety redteam findings`: what was found in a run, by search and by hand. Given a run, appends what its comparison
shows and is not there yet, then lists every finding. Prints ids and figures, no text of a prompt or an answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ftsafety_spec.cli.options import run_argument
from ftsafety_spec.cli.output import console, format_option, note, print_json, table
from ftsafety_spec.cli.redteam import help_of_part

if TYPE_CHECKING:
    from ftsafety_spec.records.red_team import RedTeamFinding, RedTeamReport

COLUMNS = ("focus", "variant", "what", "base", "tuned", "prompts", "severity", "state")


@click.command("findings", help=help_of_part("findings"), short_help=help_of_part("findings"))
@run_argument
@format_option
def findings_command(run: Path, form: str) -> None:
    """Append, list."""
    from ftsafety_spec.pipeline import open_run
    from ftsafety_spec.pipeline.red_team.findings import write_findings
    from ftsafety_spec.pipeline.red_team.reporting import standing_reports
    from ftsafety_spec.records.comparison import Comparison

    folder = open_run(run)
    if folder.has(Comparison):
        write_findings(folder)
    else:
        note(f"the run is not compared yet, so domain and abilities are not read: ftsafety compare {run}")
    reports = standing_reports(folder.evidence())
    if form == "json":
        bodies = [report.model_dump(mode="json") for report in reports]
        print_json({"run": str(run), "reports": bodies, "next": f"ftsafety gate {run}"})
        return
    rows = [row_of(finding) for report in reports for finding in report.findings]
    if rows:
        console().print(table(COLUMNS, rows, right=(3, 4, 5)))
    print("\n".join(searched(report) for report in reports) or "no search and no session has been recorded.")


def row_of(finding: RedTeamFinding) -> tuple[str, ...]:
    """A finding as a row of `COLUMNS`."""
    share = ["–" if value is None else f"{100 * value:.1f} %" for value in (finding.base, finding.tuned)]
    state = f"{finding.state}, declared" if finding.declared else finding.state
    what = (finding.focus, finding.variant, finding.title)
    return (*what, *share, str(finding.prompts), finding.severity, state)


def searched(report: RedTeamReport) -> str:
    """What was searched, in one line."""
    search, count = report.search, len(report.findings)
    spaces = ", ".join(f"{name} {number}" for name, number in search.space.items())
    found = f"{count} {'finding' if count == 1 else 'findings'}"
    said = f"{search.focus} in {search.variant}: {found} in {search.probes} probes on {search.prompts} prompts"
    return "; ".join(part for part in (f"{said} ({spaces})" if spaces else said, search.note) if part)
