"""What is asked at deploy time has the digest that was measured, by whichever engine, and files that no digest covers
are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.signed_run import adapter, weights

from ftsafety_spec.errors import FtsafetyError
from ftsafety_spec.providers.artefacts import artefact_digests
from ftsafety_spec.providers.digests import file_digest, manifest_digest
from ftsafety_spec.providers.hf_folder import folder_facts
from ftsafety_spec.providers.weights import adapter_identity, read_adapter
from ftsafety_spec.records.base import sha256_file
from ftsafety_spec.spec.spec import AdapterEntry


def test_a_folder_of_weights_has_the_digest_of_the_engine_that_read_it(tmp_path: Path) -> None:
    folder = weights(tmp_path / "w", "a")
    digests, uncovered = artefact_digests(folder)
    assert digests == (folder_facts(folder, trust_remote_code=False).weights(tmp_path),) and uncovered == ()


def test_a_folder_with_its_own_code_has_the_digest_with_and_the_one_without_it(tmp_path: Path) -> None:
    folder = weights(tmp_path / "w", "a")
    (folder / "own.py").write_text("1\n")
    digests, _ = artefact_digests(folder)
    wanted = [folder_facts(folder, trust_remote_code=trusted).weights(tmp_path) for trusted in (False, True)]
    assert list(digests) == wanted and len(set(wanted)) == 2


def test_a_model_that_asks_for_its_own_code_has_only_the_digest_with_it(tmp_path: Path) -> None:
    folder = weights(tmp_path / "w", "a")
    (folder / "own.py").write_text("1\n")
    (folder / "config.json").write_text('{"auto_map": {"AutoModel": "own.Model"}}')
    assert artefact_digests(folder)[0] == (folder_facts(folder, trust_remote_code=True).weights(tmp_path),)


def test_files_that_no_digest_covers_are_named(tmp_path: Path) -> None:
    folder = weights(tmp_path / "w", "a")
    (folder / "pytorch_model.bin").write_bytes(b"x")
    (folder / "sub").mkdir()
    (folder / "sub" / "more.safetensors").write_bytes(b"x")
    assert artefact_digests(folder)[1] == ("pytorch_model.bin", "sub/more.safetensors")


def test_an_adapter_has_the_digest_of_its_identity(tmp_path: Path) -> None:
    place = adapter(tmp_path / "tone", "t")
    entry = AdapterEntry.model_validate({"path": str(place), "source": "internal"})
    assert adapter_identity(read_adapter("tone", entry, tmp_path), 1.0, tmp_path).digest in artefact_digests(place)[0]


def test_a_file_has_the_digest_of_its_bytes_and_a_split_one_of_all_parts(tmp_path: Path) -> None:
    whole = tmp_path / "w.gguf"
    whole.write_bytes(b"GGUF")
    assert artefact_digests(whole) == ((sha256_file(whole),), ()) and file_digest(whole, tmp_path) == sha256_file(whole)
    names = [f"w-{n:05d}-of-00002.gguf" for n in (1, 2)]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    assert artefact_digests(tmp_path / names[0])[0] == (manifest_digest(tmp_path, names, tmp_path),)


def test_one_changed_byte_is_another_digest_also_where_the_file_keeps_its_times(tmp_path: Path) -> None:
    """A remembered digest would be trusted by size and times."""
    import os

    folder = weights(tmp_path / "w", "a")
    before, stamp = artefact_digests(folder)[0], (folder / "model.safetensors").stat()
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    os.utime(folder / "model.safetensors", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert artefact_digests(folder)[0] != before


def test_a_folder_that_is_neither_weights_nor_an_adapter_is_named(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(FtsafetyError, match="FTS-124"):
        artefact_digests(tmp_path / "w")


def test_reading_an_artefact_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = weights(tmp_path / "w", "a")
    before = sorted(tmp_path.rglob("*"))
    artefact_digests(folder)
    assert sorted(tmp_path.rglob("*")) == before
