"""What was said in conversations that are not finished, so that they go on where they were left.
Given journal rows and texts, gives a variant's own earlier answers; where one is gone, says so. Asks nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ftsafety_spec.records.base import digest_of, digest_text
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.store import StoredRows

WITHHELD = "(No answer: withheld by a content filter.)"
"""What stands in a conversation for an answer that the provider's filter held back."""


def said_digest(texts: Sequence[str | None]) -> str:
    """Digest of a conversation's answers so far, from the digests of their texts (None: withheld)."""
    return digest_of([text or digest_text(WITHHELD) for text in texts])


class Talk:
    """Memory grows with the turns of conversations that the journal holds, and with the texts of unfinished ones."""

    def __init__(self, folder: RunFolder) -> None:
        self._path = folder.journal / "texts.jsonl"
        self._digests: dict[str, str | None] = {}
        self._bodies: StoredRows | None = None
        self._left: dict[str, list[str]] = {}

    def remember(self, row: Mapping[str, Any]) -> None:
        """Take note of a turn's row; others are passed over."""
        if row.get("turn") is not None:
            self._digests[row["answer"]] = row.get("text")

    def text(self, key: str) -> str | None:
        """Digest of a known turn's text; None where it was withheld."""
        return self._digests.get(key)

    def resume(self, key: str, said: Sequence[str | None], texts: Mapping[str, Mapping[str, Any]]) -> bool:
        """Make ready to go on at the turn with this key; False where an earlier answer's text is not at hand."""
        if self._bodies is None:
            self._bodies = StoredRows(self._path, "digest")
        rows = [{"body": WITHHELD} if name is None else self._bodies.get(name) or texts.get(name) for name in said]
        if any(row is None for row in rows):
            return False
        self._left[key] = [row["body"] for row in rows if row is not None]
        return True

    def leave(self, key: str, said: Sequence[str]) -> None:
        """Keep what was answered before the turn with this key, for a later try."""
        self._left[key] = list(said)

    def said(self, key: str) -> list[str]:
        """The texts of a conversation's answers before the turn with this key."""
        return self._left.pop(key)
