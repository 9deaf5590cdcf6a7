"""What every request passes before a page sees it: host name, cookie or token, and for a POST its origin and token.
Every answer leaves with the same strict headers. Given an app, gives one that is guarded; holds no page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from ftsafety_spec.console.access import Access, same, split_host

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with `no-referrer` a browser hides the origin of our own forms
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
MOST_BODY = 2_000_000
"""Bytes of a form."""
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
    "{more}<title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"
)


@dataclass(frozen=True)
class Guard:
    """An ASGI app around another one."""

    app: App
    access: Access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is allowed, answer the rest."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = _headers(scope)
        refused = self._refused(scope, headers)
        if refused is not None:
            await _answer(send, *refused)
        elif not self._signed_in(headers):
            await self._sign_in(scope, send)
        elif scope["method"] in ("GET", "HEAD"):
            await self._passed_on(scope, receive, send)
        else:
            await self._post(scope, headers, receive, send)

    def _refused(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str, str] | None:
        if not self.access.knows(headers.get("host", "")):
            return 421, "Wrong address", "This console does not answer to that host name."
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return 405, "Not allowed", "The console reads with GET and writes with POST."
        return None

    def _signed_in(self, headers: dict[str, str]) -> bool:
        return same(_cookie(headers.get("cookie", ""), self.access.cookie), self.access.session)

    async def _sign_in(self, scope: Scope, send: Send) -> None:
        """Take the token of the printed address; the page then leads on without it. No redirect: after one, a cookie
        that is SameSite=Strict is held back where the address was opened from outside of the browser."""
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        given = next((value for name, value in query if name == "token"), None)
        if scope["method"] == "POST" or not same(given, self.access.token):
            text = "Open the address that <code>ftsafety console</code> printed; it holds a token."
            await _answer(send, 401, "Who is there?", text)
            return
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        path = "/" + scope["path"].lstrip("/")
        target = escape(_quoted(path) + (f"?{rest}" if rest else ""))
        cookie = f"{self.access.cookie}={self.access.session}; Path=/; HttpOnly; SameSite=Strict"
        more = f'<meta http-equiv="refresh" content="0;url={target}">'
        await _answer(send, 200, "Signed in", f'<a href="{target}">Go on</a>', more, {"set-cookie": cookie})

    async def _post(self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send) -> None:
        """Read the form whole, hold its token and its origin against ours, then hand it on."""
        body = await _body(receive)
        if body is None:
            await _answer(send, 413, "Too large", "A form of the console is smaller.")
            return
        if not self._own_form(headers, body):
            await _answer(send, 403, "Refused", "This form does not come from the console, or from an earlier one.")
            return
        given = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again() -> Message:
            return next(given, {"type": "http.disconnect"})

        await self._passed_on(scope, again, send)

    async def _passed_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """To the app. It has answered a fault by a page before it raises it again: there is nothing left to do."""
        with suppress(Exception):
            await self.app(scope, receive, _strict(send))

    def _own_form(self, headers: dict[str, str], body: bytes) -> bool:
        origin = headers.get("origin")
        if origin is not None and not self._own_origin(origin, headers["host"]):
            return False
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        if headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
            return False
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        return same(form.get("csrf"), self.access.csrf)

    def _own_origin(self, origin: str, host: str) -> bool:
        parts = urlsplit(origin)
        return parts.scheme == "http" and split_host(parts.netloc) == split_host(host)


def _headers(scope: Scope) -> dict[str, str]:
    """Headers by lower-case name. Of a repeated one, all, so that none hides behind another."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}; {text}" if key in found else text
    return found


def _cookie(header: str, name: str) -> str | None:
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return next((value for key, _, value in pairs if key == name), None)


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(path, safe="/")


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None where it is too large."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BODY:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def _strict(send: Send) -> Send:
    """Send with the strict headers added; a header that a page sets itself is replaced."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", []) if pair[0].decode("latin-1").lower() not in HEADERS]
            strict = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            message = {**message, "headers": [*kept, *strict]}
        await send(message)

    return guarded


async def _answer(
    send: Send, status: int, title: str, text: str, more: str = "", headers: dict[str, str] | None = None
) -> None:
    """A page of our own words; `text` is HTML that holds nothing of a user's, but for what is escaped above."""
    body = _PAGE.format(title=title, text=text, more=more).encode()
    given = {"content-type": "text/html; charset=utf-8", "content-length": str(len(body)), **(headers or {})}
    pairs = [(name.encode(), value.encode()) for name, value in given.items()]
    strict = _strict(send)
    await strict({"type": "http.response.start", "status": status, "headers": pairs})
    await strict({"type": "http.response.body", "body": body})
