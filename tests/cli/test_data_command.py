"""`ftsafety data fetch | list | verify`, as typed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Gate, Prompt
from ftsafety_spec.catalog.cache import Cache
from ftsafety_spec.catalog.registry import BENCHMARKS

CONTENTS = {"own/a.csv": b"prompt\nPlaceholder one.\n", "own/b.csv": b"prompt\nPlaceholder two.\n"}
SHA256 = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}
OTHER = b"prompt\nAnother placeholder.\n"
OTHER_SHA256 = hashlib.sha256(OTHER).hexdigest()
DATA = os.environ.get("FTSAFETY_DATA")


def card(name: str, *files: DataFile, gate: Gate | None = None) -> Card:
    return Card(name, name, "t", "s", "w", "CC0-1.0", "c", date(2026, 1, 1), files=files, gate=gate)


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Two benchmarks of this process (one gated), an empty cache, and a folder with local copies."""
    files = [DataFile(name, f"https://example.org/{name}", digest, 1) for name, digest in SHA256.items()]
    gated = DataFile("own/gated.csv", "https://example.org/own/gated.csv", "", 1)
    made = [card("own/pair", *files), card("own/gated", gated, gate=Gate("https://example.org/ask", "OWN_TOKEN"))]
    copies = tmp_path / "copies"
    (copies / "own").mkdir(parents=True)
    for name, content in CONTENTS.items():
        (copies / name).write_bytes(content)
    monkeypatch.setenv("FTSAFETY_CACHE", str(tmp_path / "cache"))
    for name in ("FTSAFETY_DATA", "OWN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    for item in made:
        monkeypatch.setitem(
            BENCHMARKS._loaded, item.name, Benchmark(item, lambda _: [Prompt("1", "x", "benign", "c", "none")])
        )
    yield copies


def test_fetch_from_a_folder_then_list_and_verify(ftsafety: Any, own: Path) -> None:
    assert [row["at"] for row in ftsafety("data", "list", "pair", "--format", "json").data] == ["missing", "missing"]
    ran = ftsafety("data", "fetch", "pair", "--from", str(own))
    assert ran.status == 0 and ran.out.startswith("2 of 2 files are in the cache")
    assert "fetched   own/a.csv" in ran.err
    rows = ftsafety("data", "list", "own/pair", "--format", "json").data
    assert [(row["file"], row["rows"], row["pinned"], row["at"], row["licence"]) for row in rows] == [
        ("own/a.csv", 1, True, "cache", "CC0-1.0"),
        ("own/b.csv", 1, True, "cache", "CC0-1.0"),
    ]
    rows = ftsafety("data", "list", "pair", "--data", str(own), "--format", "json").data
    assert {row["at"] for row in rows} == {"folder"}, "the folder comes first"
    checked = ftsafety("data", "verify", "--data", str(own), "--format", "json")
    assert checked.status == 0 and checked.data["ok"]
    assert [row["state"] for row in checked.data["files"]] == ["ok"] * 4, "both copies of both"


def test_one_file_can_be_named_by_itself(ftsafety: Any, own: Path) -> None:
    got = ftsafety("data", "fetch", "own/b.csv", "--from", str(own), "--format", "json").data
    assert [(row["file"], row["sha256"]) for row in got["files"]] == [("own/b.csv", f"sha256:{SHA256['own/b.csv']}")]


def test_what_cannot_be_fetched_is_named_and_the_rest_is_fetched(ftsafety: Any, own: Path) -> None:
    (own / "own/a.csv").write_bytes(OTHER)
    ran = ftsafety("data", "fetch", "pair", "gated", "--from", str(own))
    assert ran.status == 2 and ran.out.startswith("1 of 3 files")
    assert f"expected sha256:{SHA256['own/a.csv']}, found sha256:{OTHER_SHA256}" in ran.err
    assert f"--accept own/a.csv={OTHER_SHA256}" in ran.err and "own/gated.csv is not in" in ran.err
    data = ftsafety("data", "fetch", "pair", "--from", str(own), "--format", "json").data
    assert [row["file"] for row in data["files"]] == ["own/b.csv"]
    assert [problem["code"] for problem in data["problems"]] == ["FTS-122"]


def test_what_is_accepted_is_listed_and_verified_as_such(ftsafety: Any, own: Path) -> None:
    (own / "own/a.csv").write_bytes(OTHER)
    ran = ftsafety("data", "fetch", "own/a.csv", "--from", str(own), "--accept", f"a.csv={OTHER_SHA256}")
    assert ran.status == 0 and "accepted  own/a.csv" in ran.err
    listed = ftsafety("data", "list", "own/a.csv")
    assert "another content than the pinned one was accepted" in listed.err
    states = {row["state"] for row in ftsafety("data", "verify", "--format", "json").data["files"]}
    assert states == {"accepted"}


def test_a_file_that_differs_fails_the_check(ftsafety: Any, own: Path) -> None:
    ftsafety("data", "fetch", "pair", "--from", str(own))
    Cache.own().blob(SHA256["own/a.csv"]).write_bytes(b"damaged")
    ran = ftsafety("data", "verify")
    assert ran.status == 5 and "1 differ" in ran.out and "own/a.csv" in ran.out
    (own / "own/b.csv").write_bytes(OTHER)
    assert ftsafety("data", "verify", "own/b.csv", "--data", str(own)).status == 5


def test_what_no_card_names_is_checked_by_its_own_digest(ftsafety: Any) -> None:
    blobs = Cache.own().blobs
    blobs.mkdir(parents=True)
    (blobs / OTHER_SHA256).write_bytes(OTHER)
    assert ftsafety("data", "verify").status == 0
    (blobs / OTHER_SHA256).write_bytes(b"damaged")
    assert ftsafety("data", "verify").status == 5


def test_a_gated_set_says_where_access_is_granted(ftsafety: Any) -> None:
    ran = ftsafety("data", "fetch", "gated")
    assert ran.status == 2 and "https://example.org/ask" in ran.err and "OWN_TOKEN" in ran.err and "FTS-123" in ran.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "--all"),
        (("pair", "--all"), "--all"),
        (("pairr",), "Did you mean own/pair?"),
        (("pair", "--accept", "a.csv"), "FILE=SHA256"),
        (("pair", "--accept", f"c.csv={OTHER_SHA256}"), "no such data file"),
        (("pair", "--from", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_understood_is_answered(ftsafety: Any, arguments: tuple[str, ...], says: str) -> None:
    ran = ftsafety("data", "fetch", *arguments)
    assert ran.status == 2 and says in ran.err and "Traceback" not in ran.err


def test_a_specs_benchmarks_are_fetched_together(ftsafety: Any, own: Path, project: Path) -> None:
    suite = project / "specs/suites/core.yaml"
    suite.write_text("title: t\nrevised: 2026-11-01\ntasks: {basics: {benchmark: ftsafety/basics}}\n")
    spec = project / "specs/first.yaml"
    spec.write_text(spec.read_text().replace("defaults:\n", "defaults:\n  - suites@suites.core: core\n"))
    ran = ftsafety("data", "fetch", "--spec", "first", "--from", str(own))
    assert ran.status == 0 and ran.out.startswith("0 of 0 files"), ran.err


@pytest.mark.data
@pytest.mark.skipif(not DATA, reason="FTSAFETY_DATA is not set")
def test_every_set_of_the_local_copy_is_fetched_whole(ftsafety: Any) -> None:
    """Issue 5: with a local copy every set that is there loads whole; what is not there is named."""
    ran = ftsafety("data", "fetch", "--all", "--from", str(DATA), "--format", "json")
    there = [path for path in Path(str(DATA)).rglob("*") if path.is_file()]
    fetched = {row["file"] for row in ran.data["files"]}
    rows = [
        row for row in ftsafety("data", "list", "--format", "json").data if row["benchmark"].startswith("ftsafety/")
    ]
    at_hand = {row["file"] for row in rows if any(path.as_posix().endswith(row["file"]) for path in there)}
    assert at_hand <= fetched and len(at_hand) >= 30
    for name in {row["benchmark"] for row in rows} - {"ftsafety/salad_bench", "ftsafety/wildguardtest"}:
        files = [row for row in rows if row["benchmark"] == name]
        assert {row["at"] for row in files} == {"cache"}, name
        assert len(BENCHMARKS.get(name).prompts(None)) == (BENCHMARKS.get(name).card.prompts or 610), name
