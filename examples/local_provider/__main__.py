"""Serves the small model and its fine-tunes as a provider would, until Ctrl-C. `--faults`: some calls fail.

make demo-provider
python examples/local_provider [--faults] [--port N]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from local_provider.small_model import PORT, STACKS, jobs, small_provider  # noqa: E402

EXAMPLE = "examples/provider-finetune"


def main() -> int:
    """Fetch, serve, say how to use it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--faults", action="store_true", help="every 9th call is cut, or answered with 429 or 500")
    parser.add_argument("--port", type=int, default=PORT)
    wanted = parser.parse_args()
    if subprocess.run([sys.executable, str(HERE.parent / "quickstart" / "fetch.py")], check=False).returncode:
        return 1
    with small_provider(port=wanted.port, fail_every=9 if wanted.faults else None) as api:
        print(f"{api.base_url} speaks OpenAI's protocol. Models: {', '.join(STACKS)}. Jobs: {', '.join(jobs())}.")
        print(f"\nIn another terminal, in {EXAMPLE}:\n")
        print(f"  export DEMO_PROVIDER_URL={api.base_url} DEMO_PROVIDER_KEY=any")
        print("  ftsafety plan specs/finetune.yaml\n  ftsafety run specs/finetune.yaml")
        print("  ftsafety run specs/finetune.yaml batch=true models.tuned.job=ftjob-kept", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("\nstopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
