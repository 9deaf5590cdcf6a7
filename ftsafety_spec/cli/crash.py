"""What to do with a fault of our own: write the traceback to a file, print one line. Given an exception, gives the
error that names the file. Never prints a traceback, never keeps the values of environment variables."""

from __future__ import annotations

import platform
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ftsafety_spec import __version__
from ftsafety_spec.errors import FtsafetyError


def crash_error(error: BaseException, arguments: Sequence[str], root: Path | None = None) -> FtsafetyError:
    """Write the traceback below `.ftsafety/` of `root` (the present folder), else to the temporary folder."""
    path = _write(_text(error, arguments), root or Path.cwd())
    first = (str(error).splitlines() or [""])[0][:200]
    return FtsafetyError(
        f"internal fault: {type(error).__name__}: {first}.",
        code="FTS-141",
        hint=f"The full traceback is in {path}; please send it with your report.",
    )


def _text(error: BaseException, arguments: Sequence[str]) -> str:
    head = (
        f"ftsafety-spec {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}\n"
        f"arguments: {list(arguments)}\n\n"
    )
    return head + "".join(traceback.format_exception(error))


def _write(text: str, root: Path) -> Path:
    name = f"crash-{datetime.now(UTC).strftime('%Y%m%dT%H%M%S%f')}.txt"
    for folder in (root / ".ftsafety", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", errors="replace")
        except OSError:
            continue
        return folder / name
    return Path("(nowhere: no folder could be written)")
