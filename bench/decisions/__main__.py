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

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ.setdefault("OMP_NUM_THREADS", "1")

from limits import broken
from parts import PARTS, Job, run_job
from shared import put_between

MARKS = ("<!-- decisions -->", "<!-- /decisions -->")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "statistics.md"


def main() -> int:
    """Run the parts, print a table for each, hold them against the limits; 1 where one is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="fewer runs of fewer cases, for CI")
    parser.add_argument("--runs", type=int, help="made-up runs for each case")
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--part", choices=sorted(PARTS), action="append", help="only this part; may be repeated")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/statistics.md")
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
        print(tables(rows))
    if options.write:
        put_between(PAGE, MARKS, tables(rows))
    faults = broken(rows)
    for fault in faults:
        print(f"limit broken: {fault}", file=sys.stderr)
    return 1 if faults else 0


def tables(rows: list[dict[str, Any]]) -> str:
    """A Markdown table for each part; of coverage the worst for each n."""
    found = []
    for part in dict.fromkeys(row["part"] for row in rows):
        mine = [row for row in rows if row["part"] == part]
        mine = worst_coverage(mine) if part == "coverage" else mine
        columns = [name for name in mine[0] if name != "part"]
        lines = [f"**{part}**: {PARTS[part].title}", "", "| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
        lines += ["| " + " | ".join(_cell(row[name]) for name in columns) + " |" for row in mine]
        found.append("\n".join(lines))
    return "\n\n".join(found)


def worst_coverage(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each n the smallest share of runs in which a bound holds, over all rates and regressions."""
    bounds = ("pessimistic", "optimistic", "rate")
    return [
        {"n": n, "cases": sum(row["n"] == n for row in rows)}
        | {name: min(row[name] for row in rows if row["n"] == n) for name in bounds}
        | {"runs": min(row["runs"] for row in rows)}
        for n in dict.fromkeys(row["n"] for row in rows)
    ]


def _cell(value: Any) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
