"""One run: the headline with its reasons, findings, obligations; its metrics; what it was made of. The blocks are those
of the report, of the records as they are now."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ftsafety_spec.console.ahead import ahead
from ftsafety_spec.console.desk import Desk, desk_of
from ftsafety_spec.console.framing import RECORDS, logs_of, run_framed
from ftsafety_spec.console.heads import Head
from ftsafety_spec.records.claims import canaries_of
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.report.coverage import benchmarks, gaps, threats
from ftsafety_spec.report.headline import headline
from ftsafety_spec.report.judgement import findings, minimum_evidence, obligations
from ftsafety_spec.report.provenance import provenance
from ftsafety_spec.report.results import results
from ftsafety_spec.report.view import ReportView

router = APIRouter()


@router.get("/runs/{run}")
def run_page(request: Request, run: str) -> HTMLResponse:
    """The verdict: what was decided, why, what is owed."""
    desk = desk_of(request)
    head = desk.run(run)
    if head.decision is None:
        return run_framed(request, desk, head, "verdict", "unjudged.html.j2", stages=_stages(head))
    view = view_of_run(desk, head)
    ahead(desk, head)
    parts = (findings, minimum_evidence, obligations, threats, gaps)
    return run_framed(
        request,
        desk,
        head,
        "verdict",
        "verdict.html.j2",
        head_line=headline(view),
        sections=[part(view) for part in parts],
    )


@router.get("/runs/{run}/metrics")
def metrics_page(request: Request, run: str) -> HTMLResponse:
    """Outcomes with intervals, areas and categories, forest plots."""
    desk = desk_of(request)
    head = desk.run(run)
    view = view_of_run(desk, head)
    return run_framed(request, desk, head, "metrics", "sections.html.j2", sections=[results(view)])


@router.get("/runs/{run}/made-of")
def made_of_page(request: Request, run: str) -> HTMLResponse:
    """Benchmarks, identities, digests, and where single samples can be seen."""
    desk = desk_of(request)
    head = desk.run(run)
    view = view_of_run(desk, head)
    parts = [benchmarks(view), provenance(view)]
    return run_framed(request, desk, head, "made-of", "made_of.html.j2", sections=parts, logs=logs_of(desk, head))


def view_of_run(desk: Desk, head: Head) -> ReportView:
    """The records of a run without texts, read again only where one has changed."""
    return desk.kept.get("view", head.path, RECORDS, lambda: _read(head))


def _read(head: Head) -> ReportView:
    folder = RunFolder(head.path)
    return ReportView(
        locked=folder.read(LockedSpec),
        policy=folder.read(LockedPolicy),
        plan=folder.read(Plan),
        comparison=folder.read(Comparison),
        verdict=folder.read(Verdict),
        folder_name=head.run,
        canaries=tuple(canaries_of(folder.journal)),
    )


def _stages(head: Head) -> list[tuple[str, bool, str]]:
    """Stage, whether its record is there, and the command that makes it."""
    folder = RunFolder(head.path)
    return [
        ("Planned", folder.has(Plan), "ftsafety plan"),
        ("Measured", folder.table("grades").exists(), "ftsafety measure"),
        ("Compared", folder.has(Comparison), "ftsafety compare"),
        ("Judged", folder.has(Verdict), "ftsafety gate"),
    ]
