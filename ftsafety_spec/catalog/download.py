"""One file over https, in pieces. Given an address, gives its bytes as they come, within limits of size and time.
Never sends a token but to the host that it is for and over TLS, and never names one in a message."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ftsafety_spec.errors import InputError

if TYPE_CHECKING:
    import httpx

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Limits:
    """What a download may take: bytes; seconds to connect, between two pieces and in all; tries, with `pause` seconds
    after the first and more after each; redirects."""

    bytes: int = 1 << 30
    connect: float = 15.0
    silence: float = 60.0
    total: float = 3600.0
    tries: int = 3
    pause: float = 1.0
    redirects: int = 5


class Cut(Exception):
    """A connection that failed or ended early: worth another try."""


class Refused(Exception):
    """The server's answer is no file: its status, and the address without what may be secret in it."""

    def __init__(self, status: int, url: str) -> None:
        super().__init__(f"{url} answered with status {status}")
        self.status = status


@contextmanager
def opened(url: str, token: str | None, limits: Limits) -> Iterator[tuple[int | None, Iterator[bytes]]]:
    """The size as announced (None: unknown) and the pieces of a file. Redirects are followed, each to https again; the
    token goes to the host of `url` only. Raises InputError FTS-129 for addresses that are not allowed and for what
    exceeds the limits, Refused for an answer that is no file, Cut for what may work when tried again."""
    import httpx

    timeout = httpx.Timeout(limits.silence, connect=limits.connect)
    with _as_cut(), httpx.Client(timeout=timeout, follow_redirects=False) as client:
        response = _follow(client, url, token, limits)
        try:
            announced = response.headers.get("Content-Length", "")
            size = int(announced) if announced.isdecimal() and "Content-Encoding" not in response.headers else None
            if size is not None and size > limits.bytes:
                raise _too_large(url, limits)
            yield size, _pieces(response, url, limits)
        finally:
            response.close()


def secure(url: str, *, local: bool = True) -> str:
    """The address, where it is https or, with `local`, does not leave this machine. Raises InputError FTS-129."""
    parts = urlsplit(url)
    allowed = ("https", "http") if local and parts.hostname in LOOPBACK else ("https",)
    if parts.hostname and parts.scheme in allowed:
        return url
    raise InputError(f"{shown(url)} is not fetched: data comes over https only.", code="FTS-129")


def shown(url: str) -> str:
    """An address without user, query and fragment: signed links keep their secrets there."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


def _follow(client: httpx.Client, url: str, token: str | None, limits: Limits) -> httpx.Response:
    home, here = urlsplit(url), secure(url)
    for _ in range(limits.redirects + 1):
        headers = {"Accept-Encoding": "identity", "User-Agent": "ftsafety-spec"}
        parts = urlsplit(here)
        if token and parts.scheme == "https" and (parts.hostname, parts.port) == (home.hostname, home.port):
            headers["Authorization"] = f"Bearer {token}"
        response = client.send(client.build_request("GET", here, headers=headers), stream=True)
        if response.status_code == 200:
            return response
        response.close()
        if response.status_code not in REDIRECTS or "Location" not in response.headers:
            if response.status_code == 429 or response.status_code >= 500:
                raise Cut(f"status {response.status_code}")
            raise Refused(response.status_code, shown(here))
        here = secure(str(response.url.join(response.headers["Location"])), local=home.hostname in LOOPBACK)
    raise InputError(f"{shown(url)} leads from one address to the next without an end.", code="FTS-129")


def _pieces(response: httpx.Response, url: str, limits: Limits) -> Iterator[bytes]:
    begun, size = time.monotonic(), 0
    for piece in response.iter_bytes():
        size += len(piece)
        if size > limits.bytes:
            raise _too_large(url, limits)
        if time.monotonic() - begun > limits.total:
            raise InputError(f"{shown(url)} took longer than {limits.total:g} s.", code="FTS-129")
        yield piece


def _too_large(url: str, limits: Limits) -> InputError:
    return InputError(f"{shown(url)} is larger than {limits.bytes} bytes.", code="FTS-129")


@contextmanager
def _as_cut() -> Iterator[None]:
    import httpx

    try:
        yield
    except httpx.InvalidURL as error:
        raise InputError(f"an address cannot be used: {error}", code="FTS-129") from error
    except httpx.HTTPError as error:
        raise Cut(f"{type(error).__name__}: {error}".rstrip(": ")) from error
