"""What something that is to be deployed is called by digest, in each way that an identity may name it.
Given a path, reads every byte anew and gives digests. Trusts no remembered digest and writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from ftsafety_spec.errors import InputError
from ftsafety_spec.providers.hf_folder import folder_facts
from ftsafety_spec.providers.llamacpp import parts_of
from ftsafety_spec.providers.weights import PEFT_FILES
from ftsafety_spec.records.base import sha256_file


def artefact_digests(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Digests that a file or folder can have as weights or as an adapter, and the files that none of them covers.
    Raises InputError FTS-124 for a folder that is neither."""
    if path.is_file():
        names = parts_of(path)
        whole = sha256_file(path) if names is None else _joined(path.parent, names)
        return (whole,), ()
    sets = _file_sets(path)
    if not sets:
        folder_facts(path, trust_remote_code=True)  # says what is wrong with it
    covered = {name for names in sets for name in names}
    files = sorted(item.relative_to(path).as_posix() for item in path.rglob("*") if not item.is_dir())
    return tuple(dict.fromkeys(_joined(path, names) for names in sets)), tuple(f for f in files if f not in covered)


def _file_sets(path: Path) -> list[tuple[str, ...]]:
    """A PEFT adapter's two files; a folder of weights with and without its own code."""
    sets: list[tuple[str, ...]] = [PEFT_FILES] if all((path / name).is_file() for name in PEFT_FILES) else []
    for trusted in (False, True):
        try:
            sets.append(folder_facts(path, trust_remote_code=trusted).names)
        except InputError:
            continue
    return sets


def _joined(folder: Path, names: Iterable[str]) -> str:
    state = hashlib.sha256()
    for name in sorted(names):
        state.update(bytes.fromhex(sha256_file(folder / name).removeprefix("sha256:")))
    return "sha256:" + state.hexdigest()
