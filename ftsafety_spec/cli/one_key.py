"""Single keys from a terminal. Given standard input, gives one key at a time without waiting for Enter; the terminal is
put back however the block ends. An arrow or function key is one key, never the letters it is sent as."""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Read = Callable[[], str]
END = "\x04"
"""What `read` gives when the terminal is closed or Ctrl-D is pressed."""


def at_a_terminal() -> bool:
    """True where a person can be asked: both ends are terminals."""
    return sys.stdin.isatty() and sys.stdout.isatty()


@contextmanager
def one_key() -> Iterator[Read]:
    """A function that waits for a key. Ctrl-C raises KeyboardInterrupt as ever."""
    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)
    try:
        tty.setcbreak(handle)
        yield lambda: _key(handle)
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)


def _key(handle: int) -> str:
    first = os.read(handle, 1)
    if not first:
        return END
    if first == b"\x1b":
        while select.select([handle], [], [], 0.02)[0]:
            first += os.read(handle, 16)
        return first.decode("ascii", "replace")
    while first[-1] >= 0x80 and select.select([handle], [], [], 0.02)[0]:
        first += os.read(handle, 1)
    return first.decode("utf-8", "replace")
