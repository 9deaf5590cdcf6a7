"""Who gets in: the token of the printed address, a cookie afterwards, the right host name, and forms of our own only.
Every answer, refusals among them, carries the strict headers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from ftsafety_spec.console import Access, make_app
from ftsafety_spec.console.access import is_loopback, same, split_host
from ftsafety_spec.console.guard import MOST_BODY, POLICY

Open = Callable[[Path], TestClient]


@pytest.fixture
def stranger(project: Path, access: Access) -> TestClient:
    """A client without a cookie."""
    return TestClient(make_app(project, access), base_url="http://127.0.0.1")


def test_without_the_token_nothing_is_shown(stranger: TestClient, run: str) -> None:
    for path in ("/", f"/runs/{run}", "/static/console.js", "/policies", "/nowhere"):
        answer = stranger.get(path)
        assert answer.status_code == 401
        assert run not in answer.text and "shop" not in answer.text


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 43])
def test_a_wrong_token_opens_nothing(stranger: TestClient, token: str) -> None:
    answer = stranger.get("/", params={"token": token})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_the_token_is_changed_into_a_cookie_that_scripts_and_other_sites_cannot_use(
    stranger: TestClient, access: Access
) -> None:
    answer = stranger.get("/", params={"token": access.token, "q": "a&b"})
    parts = {part.strip() for part in answer.headers["set-cookie"].split(";")}
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= parts
    assert access.token not in answer.headers["set-cookie"] + answer.text
    assert 'content="0;url=/?q=a%26b"' in answer.text
    assert stranger.get("/").status_code == 200


def test_a_path_with_the_token_never_leads_to_another_host(stranger: TestClient, access: Access) -> None:
    answer = stranger.get("http://127.0.0.1//evil.example/%22%3E", params={"token": access.token})
    assert 'url=/evil.example/%22%3E"' in answer.text
    assert "url=//" not in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1:81", "localhost.evil.example", "", "127.0.0.1@evil", "127.0.0.1:x"]
)
def test_another_host_name_is_refused_even_with_the_cookie(
    console: Open, project: Path, access: Access, host: str
) -> None:
    client = console(project)
    answer = client.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert client.get("/", params={"token": access.token}, headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:80", "localhost", "LOCALHOST:80", "[::1]", "[::1]:80"])
def test_names_of_this_machine_are_its_own(access: Access, host: str) -> None:
    assert access.knows(host)


def test_beyond_loopback_addresses_are_taken_but_no_names() -> None:
    wide = Access(host="0.0.0.0", port=8000)
    assert wide.knows("192.168.1.7:8000")
    assert not wide.knows("evil.example:8000")
    assert not Access(port=8000).knows("192.168.1.7:8000")


POSTS = ("/runs/{run}/review", "/policies/try", "/runs/{run}/redteam", "/runs/{run}/redteam/{session}")


@pytest.mark.parametrize("path", POSTS)
def test_a_form_without_its_token_writes_nothing(
    console: Open, project: Path, run: str, path: str, access: Access
) -> None:
    client, target = console(project), path.format(run=run, session="s1")
    before = _files(project)
    form = {"by": "ines", "do": "settle", "name": "own"}
    for wrong in ({}, {"csrf": ""}, {"csrf": "x" * 43}, {"csrf": access.token}, {"csrf": access.session}):
        assert client.post(target, data={**form, **wrong}).status_code == 403
    assert client.post(target, json={**form, "csrf": access.csrf}).status_code == 403
    assert (
        client.post(target, data={**form, "csrf": access.csrf}, headers=_from("http://evil.example")).status_code == 403
    )
    assert client.post(target, data={**form, "csrf": access.csrf}, headers=_from("null")).status_code == 403
    other = {"sec-fetch-site": "cross-site"}
    assert client.post(target, data={**form, "csrf": access.csrf}, headers=other).status_code == 403
    assert _files(project) == before


def _from(origin: str) -> dict[str, str]:
    return {"origin": origin}


def _files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_every_page_that_posts_is_known_to_these_tests() -> None:
    from ftsafety_spec.console.pages import ROUTERS

    found: set[Any] = {
        getattr(route, "path", "")
        for router in ROUTERS
        for route in router.routes
        if "POST" in getattr(route, "methods", ())
    }
    assert found == set(POSTS)


def test_a_form_of_our_own_passes(console: Open, project: Path, access: Access) -> None:
    form = {"csrf": access.csrf, "name": "own", "do": "replay"}
    answer = console(project).post("/policies/try", data=form, headers=_from("http://127.0.0.1"))
    assert answer.status_code == 200


def test_a_stranger_with_the_form_token_is_still_a_stranger(stranger: TestClient, access: Access) -> None:
    form = {"csrf": access.csrf, "name": "own", "do": "replay"}
    assert stranger.post("/policies/try", data=form).status_code == 401
    assert stranger.post(f"/policies/try?token={access.token}", data=form).status_code == 401


def test_other_methods_and_huge_forms_are_refused(console: Open, project: Path, access: Access) -> None:
    client = console(project)
    assert client.put("/").status_code == 405
    assert client.delete("/").status_code == 405
    big = {"csrf": access.csrf, "name": "x" * MOST_BODY}
    assert client.post("/policies/try", data=big).status_code == 413


def test_every_answer_carries_the_strict_headers(console: Open, stranger: TestClient, project: Path, run: str) -> None:
    client = console(project)
    answers = [client.get(path) for path in ("/", f"/runs/{run}", "/nowhere", "/static/htmx.min.js", "/runs/none")]
    answers += [
        client.post("/policies/try"),
        client.put("/"),
        stranger.get("/"),
        client.get("/", headers={"host": "x"}),
    ]
    for answer in answers:
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"
    assert "unsafe" not in POLICY and "http" not in POLICY and POLICY.startswith("default-src 'none'; ")


def test_secrets_are_not_in_what_is_logged_or_printed(access: Access) -> None:
    assert access.token not in repr(access)
    assert access.session not in repr(access)
    assert len({access.token, access.session, access.csrf, Access().token}) == 4


def test_secrets_are_compared_whole() -> None:
    assert same("abc", "abc")
    assert not same("ab", "abc")
    assert not same(None, "abc")
    assert not same("", "abc")


def test_loopback_is_told_from_the_rest() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.8.9.1", "::1", "localhost"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "192.168.1.7", "evil.example", ""))
    assert split_host("[::1]:80") == ("::1", 80)
    assert split_host("a:-1")[1] == -1


def test_a_fault_shows_no_traceback(
    console: Open, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = console(project)

    def broken(*_: object) -> None:
        raise RuntimeError("secret-of-the-inside")

    monkeypatch.setattr("ftsafety_spec.console.pages.runs.listed", broken)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text and "secret-of-the-inside" not in answer.text
    shown = capsys.readouterr()
    assert "RuntimeError" in shown.err and "secret-of-the-inside" not in shown.err
