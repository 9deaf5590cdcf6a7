"""How fast two models' weights are compared, against reading the same files, and with how much memory.

    python bench/weights.py [--gigabytes 2] [--folder DIR]

Writes two models of that size together (bfloat16, half of their matrices changed by an update of rank 4) and prints
rates: from the disk (the files' pages are dropped before each time) and out of memory (they were just read)."""

from __future__ import annotations

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from ftsafety_spec.weights.delta import compare_weights

SHAPE = (2048, 4096)


def main() -> None:
    """Make the files, read them, compare them, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        paths = [Path(name) / side for side in ("base", "tuned")]
        _write(paths, max(2, round(given.gigabytes * 1e9 / 2 / (2 * SHAPE[0] * SHAPE[1]))))
        size = sum((path / "model.safetensors").stat().st_size for path in paths)
        for word, cold in (("from disk", True), ("from memory", False)):
            times = []
            for work in (lambda: _read(paths), lambda: compare_weights(*paths)):
                _forget(paths) if cold else _read(paths)
                times.append(_timed(work))
            raw, ours = times
            speeds = f"read {size / raw / 1e9:.2f} GB/s, compared {size / ours / 1e9:.2f} GB/s ({raw / ours:.0%})"
            print(f"{word}: {size / 1e9:.2f} GB, {speeds}")
        print(f"{_peak(paths):.0f} MB of memory at most")


def _peak(paths: list[Path]) -> float:
    """Peak memory of a process that compares them and does nothing else, in MB."""
    code = (
        "import resource, sys; from pathlib import Path; from ftsafety_spec.weights.delta import compare_weights; "
        "compare_weights(*map(Path, sys.argv[1:])); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    ran = subprocess.run([sys.executable, "-c", code, *map(str, paths)], check=True, capture_output=True, text=True)
    return float(ran.stdout)


def _forget(paths: list[Path]) -> None:
    for path in paths:
        with (path / "model.safetensors").open("rb") as handle:
            os.fsync(handle.fileno())
            os.posix_fadvise(handle.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _timed(work: object) -> float:
    begun = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - begun


def _read(paths: list[Path]) -> None:
    buffer = bytearray(1 << 20)
    for path in paths:
        with (path / "model.safetensors").open("rb", buffering=0) as handle:
            while handle.readinto(buffer):
                pass


def _write(paths: list[Path], matrices: int) -> None:
    header, offset, size = {}, 0, 2 * SHAPE[0] * SHAPE[1]
    for number in range(matrices):
        header[f"model.layers.{number}.self_attn.q_proj.weight"] = {
            "dtype": "BF16", "shape": list(SHAPE), "data_offsets": [offset, offset + size]}  # fmt: skip
        offset += size
    text = json.dumps(header).encode()
    for path in paths:
        path.mkdir()
        random = np.random.default_rng(0)
        with (path / "model.safetensors").open("wb") as handle:
            handle.write(struct.pack("<Q", len(text)) + text)
            for number in range(matrices):
                matrix = random.standard_normal(SHAPE, dtype=np.float32)
                left, right = random.standard_normal((SHAPE[0], 4)), random.standard_normal((4, SHAPE[1]))
                if path.name == "tuned" and number % 2:
                    matrix += (0.01 * left @ right).astype(np.float32)
                bits = matrix.view(np.uint32)
                handle.write(((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2").tobytes())


if __name__ == "__main__":
    sys.exit(main())
