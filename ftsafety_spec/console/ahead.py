"""What the next pages of a run will need, made while a person reads the first one: the pairs and the queue of a large
run take longer to read than a page may take to come."""

from __future__ import annotations

from threading import Thread

from ftsafety_spec.console.desk import Desk
from ftsafety_spec.console.heads import Head
from ftsafety_spec.console.pages.pairs import asked_of, chosen_from, paired_of
from ftsafety_spec.console.sitting import basis_of
from ftsafety_spec.errors import FtsafetyError

NAME = "read-ahead"
"""Of the threads."""


def ahead(desk: Desk, head: Head) -> None:
    """Begin to read in the background; what is there already is not read again."""
    Thread(target=_read, args=(desk, head), name=NAME, daemon=True).start()


def _read(desk: Desk, head: Head) -> None:
    """A mistake is told by the page that needs the thing."""
    try:
        locked, choices = chosen_from(desk, head)
        asked = asked_of({}, locked, choices)
        if asked is not None:
            paired_of(desk, head, asked)
        basis_of(desk, head)
    except (FtsafetyError, OSError):
        return
