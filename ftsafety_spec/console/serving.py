"""Listening: given an app's project, a host and a port, gives a server that is bound before its address is printed.
Ends at Ctrl-C or SIGTERM; requests are never logged, for an address may hold the token."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Thread

from ftsafety_spec.console.access import Access
from ftsafety_spec.console.app import make_app
from ftsafety_spec.console.heads import Heads
from ftsafety_spec.console.paper import environment
from ftsafety_spec.console.sessions import Key, Sessions
from ftsafety_spec.errors import FtsafetyError, InputError

GRACE = 2
"""Seconds that open requests get at the end."""


@dataclass(frozen=True)
class Server:
    """A bound console."""

    root: Path
    access: Access
    socket: socket.socket
    key: Key = (None, None)

    @classmethod
    def bound(cls, root: Path, host: str, port: int, key: Key = (None, None)) -> Server:
        """Bind; port 0 takes a free one. `key`: what signs sessions. Raises InputError FTS-115 where the address cannot
        be had."""
        opened = _bind(host, port)
        return cls(root, Access(host=host, port=opened.getsockname()[1]), opened, key)

    def serve(self) -> None:
        """Answer until a signal ends it."""
        import uvicorn

        heads = Heads(self.root)
        sessions = Sessions(self.root, self.key)
        Thread(target=warm, args=(heads, self.root), daemon=True).start()
        config = uvicorn.Config(
            make_app(self.root, self.access, heads, sessions),
            lifespan="off",
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE,
        )
        try:
            uvicorn.Server(config).run(sockets=[self.socket])
        finally:
            self.socket.close()
            sessions.close()


def warm(heads: Heads, root: Path) -> None:
    """What the first pages would wait for: a thousand small files, imports, templates, the grammar of policies."""
    from ftsafety_spec.compose import Project, lock_policy

    heads.all()
    for name in ("duckdb", "ftsafety_spec.pipeline.explaining"):
        import_module(name)
    for template in environment().list_templates(extensions=["j2"]):
        environment().get_template(template)
    with suppress(FtsafetyError):
        lock_policy("ftsafety/default", Project(root))


def _bind(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        made = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise _taken(host, port, error) from error
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(128)
    except (OSError, OverflowError) as error:
        made.close()
        raise _taken(host, port, error) from error
    return made


def _taken(host: str, port: int, error: Exception) -> InputError:
    return InputError(
        f"cannot listen on {host}, port {port}: {error}.",
        code="FTS-115",
        hint="--port 0 takes a free one.",
    )
