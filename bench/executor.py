"""What measuring costs beside Inspect's own `eval`: CPU a call and peak memory, against a local server that takes
50 ms an answer and runs in a process of its own.

    python bench/executor.py                       # 300 prompts × 2 models each way, three times in turn
    python bench/executor.py --memory              # peak memory at 2,000 and 20,000 prompts (some 20 minutes)
    python bench/executor.py --memory --sizes 500 2000 --delay 0
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
CONCURRENCY = 50
TARGET_CPU = 1.1


def main() -> None:
    """Run each way in a process of its own and print a table."""
    options = parsed()
    if options.child:
        print(json.dumps(child(options)))
        return
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", "--delay", str(options.delay)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    address = server.stdout.readline().strip()
    try:
        (memory if options.memory else overhead)(options, address)
    finally:
        server.terminate()
        server.wait()


def overhead(options: argparse.Namespace, address: str) -> None:
    """CPU of measure and of eval on the same prompts, in turn; medians and their ratio."""
    found: dict[str, list[float]] = {"eval": [], "lean": [], "measure": []}
    print(f"{'way':<10}{'calls':>8}{'ms CPU a call':>16}{'seconds':>10}{'peak MB':>10}")
    for _ in range(options.rounds):
        for way in found:
            row = run(way, options.prompts, address)
            found[way].append(row["cpu"] / row["calls"])
            show(row)
    middle = {way: statistics.median(values) for way, values in found.items()}
    print(f"measure / eval = {middle['measure'] / middle['eval']:.2f} × CPU a call (target: at most {TARGET_CPU})")
    print(f"measure / lean = {middle['measure'] / middle['lean']:.2f}; lean: no scorer, log not kept up to date")


def memory(options: argparse.Namespace, address: str) -> None:
    """Peak memory of measure at several sizes."""
    print(f"{'way':<10}{'calls':>8}{'ms CPU a call':>16}{'seconds':>10}{'peak MB':>10}")
    rows = [run("measure", size, address) for size in options.sizes]
    for row in rows:
        show(row)
    grown = (rows[-1]["rss"] - rows[0]["rss"]) / (rows[-1]["calls"] - rows[0]["calls"])
    print(f"{rows[-1]['rss'] / rows[0]['rss']:.2f} × the memory, {grown * 1000:.2f} KB for each further call")


def run(way: str, prompts: int, address: str) -> dict[str, Any]:
    """One way, in a fresh process."""
    command = [sys.executable, __file__, "--child", way, "--prompts", str(prompts), "--address", address]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def show(row: dict[str, Any]) -> None:
    """One line of the table."""
    each = 1000 * row["cpu"] / row["calls"]
    print(f"{row['way']:<10}{row['calls']:>8}{each:>16.2f}{row['seconds']:>10.1f}{row['rss']:>10.0f}", flush=True)


def child(options: argparse.Namespace) -> dict[str, Any]:
    """Measure one way: CPU seconds without imports, seconds, peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        warm = WAYS[options.child]
        warm(Path(folder) / "warm", 5, options.address)
        cpu, begun = time.process_time(), time.monotonic()
        warm(Path(folder) / "run", options.prompts, options.address)
        cpu, seconds = time.process_time() - cpu, time.monotonic() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return {"way": options.child, "calls": 2 * options.prompts, "cpu": cpu, "seconds": seconds, "rss": peak / 1024}


def project(root: Path, prompts: int, address: str) -> Any:
    """A project with two models of the server."""
    from support.small_run import Project

    return Project(
        root,
        prompts=prompts,
        adapters=(),
        base={"model": "base-2026-01-01"},
        tuned={"provider": "own", "model": "tuned-2026-01-01"},
        kind="openai_compatible",
        provider={"base_url": address, "concurrency": CONCURRENCY},
    )


def by_measure(root: Path, prompts: int, address: str) -> None:
    """Our way: answers, grades, journal, store, tables, logs."""
    from support.small_run import Quiet

    from ftsafety_spec.measure import Stop, measure
    from ftsafety_spec.providers.openai_compatible import PROVIDER
    from ftsafety_spec.records.folder import RunFolder

    own = project(root, prompts, address)
    locked = own.locked()
    plan, folder = own.plan(locked, PROVIDER), RunFolder(root / "run")
    measured = measure(folder, locked, plan, root, None, progress=Quiet(), stop=Stop())
    if not measured.complete or measured.errors or measured.answered != 2 * prompts:
        raise SystemExit(f"not a clean run: {measured}")


def by_eval(root: Path, prompts: int, address: str, lean: bool = False) -> None:
    """Inspect's way: `eval` with its defaults on the same prompts, graded by the same grader."""
    from inspect_ai import eval as inspect_eval
    from inspect_ai.model import get_model

    from ftsafety_spec.catalog.base import task_of
    from ftsafety_spec.catalog.load import load_suites

    locked = project(root, prompts, address).locked()
    task = load_suites(locked, root, None)[0][0]
    for name in ("base-2026-01-01", "tuned-2026-01-01"):
        model = get_model(f"openai-api/server/{name}", base_url=address, api_key="none", memoize=False)
        logs = inspect_eval(
            task_of(task.prompts, None if lean else "ftsafety/refusal", name="asked"),
            model=model,
            max_connections=CONCURRENCY,
            temperature=0.0,
            max_tokens=64,
            log_dir=str(root / "logs"),
            display="none",
            log_realtime=not lean,
            ctl_server=not lean,
        )
        if logs[0].status != "success":
            raise SystemExit(f"not a clean run: {logs[0].error}")


WAYS: dict[str, Callable[[Path, int, str], None]] = {
    "measure": by_measure,
    "eval": by_eval,
    "lean": partial(by_eval, lean=True),
}


def serve(delay: float) -> None:
    """The server's process: prints its address, answers until it is ended."""
    from support.local_api import LocalApi

    with LocalApi(delay=delay) as api:
        print(api.base_url, flush=True)
        while True:
            time.sleep(3600)


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--delay", type=float, default=0.05, help="seconds that the server takes for an answer")
    parser.add_argument("--memory", action="store_true", help="peak memory by size, instead of CPU")
    parser.add_argument("--sizes", type=int, nargs=2, default=[2000, 20000])
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--child", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--address", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.delay)
    return options


if __name__ == "__main__":
    main()
