"""JSON that may be printed: characters that a terminal or a build server obeys are escaped, and it stays the same data.
Given plain data, gives text; other languages stay readable."""

from __future__ import annotations

import json
import re
from typing import Any

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""C0 and C1 controls but tab and newline, line separators, bidirectional overrides and isolates, lone surrogates."""
_COMMAND = re.compile(r"#(?=#\[)")
"""Where GitHub Actions reads a command in the middle of a line: `##[`."""


def safe_json(data: Any, indent: int | None = None) -> str:
    """Plain data as JSON. Raises ValueError where it holds what is no number."""
    text = json.dumps(data, indent=indent, ensure_ascii=False, allow_nan=False)
    return _COMMAND.sub(r"\\u0023", CONTROLS.sub(lambda match: f"\\u{ord(match.group()):04x}", text))
