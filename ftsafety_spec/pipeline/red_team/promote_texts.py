"""The prompts behind digests in findings: given a run, finds them in the suites of its spec and of its searches, in its
tables, and in its manual sessions. What was taken out is not found, and nothing is made up."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.load import load_suites
from ftsafety_spec.catalog.prompt_file import read_prompt_file
from ftsafety_spec.errors import FtsafetyError
from ftsafety_spec.pipeline.red_team.session_journal import session_names, session_texts
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.tables import connect

ROUND = "prompts.jsonl"
"""The prompts of a search's round, in its folder."""
LABELS = ("kind", "category", "area", "condition")


class Prompts:
    """Prompts by digest. `root`: of the project; `data`: of benchmarks."""

    def __init__(self, folder: RunFolder, root: Path, data: Path | None) -> None:
        self._folder, self._root, self._data = folder, root, data

    def text(self, digest: str) -> str | None:
        """A message of a session, or a text of a table."""
        return self._said.get(digest) or self._first("texts", "body", "digest", digest)

    def row(self, digest: str) -> dict[str, Any] | None:
        """A prompt as a row of a prompt file; None where its text is not at hand, or where a file cannot hold it."""
        known = self._asked.get(digest)
        if known is not None:
            return row_of(known)
        text = self._first("texts", "body", "digest", digest)
        if text is None:
            return None
        labels = {name: self._first("answers", name, "prompt", digest) for name in LABELS}
        # of a conversation and of an answer key, a table keeps the digest only
        return {"prompt": text, **labels} if labels["kind"] not in ("conversation", "capability") else None

    @cached_property
    def _said(self) -> dict[str, str]:
        return {
            digest: text
            for name in session_names(self._folder)
            for digest, text in session_texts(self._folder, name).items()
        }

    @cached_property
    def _asked(self) -> dict[str, Prompt]:
        """The prompts of the run and of its searches, as far as they can be loaded here."""
        return {prompt.digest: prompt for folder in self._runs for prompt in self._loaded(folder)}

    def _loaded(self, folder: RunFolder) -> list[Prompt]:
        """Of a search's round, what lies in it; of the run, its suites. Nothing where they cannot be loaded here (no
        benchmark data, a file that has gone): the tables have the texts."""
        own = folder.root / ROUND
        try:
            if own.exists():
                return read_prompt_file(own)
            tasks, _ = load_suites(folder.read(LockedSpec), self._root, self._data)
        except FtsafetyError:
            return []
        return [prompt for task in tasks for prompt in task.prompts]

    @cached_property
    def _runs(self) -> list[RunFolder]:
        """The run, and the searches that were measured inside of it."""
        inside = sorted((self._folder.root / "redteam").rglob("spec.lock.json"))
        return [self._folder, *(RunFolder(path.parent) for path in inside)]

    def _first(self, table: str, column: str, by: str, digest: str) -> str | None:
        for folder in self._runs:
            path = folder.table(table)
            if path.exists():
                with connect(rows=path) as db:
                    found = db.execute(f"SELECT {column} FROM rows WHERE {by} = ? LIMIT 1", [digest]).fetchone()
                if found is not None:
                    return None if found[0] is None else str(found[0])
        return None


def row_of(prompt: Prompt) -> dict[str, Any] | None:
    """A prompt as a row of a prompt file. None for one with an answer key, whose area's own task asks it again."""
    if prompt.kind == "capability":
        return None
    row: dict[str, Any] = {
        "prompt": prompt.text,
        "kind": prompt.kind,
        "category": prompt.category,
        "area": prompt.area,
        "pair": prompt.pair,
        "condition": prompt.condition,
        "request": prompt.request,
    }
    if prompt.before:
        row["before"] = [list(turn) for turn in prompt.before]
    if prompt.turns:
        row |= {"asks": prompt.asks, "turns": [{"text": turn.text, "asks": turn.asks} for turn in prompt.turns]}
    return row
