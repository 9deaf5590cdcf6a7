"""How often does the gate decide wrongly, and what does it cost? A simulation with known truth (see `--help`).

python bench/decisions --jobs 2            all parts, a few minutes; docs/statistics.md quotes it
python bench/decisions --short             under a minute, and exits 1 where a limit is broken (CI)"""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ.setdefault("OMP_NUM_THREADS", "1")

from limits import broken
from parts import PARTS, Job, run_job


def main() -> int:
    """Run the parts, print a table for each, hold them against the limits; 1 where one is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="fewer runs of fewer cases, for CI")
    parser.add_argument("--runs", type=int, help="made-up runs for each case")
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--part", choices=sorted(PARTS), action="append", help="only this part; may be repeated")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--count-suites", action="store_true", help="count the built-in suites' areas into suites.json")
    options = parser.parse_args()
    if options.count_suites:
        from counting import count_suites

        return count_suites()
    jobs = [
        Job(part, case, options.runs or PARTS[part].runs(options.short), options.seed)
        for part in options.part or PARTS
        for case in PARTS[part].cases(options.short)
    ]
    rows: list[dict[str, Any]] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for row in pool.map(run_job, jobs):
            rows.append(row)
            print(f"{len(rows)}/{len(jobs)}", end="\r", file=sys.stderr, flush=True)
    if options.format == "json":
        print(json.dumps(rows, indent=1))
    else:
        _print(rows)
    faults = broken(rows)
    for fault in faults:
        print(f"limit broken: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _print(rows: list[dict[str, Any]]) -> None:
    for part in dict.fromkeys(row["part"] for row in rows):
        mine = [row for row in rows if row["part"] == part]
        columns = [name for name in mine[0] if name not in ("part",)]
        print(f"\n{part}: {PARTS[part].title}\n")
        print("| " + " | ".join(columns) + " |")
        print("|" + "---|" * len(columns))
        for row in mine:
            print("| " + " | ".join(_cell(row[name]) for name in columns) + " |")


def _cell(value: Any) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
