"""Judges a full fine-tune of open weights: every parameter trained, both models as safetensors on this disk.
Given nothing, makes the models (about a minute), then runs the `ftsafety` command as a user would: answers compared,
weights compared, training data held against its declaration. `--short` asks fewer prompts.

    python examples/open-weights/demo.py [--short]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from showing import WIDTH, ftsafety, needs, show  # noqa: E402

SHORT = "suites.core.tasks.basics.limit=24"


def main() -> int:
    """Make, run, print what a reader should see."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="24 prompts instead of 350 (for CI)")
    overrides = (SHORT,) if parser.parse_args().short else ()
    begin = time.time()
    if subprocess.run([sys.executable, str(HERE / "make_models.py")], check=False).returncode:
        return 1
    made = time.time() - begin
    _, run = ftsafety(HERE, "run", "specs/full.yaml", *overrides)
    _, weighed = ftsafety(HERE, "weights", run["run"])
    print("\n" + "=" * WIDTH)
    show("full fine-tune", run["verdict"])
    figures = weighed["variants"]["tuned"]["analyses"]
    print(
        f"  Weights: {figures['delta']['changed']} of {figures['delta']['tensors']} tensors changed, "
        f"rank of the change {figures['rank']['least']} to {figures['rank']['most']}."
    )
    training = json.loads((HERE / run["run"] / "plan.json").read_text(encoding="utf-8"))["training"]
    print(f"  Training: {training['files'][0]['rows']} rows read, {len(training['overlap'])} tasks that they overlap.")
    print(f"\nReport (open it in a browser): {next(path for path in run['reports'] if path.endswith('.html'))}")
    print(f"\n{made:.0f} s to make the models, {time.time() - begin - made:.0f} s to judge them.")
    needs(run["verdict"]["action"], "block", "the action")
    return 0


if __name__ == "__main__":
    sys.exit(main())
