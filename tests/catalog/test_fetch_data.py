"""`ftsafety data fetch` against homes that answer, refuse, cut, stall, redirect, and send something else."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.data_server import TOKEN, DataServer, certificate

from ftsafety_spec.catalog.base import DataFile, Gate
from ftsafety_spec.catalog.cache import Cache, cache_folder
from ftsafety_spec.catalog.data_door import noting_accepted, read_bytes, read_csv, read_json
from ftsafety_spec.catalog.download import Limits
from ftsafety_spec.catalog.fetching import by_name, fetch
from ftsafety_spec.errors import InputError, NotFoundError

CONTENT = b"id,text\n" + b"".join(b"%d,placeholder %d\n" % (n, n) for n in range(3000))
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OTHER = CONTENT.replace(b"placeholder 7\n", b"placeholder seven\n")
OTHER_SHA256 = hashlib.sha256(OTHER).hexdigest()
PATHS = ("/set.csv", "/busy/set.csv", "/cut/set.csv", "/always-cut/set.csv", "/slow/set.csv", "/huge/set.csv")
QUICK = Limits(silence=0.3, pause=0.0, tries=2)
GATE = Gate("https://example.org/ask-here", "PLACEHOLDER_TOKEN")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setenv("FTSAFETY_CACHE", str(tmp_path / "cache"))
    return Cache.own()


@pytest.fixture(scope="module")
def home() -> Iterator[DataServer]:
    with DataServer({**dict.fromkeys(PATHS, CONTENT), "/other.csv": OTHER, "/gated/set.csv": CONTENT}) as server:
        server.elsewhere = server.url("")
        yield server


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


def file(source: str, sha256: str = SHA256, name: str = "own/set.csv", git_blob: str = "") -> DataFile:
    return DataFile(name, source, sha256, 3000, git_blob)


def leftovers(cache: Cache) -> list[str]:
    return sorted(path.name for path in cache.blobs.glob("*")) if cache.blobs.is_dir() else []


def test_a_file_comes_from_its_home_into_the_cache_and_is_read_from_there(home: DataServer, cache: Cache) -> None:
    told: list[tuple[int, int | None]] = []
    wanted = file(home.url("/set.csv"))
    got = fetch(wanted, cache, limits=QUICK, progress=lambda _, done, size: told.append((done, size)))
    assert (got.state, got.sha256, got.bytes) == ("fetched", SHA256, len(CONTENT))
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert len(read_csv(None, wanted)) == 3000
    assert leftovers(cache) == [SHA256]


def test_what_is_at_hand_is_not_asked_for_again(home: DataServer, cache: Cache) -> None:
    wanted = file(home.url("/set.csv"))
    fetch(wanted, cache, limits=QUICK)
    before = len(home.asked)
    assert fetch(wanted, cache, limits=QUICK).state == "at hand"
    assert len(home.asked) == before


def test_a_damaged_content_is_refused_when_read_and_mended_by_fetching(home: DataServer, cache: Cache) -> None:
    wanted = file(home.url("/set.csv"))
    fetch(wanted, cache, limits=QUICK)
    cache.blob(SHA256).write_bytes(b"damaged")
    with pytest.raises(InputError, match=r"damaged.*data fetch own/set") as caught:
        read_bytes(None, wanted)
    assert caught.value.code == "FTS-122"
    assert fetch(wanted, cache, limits=QUICK).state == "fetched"
    assert read_bytes(None, wanted) == CONTENT


@pytest.mark.parametrize("path", ["/busy/set.csv", "/cut/set.csv", "/to/set.csv"])
def test_a_home_that_is_busy_or_cuts_once_or_redirects_gives_the_file(
    home: DataServer, cache: Cache, path: str
) -> None:
    home.times.clear()
    assert fetch(file(home.url(path)), cache, limits=QUICK).state == "fetched"
    assert leftovers(cache) == [SHA256]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/gone/set.csv", "status 404"),
        ("/always-cut/set.csv", "2 tries"),
        ("/slow/set.csv", "2 tries"),
        ("/loop/set.csv", "without an end"),
        ("/gated/set.csv", "status 401"),
    ],
)
def test_a_home_that_does_not_give_it_is_an_error_that_leaves_nothing(
    home: DataServer, cache: Cache, path: str, says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        fetch(file(home.url(path)), cache, limits=QUICK)
    assert caught.value.code == "FTS-129" and caught.value.exit_status == 2
    assert "placeholder-signature" not in str(caught.value), "signed links keep secrets in their query"
    assert leftovers(cache) == []


def test_nobody_there_is_an_error(cache: Cache) -> None:
    with DataServer({}) as server:
        gone = server.url("/set.csv")
    with pytest.raises(InputError, match="ConnectError") as caught:
        fetch(file(gone), cache, limits=QUICK)
    assert caught.value.code == "FTS-129"


def test_too_much_is_refused_by_its_announced_size_and_while_it_comes(home: DataServer, cache: Cache) -> None:
    few = Limits(bytes=len(CONTENT) + 10, silence=1.0, tries=1)
    for path in ("/huge/set.csv", "/endless/set.csv"):
        with pytest.raises(InputError, match="larger than") as caught:
            fetch(file(home.url(path)), cache, limits=few)
        assert caught.value.code == "FTS-129"
    assert leftovers(cache) == []


def test_a_home_that_drips_is_given_up(home: DataServer, cache: Cache) -> None:
    with pytest.raises(InputError, match="longer than"):
        fetch(file(home.url("/endless/set.csv")), cache, limits=Limits(total=0.05, tries=1))


@pytest.mark.parametrize("source", ["http://example.org/set.csv", "ftp://example.org/set.csv", "file:///etc/hosts"])
def test_only_https_leaves_this_machine(cache: Cache, source: str) -> None:
    with pytest.raises(InputError, match="https only") as caught:
        fetch(file(source), cache, limits=QUICK)
    assert caught.value.code == "FTS-129"


def test_a_redirect_away_from_https_is_not_followed(
    cache: Cache, tls: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls[0]))
    away = DataServer({}, tls=tls, elsewhere="http://example.org")
    with away as server, pytest.raises(InputError, match="https only"):
        fetch(file(server.url("/to/set.csv")), cache, limits=QUICK)


def test_another_content_is_refused_by_name_with_the_way_to_accept_it(home: DataServer, cache: Cache) -> None:
    wanted = file(home.url("/other.csv"))
    with pytest.raises(InputError) as caught:
        fetch(wanted, cache, limits=QUICK)
    assert caught.value.code == "FTS-122"
    message = str(caught.value)
    assert f"expected sha256:{SHA256}" in message and f"found sha256:{OTHER_SHA256}" in message
    assert f"--accept own/set.csv={OTHER_SHA256}" in message
    assert leftovers(cache) == []
    with pytest.raises(InputError):
        fetch(wanted, cache, accept=SHA256[:-1] + "0", limits=QUICK)
    assert cache.accepted(wanted.name) is None, "accepting one digest accepts no other"


def test_an_accepted_content_is_read_and_whoever_listens_is_told(home: DataServer, cache: Cache) -> None:
    wanted = file(home.url("/other.csv"))
    assert fetch(wanted, cache, accept=OTHER_SHA256, limits=QUICK).state == "accepted"
    with noting_accepted() as noted:
        assert read_bytes(None, wanted) == OTHER
    assert noted == {"own/set.csv": f"sha256:{OTHER_SHA256}"}
    assert fetch(wanted, cache, limits=QUICK).state == "accepted", "remembered"


def test_the_pinned_content_ends_an_acceptance(home: DataServer, cache: Cache) -> None:
    fetch(file(home.url("/other.csv")), cache, accept=OTHER_SHA256, limits=QUICK)
    wanted = file(home.url("/set.csv"))
    assert fetch(wanted, cache, limits=QUICK).state == "fetched"
    assert cache.accepted(wanted.name) is None
    with noting_accepted() as noted:
        assert read_bytes(None, wanted) == CONTENT
    assert noted == {}


def test_what_is_accepted_wins_over_a_pinned_content_at_hand_until_that_is_fetched_again(
    home: DataServer, cache: Cache
) -> None:
    fetch(file(home.url("/set.csv")), cache, limits=QUICK)
    other = file(home.url("/other.csv"))
    assert fetch(other, cache, accept=OTHER_SHA256, limits=QUICK).state == "accepted"
    assert read_bytes(None, other) == OTHER
    assert fetch(other, cache, accept=OTHER_SHA256, limits=QUICK).state == "accepted"
    assert fetch(other, cache, limits=QUICK).state == "at hand"
    assert read_bytes(None, other) == CONTENT and cache.accepted(other.name) is None


def test_what_a_killed_process_left_is_removed_a_day_later(home: DataServer, cache: Cache) -> None:
    cache.blobs.mkdir(parents=True)
    for name, age in ((".part-old", 90_000), (".part-new", 60)):
        (cache.blobs / name).write_bytes(b"part")
        os.utime(cache.blobs / name, (time.time() - age,) * 2)
    fetch(file(home.url("/set.csv")), cache, limits=QUICK)
    assert leftovers(cache) == sorted([".part-new", SHA256])


def test_a_file_that_nothing_pins_has_to_be_accepted_too(home: DataServer, cache: Cache, tmp_path: Path) -> None:
    wanted = file(home.url("/set.csv"), sha256="")
    with pytest.raises(InputError, match="no content is pinned") as caught:
        fetch(wanted, cache, limits=QUICK)
    assert caught.value.code == "FTS-122" and SHA256 in str(caught.value)
    (tmp_path / "own").mkdir()
    (tmp_path / "own/set.csv").write_bytes(CONTENT)
    with pytest.raises(InputError, match="no content is pinned"):
        read_bytes(tmp_path, wanted)
    assert fetch(wanted, cache, source=tmp_path, accept=f"sha256:{SHA256.upper()}").state == "accepted"
    assert fetch(wanted, cache, source=tmp_path).state == "accepted"
    assert read_bytes(tmp_path, wanted) == read_bytes(None, wanted) == CONTENT


def test_a_git_blob_pins_as_well(home: DataServer, cache: Cache) -> None:
    blob = hashlib.sha1(b"blob %d\0" % len(CONTENT) + CONTENT).hexdigest()
    wanted = file(home.url("/set.csv"), sha256="", git_blob=blob)
    assert fetch(wanted, cache, limits=QUICK).state == "fetched"
    assert fetch(wanted, cache, limits=QUICK).state == "at hand"
    assert read_bytes(None, wanted) == CONTENT
    with pytest.raises(InputError, match=f"expected git blob {blob}"):
        fetch(file(home.url("/other.csv"), sha256="", git_blob=blob, name="own/b.csv"), Cache(cache.root / "b"))


@pytest.mark.parametrize("place", ["own/set.csv", "set.csv"])
def test_a_local_copy_is_found_under_its_name_or_the_bare_one(cache: Cache, tmp_path: Path, place: str) -> None:
    copy = tmp_path / "copies" / place
    copy.parent.mkdir(parents=True)
    copy.write_bytes(CONTENT)
    assert fetch(file("https://example.org/set.csv"), cache, source=tmp_path / "copies").state == "fetched"


def test_a_local_folder_without_it_says_so(cache: Cache, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not in") as caught:
        fetch(file("https://example.org/set.csv"), cache, source=tmp_path)
    assert caught.value.code == "FTS-121"


def test_the_folder_comes_before_the_cache(home: DataServer, cache: Cache, tmp_path: Path) -> None:
    wanted = file(home.url("/set.csv"))
    fetch(wanted, cache, limits=QUICK)
    (tmp_path / "own").mkdir()
    (tmp_path / "own/set.csv").write_bytes(OTHER)
    with pytest.raises(InputError, match=OTHER_SHA256):
        read_bytes(tmp_path, wanted)
    (tmp_path / "own/set.csv").unlink()
    assert read_bytes(tmp_path, wanted) == CONTENT


def test_a_gated_file_without_a_token_names_the_page_and_the_variable(
    home: DataServer, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(GATE.token_env, raising=False)
    before = len(home.asked)
    with pytest.raises(InputError) as caught:
        fetch(file(home.url("/gated/set.csv")), cache, gate=GATE, limits=QUICK)
    assert caught.value.code == "FTS-123"
    assert GATE.page in str(caught.value) and GATE.token_env in str(caught.value)
    assert len(home.asked) == before, "nobody is asked in vain"


def test_a_token_goes_over_tls_to_the_files_own_host_only(
    cache: Cache, tls: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls[0]))
    monkeypatch.setenv(GATE.token_env, f" {TOKEN}\n")
    with (
        DataServer({"/set.csv": CONTENT}, tls=tls) as elsewhere,
        DataServer({"/gated/set.csv": CONTENT}, tls=tls) as home,
    ):
        home.elsewhere = elsewhere.url("", host="localhost")
        with caplog.at_level(logging.DEBUG):
            assert fetch(file(home.url("/gated/set.csv")), cache, gate=GATE, limits=QUICK).state == "fetched"
            cache.blob(SHA256).unlink()
            assert fetch(file(home.url("/to/set.csv")), cache, gate=GATE, limits=QUICK).state == "fetched"
        assert [sent for _, sent in home.asked] == [f"Bearer {TOKEN}"] * 2
        assert elsewhere.asked == [("/set.csv", None)]
    assert TOKEN not in caplog.text


def test_a_token_never_goes_over_plain_http(home: DataServer, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(GATE.token_env, TOKEN)
    fetch(file(home.url("/set.csv")), cache, gate=GATE, limits=QUICK)
    assert home.asked[-1] == ("/set.csv", None)


def test_a_token_that_is_refused_is_said_without_the_token(
    cache: Cache, tls: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls[0]))
    monkeypatch.setenv(GATE.token_env, "another-placeholder")
    with DataServer({}, tls=tls) as server, pytest.raises(InputError) as caught:
        fetch(file(server.url("/gated/set.csv")), cache, gate=GATE, limits=QUICK)
    assert caught.value.code == "FTS-129" and "status 403" in str(caught.value) and GATE.page in str(caught.value)
    assert "another-placeholder" not in str(caught.value)


def test_a_server_that_is_not_trusted_gets_no_token(
    cache: Cache, tls: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv(GATE.token_env, TOKEN)
    with DataServer({"/gated/set.csv": CONTENT}, tls=tls) as server:
        with pytest.raises(InputError, match="FTS-129"):
            fetch(file(server.url("/gated/set.csv")), cache, gate=GATE, limits=QUICK)
        assert server.asked == []


def test_accept_names_a_file_that_is_to_be_fetched_and_a_digest() -> None:
    wanted = [file("https://example.org/set.csv"), file("https://example.org/b.csv", name="own/b.csv")]
    assert by_name({"set.csv": f"sha256:{SHA256}"}, wanted) == {"own/set.csv": SHA256}
    with pytest.raises(NotFoundError, match=r"Did you mean own/set\.csv"):
        by_name({"own/sett.csv": SHA256}, wanted)
    with pytest.raises(InputError, match="64 hex digits"):
        by_name({"own/b.csv": "abc"}, wanted)


def test_the_cache_is_where_the_variables_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTSAFETY_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("FTSAFETY_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "ftsafety"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder().is_absolute()


def test_json_is_read_through_the_same_door(tmp_path: Path) -> None:
    content = b'[{"id": 1}]'
    (tmp_path / "a.json").write_bytes(content)
    wanted = DataFile("a.json", "https://example.org", hashlib.sha256(content).hexdigest(), 1)
    assert read_json(tmp_path, wanted) == [{"id": 1}]
