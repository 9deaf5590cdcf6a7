"""Judges a fine-tuning job behind an API: a provider on this machine, with a real small model and faults.
Given nothing, starts the provider, then runs the `ftsafety` command as a user would: plan, run, gate, report; then a
second job by the provider's batch API. `--short` asks fewer prompts, and leaves the second job out.

    python examples/provider-finetune/demo.py [--short]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from local_provider.small_model import small_provider  # noqa: E402
from showing import WIDTH, ftsafety, needs, show  # noqa: E402

SHORT = "suites.core.tasks.basics.limit=16"
SPEC = "specs/finetune.yaml"


def main() -> int:
    """Serve, plan, run, judge, print what a reader should see."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="16 prompts instead of 350 (for CI)")
    short = parser.parse_args().short
    overrides = (SHORT,) if short else ()
    if subprocess.run([sys.executable, str(HERE.parent / "quickstart" / "fetch.py")], check=False).returncode:
        return 1
    begin = time.time()
    with small_provider(fail_every=9) as api:
        os.environ |= {"DEMO_PROVIDER_URL": api.base_url, "DEMO_PROVIDER_KEY": "placeholder"}
        if not short:
            ftsafety(HERE, "plan", SPEC, "batch=true")
        _, run = ftsafety(HERE, "run", SPEC, *overrides)
        batched = None if short else ftsafety(HERE, "run", SPEC, "models.tuned.job=ftjob-kept", "batch=true")[1]
    print("\n" + "=" * WIDTH)
    show("ftjob-eroded", run["verdict"])
    job = json.loads((HERE / run["run"] / "plan.json").read_text(encoding="utf-8"))["provider_jobs"]["tuned"]
    safety = [event["message"] for event in job["events"] if event["safety"]]
    print(
        f"  The provider says: made of {job['base']} by {job['method']}; checkpoints {', '.join(job['checkpoints'])}."
    )
    print(f"  Its own safety check says: {' '.join(safety)}")
    if batched is not None:
        show("ftjob-kept, by the batch API", batched["verdict"])
    print(f"\n{api.failed} calls failed and were asked again; {api.batched.total()} prompts were asked in batches.")
    print(f"Report (open it in a browser): {next(path for path in run['reports'] if path.endswith('.html'))}")
    print(f"\n{time.time() - begin:.0f} s, the provider's start among them.")
    needs(run["verdict"]["action"], "block", "the action")
    needs(bool(safety), True, "a safety check that the provider tells of:")
    return 0


if __name__ == "__main__":
    sys.exit(main())
