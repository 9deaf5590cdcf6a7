"""What the examples share: run the `ftsafety` command in a folder, and print a verdict in a few lines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

WIDTH = 100
VERDICTS = (0, 3, 10)
"""Exit statuses of go, pending and no-go."""


def ftsafety(folder: Path, *arguments: str, accepted: tuple[int, ...] = VERDICTS) -> tuple[int, dict[str, Any]]:
    """Run a command there; progress goes to the terminal, the JSON result comes back. A fault ends the example."""
    print(f"\n== ftsafety {' '.join(arguments)}", file=sys.stderr)
    command = [sys.executable, "-m", "ftsafety_spec", *arguments, "--format", "json"]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in accepted:
        sys.stderr.write(done.stdout)
        raise SystemExit(done.returncode)
    result: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, result


def show(name: str, verdict: dict[str, Any], reasons: int = 3) -> None:
    """A verdict in a few lines."""
    action = verdict["action"].replace("_", " ")
    decision = verdict["decision"].replace("_", "-")
    print(f"\n{name}: {action.upper()}  (decision: {decision}, exit status {verdict['exit']})")
    for number, reason in enumerate(verdict["reasons"][:reasons], start=1):
        print(f"  {number}. {reason}")


def needs(found: object, expected: object, what: str) -> None:
    """End the example where what it is there to show did not happen."""
    if found != expected:
        raise SystemExit(f"this example should end in {what} {expected}; found {found}")
