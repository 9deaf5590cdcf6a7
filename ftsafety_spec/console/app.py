"""The app: pages, files of our own, and answers to mistakes. Given a project and who may use it, gives a guarded ASGI
app. Never shows a traceback."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from ftsafety_spec.console.access import Access
from ftsafety_spec.console.desk import Desk, framed
from ftsafety_spec.console.files import files
from ftsafety_spec.console.guard import Guard
from ftsafety_spec.console.heads import Heads
from ftsafety_spec.console.pages import ROUTERS
from ftsafety_spec.console.sessions import Sessions
from ftsafety_spec.errors import FtsafetyError, NotFoundError

_STATUS = {1: 500, 2: 422, 4: 409, 5: 409}


def make_app(root: Path, access: Access, heads: Heads | None = None, sessions: Sessions | None = None) -> Guard:
    """The console of a project. `sessions`: whoever made them closes them, and the models with them."""
    app = FastAPI(title="ftsafety console", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.desk = Desk(root, access, heads or Heads(root), sessions or Sessions(root))
    app.include_router(files)
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(FtsafetyError, _mistake)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _fault)
    return Guard(app, access)


def _mistake(request: Request, error: Exception) -> HTMLResponse:
    """What the terminal would say, as a page."""
    assert isinstance(error, FtsafetyError)
    status = 404 if isinstance(error, NotFoundError) else _STATUS.get(error.exit_status, 422)
    return framed(request, "mistake.html.j2", status, title="This cannot be shown", problems=error.problems)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = "There is no such page" if error.status_code == 404 else "This cannot be done"
    return framed(request, "mistake.html.j2", error.status_code, title=title, problems=())


def _fault(request: Request, error: Exception) -> HTMLResponse:
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    print(f"console: {type(error).__name__} at {where}, on {request.url.path!r}", file=sys.stderr)
    return framed(request, "mistake.html.j2", 500, title="A fault of the console, not of yours", problems=())
