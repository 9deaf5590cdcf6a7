"""Sessions of a run folder as append-only journals: one of events by digest, one of texts beside it. Given a folder,
gives sessions and a writer whose every row is on the disk when a call returns. One writer at a time for a session."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ftsafety_spec.errors import InputError, NotFoundError, VerificationError, Where
from ftsafety_spec.records.base import clean_text, digest_text, sha256_file
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.journal import Journal, read_journal
from ftsafety_spec.records.session import Begun, Event, event_of
from ftsafety_spec.records.session_turns import Session, read_session

PLACE = "redteam/sessions"
"""Of the events; they hold no text."""
TEXTS = "journal/sessions"
"""Of the texts, which may be taken out of a run like all of its journals."""


def new_name() -> str:
    """A name for a session: when it began, and four letters, so that two that begin at once differ."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def session_names(folder: RunFolder) -> list[str]:
    """The sessions of a run, in the order in which they began."""
    return sorted(path.stem for path in (folder.root / PLACE).glob("*.jsonl"))


def sessions_of(folder: RunFolder) -> list[Session]:
    """Every session of a run. Raises VerificationError where one cannot be read."""
    return [one_session(folder, name) for name in session_names(folder)]


def one_session(folder: RunFolder, name: str) -> Session:
    """A session by its name, which is held against those that are there. Raises NotFoundError, VerificationError."""
    names = session_names(folder)
    if name not in names:
        raise NotFoundError("session", name, names)
    path = events_path(folder, name)
    try:
        return read_session(event_of(row) for row in read_journal(path))
    except (ValueError, TypeError) as error:
        first = str(error).splitlines()[0]
        raise VerificationError(f"this session cannot be read: {first}.", where=Where(file=str(path))) from error


def events_path(folder: RunFolder, name: str) -> Path:
    """Where a session's events lie."""
    return folder.root / PLACE / f"{name}.jsonl"


def texts_path(folder: RunFolder, name: str) -> Path:
    """Where a session's texts lie."""
    return folder.root / TEXTS / f"{name}.jsonl"


def session_texts(folder: RunFolder, name: str) -> dict[str, str]:
    """Digest to text, of messages, answers and notes; empty where they were taken out."""
    return dict(_texts(texts_path(folder, name)))


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    try:
        for row in read_journal(path):
            yield str(row["digest"]), str(row["body"])
    except (ValueError, KeyError, TypeError) as error:
        raise VerificationError("these texts cannot be read.", where=Where(file=str(path))) from error


class SessionNotes:
    """Writes one session. Each row is forced to the disk, a text before the event that names it, and the run's manifest
    follows. Raises InputError FTS-132 where somebody else is writing this session."""

    def __init__(self, folder: RunFolder, name: str) -> None:
        self.folder = folder
        self.name = name
        self._lock = _locked(folder, name)
        self._events = Journal(events_path(folder, name), batch=1)
        self._texts = Journal(texts_path(folder, name), batch=1)
        self.texts = session_texts(folder, name)

    def text(self, body: str) -> str:
        """Keep a text; its digest."""
        clean = clean_text(body)
        digest = digest_text(clean)
        if digest not in self.texts:
            self._texts.append({"digest": digest, "body": clean})
            self.texts[digest] = clean
        return digest

    def append(self, *events: Event) -> None:
        """Write events down."""
        for event in events:
            self._events.append(event.model_dump(mode="json"))
        self.note_files()

    def note_files(self) -> None:
        """Bring the manifest up to date for the session's two files."""
        paths = [events_path(self.folder, self.name), texts_path(self.folder, self.name)]
        present = [path for path in paths if path.exists()]
        self.folder.write_manifest(
            {path.relative_to(self.folder.root).as_posix(): sha256_file(path) for path in present}
        )

    def close(self) -> None:
        """Let go of the session; what was written stays."""
        self._events.close()
        self._texts.close()
        with suppress(OSError):
            os.close(self._lock)

    def __enter__(self) -> SessionNotes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def write_whole(folder: RunFolder, begun: Begun, events: Iterable[Event], texts: Iterable[str]) -> None:
    """A session that is there as a whole, from elsewhere."""
    with SessionNotes(folder, begun.session) as notes:
        for body in texts:
            notes.text(body)
        notes.append(begun, *events)


def _locked(folder: RunFolder, name: str) -> int:
    """A lock on the session's file that ends with this process."""
    path = events_path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise InputError(
            "this session is open elsewhere.",
            code="FTS-132",
            where=Where(file=str(path)),
            hint="Go on where it is open, or end it there first.",
        ) from None
    return handle
