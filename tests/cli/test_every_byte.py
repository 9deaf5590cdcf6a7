"""Every changed byte of a real, signed run folder is noticed and its file named, and so is every file that comes, goes
or changes its name. Only the empty lock is outside: it has no bytes."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.signed_run import key, trusting

from ftsafety_spec.attest.trust import Trust
from ftsafety_spec.pipeline.signing import sign_run
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.verify import Asked, verify

RNG = random.Random(20261124)
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def signed(judged: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trust]:
    """The judged project's run, signed."""
    root = tmp_path_factory.mktemp("bytes")
    (source,) = (judged / "runs").iterdir()
    folder = RunFolder(Path(shutil.copytree(source, root / "run")))
    signer, trusted = key(root / "keys")
    sign_run(folder, signer)
    return folder.root, trusting(trusted)


@pytest.fixture
def run(signed: Any, tmp_path: Path) -> RunFolder:
    """A copy that a test may change."""
    return RunFolder(Path(shutil.copytree(signed[0], tmp_path / "run")))


def failed(run: RunFolder, trust: Trust = Trust()) -> set[str]:  # noqa: B008
    """What does not hold. Recomputing is left out: digests and signatures alone have to notice."""
    asked = Asked(trust, TODAY)
    return {item.name for item in verify(run, lambda f: f.read(Comparison), lambda f: f.read(Verdict), asked).failed()}


def files(run: RunFolder) -> list[Path]:
    return sorted(path for path in run.root.rglob("*") if path.is_file())


def test_the_run_has_every_kind_of_file_and_verifies(run: RunFolder, signed: Any) -> None:
    names = {path.relative_to(run.root).as_posix() for path in files(run)}
    assert {"manifest.json", "verdict.intoto.jsonl", "tables/answers.parquet", "report.html", "plan.json"} <= names
    assert any(name.startswith("journal/") for name in names)
    assert failed(run, signed[1]) == set()


def flipped(good: bytes, place: int) -> bytes:
    return good[:place] + bytes([good[place] ^ (1 << RNG.randrange(8))]) + good[place + 1 :]


def changed_at_once(run: RunFolder, change: Callable[[bytes], bytes]) -> set[str]:
    """Change every file but the manifest, verify once, put all back; the names that were changed and not noticed."""
    good = {path: path.read_bytes() for path in files(run) if path.stat().st_size and path != run.manifest}
    for path, data in good.items():
        path.write_bytes(change(data))
    found = failed(run)
    for path, data in good.items():
        path.write_bytes(data)
    assert len(good) > 10
    return {path.relative_to(run.root).as_posix() for path in good} - found


def test_one_flipped_byte_is_noticed_in_every_file_which_is_named(run: RunFolder) -> None:
    """Without any key: who looks needs to trust nobody to see that something changed."""
    looked = 0
    for path in files(run):
        good, name = path.read_bytes(), path.relative_to(run.root).as_posix()
        if name == "journal/.lock":
            assert good == b""
            continue
        place = RNG.randrange(len(good))
        path.write_bytes(flipped(good, place))
        assert name in failed(run), f"{name} byte {place}"
        path.write_bytes(good)
        looked += 1
    assert failed(run) == set() and looked > 10


def test_several_bytes_of_every_file_are_noticed_the_first_and_the_last_among_them(run: RunFolder) -> None:
    def at(where: Callable[[int], int]) -> Callable[[bytes], bytes]:
        return lambda good: flipped(good, where(len(good)))

    for where in (lambda _: 0, lambda size: size - 1, *[RNG.randrange] * 6):
        assert not changed_at_once(run, at(where))


@pytest.mark.parametrize("name", ["manifest.json", "verdict.intoto.jsonl"])
def test_any_byte_of_the_manifest_and_of_the_signatures_is_noticed(run: RunFolder, name: str) -> None:
    good = (run.root / name).read_bytes()
    for place in sorted({0, len(good) - 1, *RNG.sample(range(len(good)), 6)}):
        (run.root / name).write_bytes(flipped(good, place))
        assert name in failed(run), f"byte {place}"


def test_files_that_are_cut_or_grow_are_noticed(run: RunFolder) -> None:
    assert not changed_at_once(run, lambda good: good[:-1])
    assert not changed_at_once(run, lambda good: good + b"\n")
    assert not changed_at_once(run, lambda _: b"")
    run.manifest.write_bytes(run.manifest.read_bytes() + b"\n")
    assert failed(run) == {"manifest.json"}


def test_any_byte_of_the_manifest_is_noticed_while_texts_and_journals_are_withheld(run: RunFolder) -> None:
    run.table("texts").unlink()
    shutil.rmtree(run.journal)
    assert failed(run) == set()
    good = run.manifest.read_bytes()
    for place in RNG.sample(range(len(good)), 8):
        run.manifest.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert failed(run), f"byte {place}"


@pytest.mark.parametrize(
    "name",
    [
        "new.txt",
        ".hidden",
        "logs/x.eval",
        "journal/.lock.lock",
        "x.lock",
        ".x.tmp",
        "policies/own/verdict.json",
        "manifest.json.bak",
    ],
)
def test_an_added_file_is_noticed_wherever_it_lies(run: RunFolder, name: str) -> None:
    path = run.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    assert name in failed(run)


def test_a_lock_with_content_is_noticed(run: RunFolder) -> None:
    (run.journal / ".lock").write_text("smuggled")
    assert "journal/.lock" in failed(run)


def test_a_renamed_file_is_noticed_under_both_names(run: RunFolder) -> None:
    (run.root / "report.md").rename(run.root / "Report.md")
    assert {"report.md", "Report.md"} <= failed(run)


def test_two_files_that_change_places_are_noticed(run: RunFolder) -> None:
    one, two = run.root / "report.md", run.root / "report.html"
    one.rename(run.root / "x"), two.rename(one), (run.root / "x").rename(two)
    assert {"report.md", "report.html"} <= failed(run)


def test_a_link_is_noticed_even_to_the_same_bytes(run: RunFolder, tmp_path: Path) -> None:
    (run.root / "report.md").rename(tmp_path / "elsewhere.md")
    (run.root / "report.md").symlink_to(tmp_path / "elsewhere.md")
    (run.root / "logs").symlink_to(tmp_path) if not (run.root / "logs").exists() else None
    assert "report.md" in failed(run)


def test_a_dangling_link_that_was_added_is_noticed(run: RunFolder) -> None:
    (run.root / "nowhere").symlink_to("missing")
    assert "nowhere" in failed(run)
