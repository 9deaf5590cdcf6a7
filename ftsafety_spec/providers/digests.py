"""Content digests of weights: one file, or a folder as a manifest in model-signing's layout; of files far away.
Given paths, gives `sha256:` digests, remembered by path, size, times and inode in `.ftsafety/cache/hashes.json`
of the project. Never trusts a remembered digest when asked to rehash, never fails because the memory cannot be kept."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from ftsafety_spec.records.base import sha256_file

_SETTLED_NS = 1_000_000_000
_LOCK = threading.Lock()


def cache_folder(root: Path) -> Path:
    """Where a project keeps what can be made again."""
    return root / ".ftsafety" / "cache"


def file_digest(path: Path, root: Path, rehash: bool = False) -> str:
    """sha256 of a file's bytes; read again only where the file changed or `rehash` is set."""
    stamp = _stamp(path)
    key = str(path.resolve())
    with _LOCK:
        known = {} if rehash else _load(root).get(key, {})
    if known.get("stamp") == stamp:
        return str(known["digest"])
    digest = sha256_file(path)
    if _stamp(path) == stamp and time.time_ns() - stamp[1] > _SETTLED_NS:
        _remember(root, key, {"stamp": stamp, "digest": digest})
    return digest


def far_digest(name: str, size: int, made_at: int, root: Path, read: Callable[[], str], rehash: bool = False) -> str:
    """Digest of a file that a provider keeps, by an address and id that it never gives to other content: `read` is
    called only where a file of this name, size in bytes and age was not read before, or `rehash` is set."""
    stamp = [size, made_at]
    with _LOCK:
        known = {} if rehash else _load(root).get(name, {})
    if known.get("stamp") == stamp:
        return str(known["digest"])
    digest = read()
    _remember(root, name, {"stamp": stamp, "digest": digest})
    return digest


def manifest_digest(folder: Path, names: Iterable[str], root: Path, rehash: bool = False) -> str:
    """Root digest of a folder: sha256 over the concatenated raw digests of its files, sorted by relative name
    (the layout of OpenSSF model-signing)."""
    state = hashlib.sha256()
    for name in sorted(names):
        state.update(bytes.fromhex(file_digest(folder / name, root, rehash).removeprefix("sha256:")))
    return "sha256:" + state.hexdigest()


def _stamp(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _memory(root: Path) -> Path:
    return cache_folder(root) / "hashes.json"


def _load(root: Path) -> dict[str, dict[str, object]]:
    try:
        data = json.loads(_memory(root).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _remember(root: Path, key: str, entry: dict[str, object]) -> None:
    with _LOCK:
        known = {**_load(root), key: entry}
        path = _memory(root)
        temporary = path.with_name(f"hashes.{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")
            temporary.replace(path)
        except OSError:
            return
