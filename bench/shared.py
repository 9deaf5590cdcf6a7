"""What several scripts here share: a silent display for the pipeline's stages, and tables between a page's marks."""

from __future__ import annotations

import sys
from pathlib import Path

Marks = tuple[str, str]


class Quiet:
    """No display."""

    def started(self, total_calls: int, cached: int) -> None:
        """Nothing."""

    def answered(self, variant: str, task: str, tokens: int, usd: float | None, seconds: float) -> None:
        """Nothing."""

    def graded(self, n: int) -> None:
        """Nothing."""

    def note(self, message: str) -> None:
        """A line of the pipeline's."""
        print(message, file=sys.stderr)

    def finished(self) -> None:
        """Nothing."""


def put_between(page: Path, marks: Marks, text: str) -> None:
    """Replace what stands between the marks of a page. Ends the script where the page lacks one of them."""
    old = page.read_text(encoding="utf-8")
    head, first, rest = old.partition(marks[0])
    _, last, tail = rest.partition(marks[1])
    if not first or not last:
        raise SystemExit(f"{page} has no marks {marks[0]} … {marks[1]}")
    page.write_text(f"{head}{marks[0]}\n\n{text}\n\n{marks[1]}{tail}", encoding="utf-8")
