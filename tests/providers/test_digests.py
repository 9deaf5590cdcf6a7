"""Digests of files and folders, and what is remembered of them."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from ftsafety_spec.providers import digests
from ftsafety_spec.providers.digests import cache_folder, file_digest, manifest_digest


def old_file(path: Path, content: bytes) -> Path:
    """A file whose times lie far enough back to be remembered."""
    path.write_bytes(content)
    past = time.time_ns() - 60_000_000_000
    os.utime(path, ns=(past, past))
    return path


def sha(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def test_a_file_is_read_once_and_again_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []
    plain = digests.sha256_file

    def counted(path: Path) -> str:
        reads.append(path)
        return plain(path)

    monkeypatch.setattr(digests, "sha256_file", counted)
    path = old_file(tmp_path / "w.gguf", b"one")
    assert [file_digest(path, tmp_path) for _ in range(3)] == [sha(b"one")] * 3
    assert len(reads) == 1
    assert file_digest(path, tmp_path, rehash=True) == sha(b"one")
    assert len(reads) == 2
    old_file(path, b"two")
    assert file_digest(path, tmp_path) == sha(b"two")


def test_other_content_with_equal_size_and_time_is_noticed(tmp_path: Path) -> None:
    path = old_file(tmp_path / "w.gguf", b"one")
    assert file_digest(path, tmp_path) == sha(b"one")
    before = path.stat()
    path.write_bytes(b"two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert file_digest(path, tmp_path) == sha(b"two")


def test_a_file_that_was_just_written_is_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / "w.gguf"
    path.write_bytes(b"one")
    file_digest(path, tmp_path)
    assert not (cache_folder(tmp_path) / "hashes.json").exists()


@pytest.mark.parametrize("content", ["", "not json", "[1]", '{"x": 1}'])
def test_a_broken_memory_is_started_anew(tmp_path: Path, content: str) -> None:
    cache_folder(tmp_path).mkdir(parents=True)
    (cache_folder(tmp_path) / "hashes.json").write_text(content)
    path = old_file(tmp_path / "w.gguf", b"one")
    assert file_digest(path, tmp_path) == sha(b"one")
    assert str(path.resolve()) in json.loads((cache_folder(tmp_path) / "hashes.json").read_text())


def test_a_project_that_cannot_be_written_still_gets_digests(tmp_path: Path) -> None:
    (tmp_path / ".ftsafety").write_text("a file in the way")
    assert file_digest(old_file(tmp_path / "w.gguf", b"one"), tmp_path) == sha(b"one")


def test_a_folder_is_the_hash_of_its_files_raw_hashes_by_name(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"two")
    (tmp_path / "a").write_bytes(b"one")
    raw = hashlib.sha256(b"one").digest() + hashlib.sha256(b"two").digest()
    assert manifest_digest(tmp_path, ["b", "a"], tmp_path) == sha(raw)
