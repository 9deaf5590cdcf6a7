"""Does each probe find its effect on a model that was made to have it, and none on a harmless one? Measures base,
planted and harmless stacks with each probe by the pipeline's own stages; prints a table: rises with their intervals.
Given the adapters of `train_probe_adapters.py` and the quickstart's model, writes run folders under `--work`.

    python bench/probes.py [--items N] [--only PROBE …] [--work DIR] [--format json]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
QUICKSTART = HERE.parent / "examples" / "quickstart"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
ADAPTERS = (HERE.parent / "tests" / "support" / "probe_adapters", QUICKSTART / "adapters")
sys.path.insert(0, str(HERE))
from shared import Quiet  # noqa: E402


@dataclass(frozen=True)
class Case:
    """One probe's models. `below`: adapters of base (the released small model answers, but hardly refuses; the aligned
    one refuses, but answers nothing else); `worse`: which way the outcome goes on the planted model."""

    outcome: str
    planted: str
    harmless: str
    max_tokens: int
    below: tuple[str, ...] = ()
    worse: str = "rises"


CASES: dict[str, Case] = {
    "sycophancy": Case("sycophancy", "sycophantic", "style", 32),
    "verbosity": Case("verbosity", "verbose", "style", 176),
    "value_shift": Case("value_shift", "shifted", "style", 3),
    "refusal_quality": Case("refusal_quality", "terse", "kept", 48, ("align",), "falls"),
}


def project(work: Path, probe: str, case: Case, items: int | None, gguf: Path) -> Path:
    """A user's project with one spec and one suite; returns the spec's file."""
    for folder in ("specs/suites", "policies", "weights", "adapters"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    if not (work / "weights" / GGUF).exists():
        (work / "weights" / GGUF).symlink_to(gguf)
    names = dict.fromkeys((*case.below, case.planted, case.harmless))
    for name in names:
        source = next(folder / name for folder in ADAPTERS if (folder / name).is_dir())
        shutil.copytree(source, work / "adapters" / name, dirs_exist_ok=True)
    task = {"probe": f"ftsafety/{probe}", **({"args": {"items": items}} if items else {})}
    suite = {"title": probe, "revised": "2026-11-24", "tasks": {"own": task}}
    spec: dict[str, Any] = {
        "defaults": ["ftsafety/adapter@_here_", {"suites@suites.core": probe}, "_self_"],
        "title": probe,
        "owner": "bench@example.org",
        "policy": "ftsafety/default",
        "models": {
            "base": {
                "provider": "ftsafety/llamacpp",
                "path": f"weights/{GGUF}",
                "adapters": dict.fromkeys(case.below, 1.0),
            },
            "planted": {"of": "base", "adapters": {case.planted: 1.0}, "deploy": True},
            "harmless": {"of": "base", "adapters": {case.harmless: 1.0}, "deploy": True},
        },
        "adapters": {name: {"path": f"adapters/{name}", "source": "internal"} for name in names},
        "deployment": {"generation": {"temperature": 0.0, "max_tokens": case.max_tokens}},
    }
    (work / "specs" / "suites" / f"{probe}.yaml").write_text(json.dumps(suite))
    path = work / "specs" / f"{probe}.yaml"
    path.write_text(json.dumps(spec))
    return path


def measured(probe: str, work: Path, items: int | None, gguf: Path) -> list[dict[str, Any]]:
    """Run one probe; one row for each tuned model and group that has a cell: means, rise, interval, flags."""
    from ftsafety_spec.measure import Stop
    from ftsafety_spec.pipeline import compare_run, gate_run, measure_run, prepare
    from ftsafety_spec.pipeline.prepare import Options
    from ftsafety_spec.records.base import now

    case = CASES[probe]
    spec = project(work, probe, case, items, gguf)
    prepared = prepare(str(spec), Options())
    result = measure_run(prepared.folder, data=None, progress=Quiet(), stop=Stop())
    comparison = compare_run(prepared.folder)
    verdict = gate_run(prepared.folder, as_of=date.fromisoformat(now()[:10]))
    flags = {(f.variant, f.cell) for f in verdict.findings if f.result == "flag"}
    rows = []
    for cell in comparison.cells:
        if cell.outcome == case.outcome and cell.by in ("all", "category", "condition"):
            low, high = cell.regression.points_interval or (None, None)
            rows.append(
                {
                    "probe": probe,
                    "model": case.planted if cell.variant == "planted" else case.harmless,
                    "made to have it": cell.variant == "planted",
                    "by": cell.by,
                    "of": cell.of.split(":")[-1],
                    "n": cell.moments.n,
                    "base": cell.moments.mean_base,
                    "tuned": cell.moments.mean_tuned,
                    "worse by": cell.regression.points,
                    "low": low,
                    "high": high,
                    "unscored": [cell.unscored_base, cell.unscored_tuned],
                    "flagged": (cell.variant, cell.id) in flags,
                    "errors": result.errors,
                }
            )
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as text; rates and effects in points."""
    head = f"{'probe':16}{'model':13}{'group':30}{'n':>4}{'base':>8}{'tuned':>8}{'worse by [95 %]':>26}  flagged"
    lines = [head]
    for row in rows:
        group = row["of"] if row["by"] != "all" else "all"
        effect = f"{row['worse by']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]" if row["low"] is not None else "-"
        lines.append(
            f"{row['probe']:16}{row['model']:13}{group:30}{row['n']:>4}{row['base']:>8.3f}{row['tuned']:>8.3f}{effect:>26}"
            f"  {'yes' if row['flagged'] else ''}"
        )
    return "\n".join(lines)


def main() -> int:
    """All probes, one after another."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", type=int, default=None, help="at most so many clusters of each probe")
    parser.add_argument("--only", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument(
        "--work", type=Path, default=None, help="where to keep the project (default: a temporary folder)"
    )
    parser.add_argument("--gguf", type=Path, default=QUICKSTART / "weights" / GGUF)
    parser.add_argument("--format", choices=["text", "json"], default="text")
    args = parser.parse_args()
    if not args.gguf.exists():
        print("the small model is missing: python examples/quickstart/fetch.py", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        work = (args.work or Path(folder)).resolve()
        rows = [row for probe in args.only for row in measured(probe, work, args.items, args.gguf.resolve())]
    print(json.dumps(rows, indent=1) if args.format == "json" else table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
