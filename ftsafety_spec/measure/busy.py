"""One writer at a time: a lock on the run folder that ends with its process. Raises InputError FTS-132."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.records.folder import RunFolder


@contextmanager
def only_writer(folder: RunFolder) -> Iterator[None]:
    """Hold the folder's lock."""
    folder.journal.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder.journal / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                "another process is measuring in this run folder.",
                code="FTS-132",
                where=Where(file=str(folder.root)),
                hint="Wait for it, or stop it; what it has measured is kept.",
            ) from None
        yield
    finally:
        os.close(handle)
