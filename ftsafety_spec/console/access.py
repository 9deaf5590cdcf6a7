"""Who may use the console: a random token, a cookie, a token against forged forms, and the host names it answers to.
Pure; every comparison of a secret takes the same time whatever is given."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from dataclasses import dataclass, field

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Access:
    """Secrets of one process. `token`: in the address that is printed; `session`: in the cookie; `csrf`: in every form.
    `host`: the address that is listened on, `port` its port."""

    host: str = "127.0.0.1"
    port: int = 0
    token: str = field(default_factory=_secret, repr=False)
    session: str = field(default_factory=_secret, repr=False)
    csrf: str = field(default_factory=_secret, repr=False)

    @property
    def cookie(self) -> str:
        """The cookie's name; cookies know no ports, so two consoles need two names."""
        return f"ftsafety_console_{self.port}"

    @property
    def loopback(self) -> bool:
        """True where only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def address(self) -> str:
        """The address to open, with the token."""
        name = "127.0.0.1" if self.host in ("0.0.0.0", "") else "[::1]" if self.host == "::" else bracketed(self.host)
        return f"http://{name}:{self.port}/?token={self.token}"

    def knows(self, host: str) -> bool:
        """True where a Host header names this console. A web page of others that points a name of its own at this
        machine (DNS rebinding) sends that name. Beyond loopback, literal addresses are taken as well."""
        name, port = split_host(host)
        if port != self.port:
            return False
        if name in LOOPBACK or name == self.host.lower():
            return True
        return not self.loopback and _literal(name)


def same(given: str | None, secret: str) -> bool:
    """Compare in constant time; nothing given is never the same."""
    return given is not None and hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode("utf-8"))


def is_loopback(host: str) -> bool:
    """True for `localhost` and loopback addresses."""
    if host.lower() in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bracketed(host: str) -> str:
    """An IPv6 address in brackets, as addresses of pages have it."""
    return f"[{host}]" if ":" in host else host


def split_host(host: str) -> tuple[str, int]:
    """Name (lower case, no brackets) and port of a Host header; the port is 80 where none is given, -1 where it is no
    number."""
    text = host.strip().lower()
    if text.startswith("["):
        name, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        name, _, port = text.partition(":")
    if not port:
        return name, 80
    return name, int(port) if port.isascii() and port.isdecimal() else -1


def _literal(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
