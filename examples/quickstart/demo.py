"""The demo: judge two real fine-tunes of one small model, one that kept its refusals and one that lost them.
Given this folder, runs the `ftsafety` command as a user would and prints both verdicts. `--short` asks fewer prompts.

    python examples/quickstart/demo.py [--short]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SHORT = "suites.core.tasks.basics.limit=120"
WIDTH = 100


def ftsafety(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Run a command here; progress goes to the terminal, the JSON result comes back. A fault ends the demo."""
    command = [sys.executable, "-m", "ftsafety_spec", *arguments, "--format", "json"]
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 3, 10):
        sys.stderr.write(done.stdout)
        raise SystemExit(done.returncode)
    result: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, result


def show(name: str, verdict: dict[str, Any]) -> None:
    """A verdict in a few lines."""
    action = verdict["action"].replace("_", " ")
    decision = verdict["decision"].replace("_", "-")
    print(f"\n{name}: {action.upper()}  (decision: {decision}, exit status {verdict['exit']})")
    for number, reason in enumerate(verdict["reasons"][:3], start=1):
        print(f"  {number}. {reason}")


def main() -> int:
    """Two runs, one of them judged a second time under the built-in policy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--short", action="store_true", help="120 prompts instead of 350 (for CI)")
    overrides = (SHORT,) if parser.parse_args().short else ()
    if subprocess.run([sys.executable, str(HERE / "fetch.py")], check=False).returncode:
        return 1
    begin = time.time()
    runs = {}
    for name in ("kept", "eroded"):
        print(f"\n== ftsafety run specs/{name}.yaml {' '.join(overrides)}", file=sys.stderr)
        _, runs[name] = ftsafety("run", f"specs/{name}.yaml", *overrides)
    _, strict = ftsafety("gate", runs["kept"]["run"], "--policy", "ftsafety/default")
    print("\n" + "=" * WIDTH)
    for name, run in runs.items():
        show(name, run["verdict"])
        looser = run["verdict"]["policy"]["looser"]
        if name == "kept" and looser:
            print(f"  The demo's policy is looser than the built-in one in: {', '.join(x['field'] for x in looser)}.")
    verdict = strict.get("verdict", strict)
    show("kept, under the built-in policy", verdict)
    for missing in verdict["missing"]:
        print(f"  missing: {missing['need']}: {missing['how']}")
    print("\nReports (open the HTML in a browser):")
    for run in runs.values():
        for path in run["reports"]:
            print(f"  {path}")
    print(f"\n{time.time() - begin:.0f} s for both. Next, in examples/quickstart:")
    print("  ftsafety show specs/kept.yaml --origins    what was judged, and which line says so")
    print("  ftsafety init ../../my-project             a project of your own")
    return 0 if runs["kept"]["verdict"]["action"] != runs["eroded"]["verdict"]["action"] else 1


if __name__ == "__main__":
    sys.exit(main())
