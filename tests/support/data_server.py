"""A home of benchmark data on this machine: files over http or TLS, with the faults that real homes have.

    with DataServer({"/set.csv": b"..."}) as home:
        home.url("/set.csv"), home.asked (path and Authorization of every request)

Paths that begin with one of these behave: /gated/ (401 without the token, 403 with another), /gone/ (404), /busy/ (503
at first), /cut/ (half of the content at first), /always-cut/, /slow/ (stalls), /to/PATH (redirect to `elsewhere` and
PATH), /loop/ (redirects to itself), /huge/ (announces more than it sends), /endless/ (never ends).
"""

from __future__ import annotations

import ssl
import subprocess
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

TOKEN = "placeholder-token"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and localhost, and its key, made by openssl."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    out = ["-out", str(cert), "-keyout", str(key)]
    subprocess.run(["openssl", "req", *kind, *subject, *out], check=True, capture_output=True)
    return cert, key


class DataServer:
    """The server, in threads of its own."""

    def __init__(self, files: dict[str, bytes], *, tls: tuple[Path, Path] | None = None, elsewhere: str = "") -> None:
        self.files = files
        self.elsewhere = elsewhere
        self.asked: list[tuple[str, str | None]] = []
        self.times: Counter[str] = Counter()
        self.open = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Home", (_Home,), {"home": self}))
        self._server.daemon_threads = True
        self._scheme = "http"
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a path."""
        return f"{self._scheme}://{host}:{self._server.server_address[1]}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Home(BaseHTTPRequestHandler):
    home: DataServer

    def do_GET(self) -> None:
        """One request."""
        home, path = self.home, self.path.partition("?")[0]
        sent = self.headers.get("Authorization")
        home.asked.append((path, sent))
        home.times[path] += 1
        kind = path.split("/")[1]
        if kind == "gated" and sent != f"Bearer {TOKEN}":
            self._answer(401 if sent is None else 403, b"no")
        elif kind == "gone":
            self._answer(404, b"no")
        elif kind == "busy" and home.times[path] == 1:
            self._answer(503, b"later")
        elif kind in ("to", "loop"):
            target = home.url(path) if kind == "loop" else home.elsewhere + path.removeprefix("/to")
            self._answer(302, b"", {"Location": f"{target}?signature=placeholder-signature"})
        elif kind == "endless":
            self._endless()
        else:
            self._content(path, kind)

    def _content(self, path: str, kind: str) -> None:
        content = self.home.files[path]
        half = kind == "always-cut" or (kind == "cut" and self.home.times[path] == 1) or kind == "slow"
        announced = 10 * len(content) if kind == "huge" else len(content)
        self._answer(200, content[: len(content) // 2] if half else content, {"Content-Length": str(announced)})
        if kind == "slow":
            self.home.open.wait(10)
        if half or kind == "huge":
            self.close_connection = True

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while not self.home.open.is_set():
                self.wfile.write(b"x" * 1000)
                time.sleep(0.001)
        except OSError:
            pass

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""
