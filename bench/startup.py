"""How fast the command line starts: `ftsafety --help` and `ftsafety validate` against `import inspect_ai`.
Given nothing, prints the least CPU time of several runs of each, in seconds; exits 1 where one takes more than half.

    python bench/startup.py [--runs 5]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

LIMIT = 0.5
CLI = (sys.executable, "-m", "ftsafety_spec.cli.main")
YARDSTICK = (sys.executable, "-c", "import inspect_ai")
HEAVY = ("inspect_ai", "torch", "transformers", "openai", "anthropic", "xllamacpp")


def _once(command: Sequence[str], folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def measure(folder: Path, runs: int) -> dict[str, float]:
    """Name of what was run to CPU seconds (user and system; waiting for other processes does not count) of the best of
    `runs` rounds, in each of which one follows the other: what else goes on slows all of them alike. `folder` becomes a
    project made by `ftsafety init`, once."""
    if not any(folder.iterdir()):
        subprocess.run([*CLI, "init", "."], cwd=folder, check=True, capture_output=True)
    commands = {"--help": [*CLI, "--help"], "validate": [*CLI, "validate"], "import inspect_ai": YARDSTICK}
    rounds = [{name: _once(command, folder) for name, command in commands.items()} for _ in range(runs)]
    return {name: min(took[name] for took in rounds) for name in commands}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    with tempfile.TemporaryDirectory() as folder:
        took = measure(Path(folder), parser.parse_args().runs)
    whole = took["import inspect_ai"]
    for name, value in took.items():
        print(f"{name:<20} {value:.2f} s  {value / whole:.2f} of import inspect_ai")
    return 0 if all(took[name] <= LIMIT * whole for name in ("--help", "validate")) else 1


if __name__ == "__main__":
    sys.exit(main())
