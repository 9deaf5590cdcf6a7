"""Text that is safe to print. Given text from specs, models or servers, gives text without control characters,
so that nothing in it can move the cursor, change colours, or reorder what a reader sees."""

from __future__ import annotations

import os
import re

from ftsafety_spec.records.safe_json import CONTROLS

__all__ = ["CONTROLS", "duration", "interval", "one_line", "percent", "safe", "value_text"]

_COMMAND = re.compile(r"(?m)(^\s*:|##)(?=:|\[)")
"""Where GitHub Actions reads a workflow command: `::` that begins a line, `##[` anywhere."""


def safe(text: str) -> str:
    """The text without control characters; newlines and tabs stay. In GitHub Actions nothing in it is a command."""
    shown = CONTROLS.sub("", text)
    return _COMMAND.sub("\\1\u2060", shown) if os.environ.get("GITHUB_ACTIONS") == "true" else shown


def one_line(text: str, most: int | None = None) -> str:
    """The text on one line, cut to `most` characters."""
    flat = " ".join(safe(text).split())
    return flat if most is None or len(flat) <= most else flat[: most - 1] + "…"


def percent(rate: float | None, digits: int = 1) -> str:
    """0.947 as `94.7 %`; what is not known as `–`."""
    return "–" if rate is None else f"{100 * rate:.{digits}f} %"


def interval(ends: tuple[float, float] | None, digits: int = 1) -> str:
    """(0.1, 0.2) as `10.0 to 20.0 %`."""
    return "–" if ends is None else f"{100 * ends[0]:.{digits}f} to {100 * ends[1]:.{digits}f} %"


def duration(seconds: float) -> str:
    """Seconds as `40 s`, `12 min` or `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def value_text(value: object) -> str:
    """A value out of a record on one line: `fraud 8, privacy 8`, `harmbench, xstest`, `none`."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {value_text(item)}" for key, item in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(value_text, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None or value == "" else str(value)
