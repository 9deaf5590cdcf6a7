"""A command on a terminal of its own: given arguments and keys, gives what was shown and the exit status."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

RUN = "import sys; from ftsafety_spec.cli.main import main; sys.exit(main(sys.argv[1:]))"


@dataclass
class Terminal:
    """A child on a pseudo-terminal. `shown`: everything that it has written."""

    arguments: Sequence[str]
    folder: Path
    shown: str = ""
    status: int | None = None
    _seen: int = field(default=0, repr=False)

    def __enter__(self) -> Terminal:
        self._child, self._handle = pty.fork()
        if self._child == 0:
            os.chdir(self.folder)
            os.environ["TERM"] = "xterm"
            signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background inherit it ignored
            os.execv(sys.executable, [sys.executable, "-c", RUN, *self.arguments])
        return self

    def wait_for(self, text: str, seconds: float = 30.0) -> str:
        """What was shown since the last wait, up to and with `text`. Raises AssertionError where it does not come."""
        end = time.monotonic() + seconds
        while text not in self.shown[self._seen :]:
            assert self._read(end - time.monotonic()), (
                f"{text!r} did not come after:\n{self.shown[self._seen :][-800:]}"
            )
        place = self.shown.index(text, self._seen) + len(text)
        new, self._seen = self.shown[self._seen : place], place
        return new

    def press(self, keys: str) -> None:
        """Send keys as typed."""
        os.write(self._handle, keys.encode())

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.press("\x03")

    def kill(self) -> None:
        """What nothing can catch."""
        os.kill(self._child, signal.SIGKILL)

    def end(self, seconds: float = 30.0) -> int:
        """Read to the end; the exit status (negative: the signal that ended it). What does not end is killed."""
        end = time.monotonic() + seconds
        while self._read(end - time.monotonic()):
            pass
        if time.monotonic() >= end:
            self.kill()
        if self.status is None:
            self.status = os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])
        return self.status

    def _read(self, seconds: float) -> bool:
        if seconds <= 0 or not select.select([self._handle], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._handle, 65536)
        except OSError:  # the child has closed its side
            return False
        self.shown += data.decode("utf-8", "replace")
        return bool(data)

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            try:
                os.kill(self._child, signal.SIGKILL)
                os.waitpid(self._child, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        os.close(self._handle)
