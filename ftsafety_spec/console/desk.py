"""What the pages share: the project, its heads, records that were read, and who may see them. Given a request, gives
the desk behind it, and a page in the console's frame."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import HTMLResponse

from ftsafety_spec.console.access import Access
from ftsafety_spec.console.heads import Head, Heads
from ftsafety_spec.console.paper import page
from ftsafety_spec.console.sessions import Sessions
from ftsafety_spec.errors import NotFoundError

T = TypeVar("T")
KEPT = 40
"""Things of runs that stay in memory."""


class Kept:
    """Things read from files, kept while the files stay the same; the least used go first. Two requests for one thing
    make it once: the second waits for the first."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, Path], tuple[object, Any]] = OrderedDict()
        self._making: dict[tuple[str, Path], Lock] = {}
        self._lock = Lock()

    def get(self, what: str, folder: Path, files: tuple[str, ...], make: Callable[[], T]) -> T:
        """What `make` gives, made anew only where one of the files has changed."""
        key = (what, folder)
        with self._lock:
            making = self._making.setdefault(key, Lock())
        with making:
            stamp = tuple(_stamp(folder / name) for name in files)
            found = self._found(key, stamp)
            if found is not None:
                value: T = found[1]
                return value
            try:
                made = make()
            except BaseException:
                with self._lock:
                    self._making.pop(key, None)
                raise
            self._keep(key, (stamp, made))
        return made

    def _found(self, key: tuple[str, Path], stamp: object) -> tuple[object, Any] | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None or found[0] != stamp:
                return None
            self._kept.move_to_end(key)
            return found

    def _keep(self, key: tuple[str, Path], entry: tuple[object, Any]) -> None:
        with self._lock:
            self._kept[key] = entry
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                old, _ = self._kept.popitem(last=False)
                self._making.pop(old, None)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


@dataclass(frozen=True)
class Desk:
    """One console."""

    root: Path
    access: Access
    heads: Heads
    sessions: Sessions
    kept: Kept = field(default_factory=Kept)
    today: Callable[[], str] = lambda: datetime.now(UTC).date().isoformat()

    def run(self, name: str) -> Head:
        """A run by its folder's name. Raises NotFoundError."""
        head = self.heads.one(name)
        if head is None:
            raise NotFoundError("run", name, [item.run for item in self.heads.all()])
        return head


def desk_of(request: Request) -> Desk:
    """The desk of the app that a request came to."""
    found: Desk = request.app.state.desk
    return found


def framed(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the console's frame."""
    desk = desk_of(request)
    given = {"here": "", "csrf": desk.access.csrf, "project": desk.root.name, **values}
    text = page(template, **given)
    return HTMLResponse(text, status_code=status)
