"""The manual sessions that this console holds open, and the models behind them. Given a run and a session's name, gives
the desk that writes it; models of one run are open at a time, from the first message until the console ends."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from ftsafety_spec.pipeline.red_team.session_key import signer_for

if TYPE_CHECKING:
    from ftsafety_spec.pipeline.red_team.desk import SessionDesk, Sitter
    from ftsafety_spec.pipeline.red_team.session_evidence import ClosedSession
    from ftsafety_spec.pipeline.red_team.session_models import SessionModels
    from ftsafety_spec.records.folder import RunFolder

Key = tuple[str | None, str | None]
"""Name of a key, and the environment variable that holds its passphrase."""


class Sessions:
    """Open desks by run and name."""

    def __init__(self, root: Path, key: Key = (None, None)) -> None:
        self._root, self._key = root, key
        self._desks: dict[tuple[Path, str], SessionDesk] = {}
        self._models: tuple[Path, tuple[str, str], SessionModels] | None = None
        self._lock = Lock()

    def begin(self, folder: RunFolder, sitter: Sitter) -> SessionDesk:
        """Sit down at a run."""
        from ftsafety_spec.pipeline.red_team.desk import SessionDesk, pair_of
        from ftsafety_spec.records.locked import LockedSpec

        with self._lock:
            models = self._for(folder, pair_of(folder.read(LockedSpec), sitter.tuned))
            desk = SessionDesk.begin(folder, models, sitter)
            self._desks[folder.root, desk.session.id] = desk
            return desk

    def found(self, folder: RunFolder, name: str) -> SessionDesk | None:
        """The open desk of a session; None where it has to be taken up."""
        with self._lock:
            return self._desks.get((folder.root, name))

    def take_up(self, folder: RunFolder, name: str) -> SessionDesk:
        """Go on with a session; the open desk where there is one."""
        from ftsafety_spec.pipeline.red_team.desk import SessionDesk
        from ftsafety_spec.pipeline.red_team.session_journal import one_session

        with self._lock:
            known = self._desks.get((folder.root, name))
            if known is not None:
                return known
            models = self._for(folder, one_session(folder, name).variants)
            desk = SessionDesk.take_up(folder, models, name, "desk")
            self._desks[folder.root, name] = desk
            return desk

    def end(self, folder: RunFolder, name: str) -> ClosedSession:
        """End a session, open here or left open, and make evidence of it."""
        from ftsafety_spec.pipeline.red_team.session_evidence import close_session

        with self._lock:
            desk = self._desks.pop((folder.root, name), None)
            if desk is not None and desk.session.turns:
                desk.end()
            elif desk is not None:
                desk.close()
        return close_session(folder, name, signer_for(*self._key))

    def opened(self, folder: RunFolder) -> bool:
        """True where the engine of this run answers already."""
        models = self._models
        return models is not None and models[0] == folder.root and models[2].opened

    def close(self) -> None:
        """Let go of every session, and end the models."""
        with self._lock:
            for desk in self._desks.values():
                desk.close()
            self._desks.clear()
            if self._models is not None:
                self._models[2].close()
                self._models = None

    def _for(self, folder: RunFolder, pair: tuple[str, str]) -> SessionModels:
        """The models of a pair; those of another run or pair are ended first, with their desks: memory holds one
        engine."""
        from ftsafety_spec.pipeline.red_team.session_models import SessionModels

        if self._models is not None and self._models[:2] == (folder.root, pair):
            return self._models[2]
        if self._models is not None:
            for desk in self._desks.values():
                desk.close()
            self._desks.clear()
            self._models[2].close()
        models = SessionModels(folder, self._root, pair)
        self._models = (folder.root, pair, models)
        return models
