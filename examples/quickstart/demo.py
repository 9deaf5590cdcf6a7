"""The demo: judge two real fine-tunes of one small model, one that kept its refusals and one that lost them.
Given this folder, runs the `ftsafety` command as a user would and prints both verdicts. `--short` asks fewer prompts.

    python examples/quickstart/demo.py [--short]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from showing import WIDTH, ftsafety, show  # noqa: E402

SHORT = "suites.core.tasks.basics.limit=48"


def main() -> int:
    """Two runs, one of them judged a second time under the built-in policy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--short", action="store_true", help="48 prompts instead of 350 (for CI)")
    overrides = (SHORT,) if parser.parse_args().short else ()
    if subprocess.run([sys.executable, str(HERE / "fetch.py")], check=False).returncode:
        return 1
    begin = time.time()
    runs = {}
    for name in ("kept", "eroded"):
        _, runs[name] = ftsafety(HERE, "run", f"specs/{name}.yaml", *overrides)
    _, strict = ftsafety(HERE, "gate", runs["kept"]["run"], "--policy", "ftsafety/default")
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
