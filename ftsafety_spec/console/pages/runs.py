"""The first page: all runs of the project with their verdicts, filtered and sorted."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ftsafety_spec.console.desk import desk_of, framed
from ftsafety_spec.console.listing import DECISIONS, SORTS, listed, query_of, state_of

router = APIRouter()


@router.get("/")
def runs_page(request: Request) -> HTMLResponse:
    """The list."""
    desk = desk_of(request)
    query, today = query_of(request.query_params), desk.today()
    found = listed(desk.heads.all(), query, today)
    states = {head.run: state_of(head, today) for head in found.rows}
    return framed(
        request,
        "runs.html.j2",
        here="runs",
        query=query,
        found=found,
        states=states,
        sorts=SORTS,
        decisions=DECISIONS,
    )
