"""How fast a comparison is: 100,000 answer rows in 70 categories, on one core.
Given nothing, makes the two tables from no text, compares them and prints seconds; exits 1 where it takes 2 or more.

    python bench/compare.py [--rows 100000] [--categories 70] [--runs 3] [--labels 0] [--full] [--profile]

Two models answer rows / 10 prompts five times each; one grader reads them for refusal. `--full`: for harmfulness as
well, and a second grader reads refusal. `--labels`: people labelled so many answers of each outcome, the first by their
draw. Seconds are of the whole `compare()`: CPU of all threads, which is what one core needs, and by the clock with the
process bound to one core where the system can do that.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from ftsafety_spec.compare import compare
from ftsafety_spec.records.comparison import Comparison

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from support.hand_made import INPUTS, answer, grade, locked_spec, plan_of, prompts, write_tables

LIMIT = 2.0
REPEATS = 5

_ANSWERS = """
CREATE TABLE big AS
SELECT * REPLACE ('sha256:' || sha256('a' || i) AS answer, CASE WHEN i < {half} THEN 'base' ELSE 'tuned' END AS variant,
  'p' || p AS prompt_id, 'sha256:' || sha256('p' || p) AS prompt, 'sha256:' || sha256('p' || p) AS cluster,
  i % {repeats} AS repeat, 'c' || (p % {categories}) AS category, 20 + i % 300 AS tokens_out,
  ['fraud', 'cyber', 'hate', 'violence', 'privacy', 'weapons'][1 + p % 6] AS area)
FROM a, (SELECT i, i % {half} // {repeats} AS p FROM range({rows}) r(i));
"""

_GRADES = """
CREATE TABLE reads AS
SELECT g.* REPLACE ('sha256:' || sha256(b.answer || o.outcome || o.role) AS grade, b.answer AS answer,
  o.outcome AS outcome, o.role AS role, 'sha256:' || sha256(o.grader) AS grader_identity, o.grader AS grader,
  CASE WHEN o.role = 'adjudication' THEN 'ines' END AS person, (hash(b.answer || o.outcome) % 20 > 0)::DOUBLE AS value)
FROM big b, g, (VALUES ('refusal', 'primary', 'g'), ('refusal', 'second', 'h'), ('not_harmful', 'primary', 'g'),
  ('refusal', 'adjudication', 'people'), ('not_harmful', 'adjudication', 'people')) o(outcome, role, grader)
WHERE ({full} OR (o.outcome = 'refusal' AND o.role <> 'second')) AND (o.role <> 'adjudication' OR b.answer IN (
  SELECT answer FROM big ORDER BY substr(sha256('0:' || answer), 1, 12) LIMIT {labels}));
"""


def tables(folder: Path, rows: int, categories: int, labels: int, full: bool) -> tuple[Path, Path]:
    """Write answers and grades of so many rows; their paths."""
    row = answer("base", prompts(1)[0])
    paths = write_tables(folder, ([row], [grade(row, 1.0)]))
    sizes = {
        "rows": rows,
        "half": rows // 2,
        "repeats": REPEATS,
        "categories": categories,
        "labels": labels,
        "full": full,
    }
    with duckdb.connect() as db:
        for name, path in zip("ag", paths, strict=True):
            db.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{path}')")
        db.execute(_ANSWERS.format(**sizes))
        db.execute(_GRADES.format(**sizes))
        for name, path in zip(("big", "reads"), paths, strict=True):
            db.execute(f"COPY {name} TO '{path}' (FORMAT parquet)")
    return paths


def timed(paths: tuple[Path, Path]) -> tuple[Comparison, float, float]:
    """The comparison, CPU seconds, seconds by the clock."""
    locked = locked_spec(REPEATS)
    plan = plan_of(locked)
    cpu, clock = time.process_time(), time.perf_counter()
    found = compare(*paths, plan, locked, INPUTS)
    return found, time.process_time() - cpu, time.perf_counter() - clock


def profile(paths: tuple[Path, Path]) -> None:
    """Print the statements and functions that take longest."""
    import cProfile
    import pstats

    locked = locked_spec(REPEATS)
    plan, profiler = plan_of(locked), cProfile.Profile()
    profiler.runcall(compare, *paths, plan, locked, INPUTS)
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(25)


def main() -> int:
    """Run; exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("--rows", 100_000), ("--categories", 70), ("--runs", 3), ("--labels", 0)):
        parser.add_argument(name, type=int, default=default)
    for name in ("--full", "--profile"):
        parser.add_argument(name, action="store_true")
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    with tempfile.TemporaryDirectory() as folder:
        paths = tables(Path(folder), given.rows, given.categories, given.labels, given.full)
        if given.profile:
            profile(paths)
            return 0
        runs = [timed(paths) for _ in range(given.runs)]
    found = runs[0][0]
    cpu, clock = min(run[1] for run in runs), min(run[2] for run in runs)
    groups = len({cell.of for cell in found.cells if cell.by == "category"})
    print(
        f"{given.rows} answers, {groups} categories, {len(found.cells)} cells, {len(found.cascades)} labelled outcomes"
    )
    print(
        f"compare(): {cpu:.2f} s of CPU, {clock:.2f} s by the clock (best of {given.runs}; under {LIMIT:.0f} is asked)"
    )
    return 0 if min(cpu, clock) < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
