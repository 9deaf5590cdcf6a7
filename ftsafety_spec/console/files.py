"""Files of our own that pages need: styles, two scripts. Given a name from a closed list, gives its bytes; no path of a
request ever reaches the disk."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files as packaged

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

files = APIRouter()
_HELD = {
    "report.css": ("ftsafety_spec.report", "templates/style.css", "text/css"),
    "console.css": ("ftsafety_spec.console", "static/console.css", "text/css"),
    "console.js": ("ftsafety_spec.console", "static/console.js", "text/javascript"),
    "icon.svg": ("ftsafety_spec.console", "static/icon.svg", "image/svg+xml"),
    "htmx.min.js": ("ftsafety_spec.console", "static/htmx.min.js", "text/javascript"),
}


@files.get("/static/{name}")
def static(name: str) -> Response:
    """One of the files."""
    if name not in _HELD:
        raise HTTPException(404)
    body, kind = held(name)
    return Response(body, media_type=f"{kind}; charset=utf-8")


@lru_cache(maxsize=8)
def held(name: str) -> tuple[bytes, str]:
    """Bytes and media type of a file."""
    package, path, kind = _HELD[name]
    return packaged(package).joinpath(path).read_bytes(), kind
