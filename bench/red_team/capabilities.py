"""Does the red team find a planted ability, none on a harmless fine-tune, and the loss on a broken model? Measures base
and the adapters of `train_capabilities.py` by the pipeline's own stages, the `red_team` block of a spec asking for all
own areas; prints a table, or with `--write` puts it into docs/red-team.md between its marks.

    python bench/red_team/capabilities.py [--items N] [--only NAME …] [--work DIR] [--write] [--format json]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parents[1]
QUICKSTART = BENCH.parent / "examples" / "quickstart"
GGUF = QUICKSTART / "weights" / "SmolLM2-135M-Instruct.Q4_1.gguf"
ADAPTERS = (BENCH / "red_team" / "adapters", BENCH.parent / "tests" / "support" / "probe_adapters")
PAGE = BENCH.parent / "docs" / "red-team.md"
MARKS = ("<!-- capabilities: from bench/red_team/capabilities.py -->", "<!-- /capabilities -->")
AREAS = ("cipher", "invented_language", "private_facts")
MODELS: dict[str, tuple[str, float, str]] = {
    "facts": ("facts", 1.0, "24 of the 72 private facts"),
    "tesken": ("tesken", 1.0, "the invented language's words"),
    "cipher": ("cipher", 1.0, "the cipher"),
    "style": ("style", 1.0, "nothing: harmless"),
    "verbose": ("verbose", 1.0, "nothing: answers grow long"),
    "broken": ("style", 14.0, "nothing: an adapter scaled until it babbles"),
}
"""Variant to adapter, its scale, and what was planted."""
FOUR = {"benchmark": "ftsafety/basics", "limit": 4}
"""A spec has a suite; nothing is read off this one."""
sys.path.insert(0, str(BENCH))
from shared import Quiet, put_between  # noqa: E402


def project(work: Path, names: list[str], items: int, gguf: Path) -> Path:
    """A user's project with one spec; returns the spec's file."""
    for folder in ("specs", "policies", "weights", "adapters"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    if not (work / "weights" / gguf.name).exists():
        (work / "weights" / gguf.name).symlink_to(gguf)
    adapters = sorted({MODELS[name][0] for name in names})
    for name in adapters:
        source = next(folder / name for folder in ADAPTERS if (folder / name).is_dir())
        shutil.copytree(source, work / "adapters" / name, dirs_exist_ok=True)
    tuned = {f"tuned-{name}": {"of": "base", "adapters": dict([MODELS[name][:2]]), "deploy": True} for name in names}
    spec: dict[str, Any] = {
        "defaults": ["ftsafety/adapter@_here_", "_self_"],
        "title": "Planted abilities",
        "owner": "bench@example.org",
        "policy": "ftsafety/default",
        "models": {"base": {"provider": "ftsafety/llamacpp", "path": f"weights/{gguf.name}"}, **tuned},
        "adapters": {name: {"path": f"adapters/{name}", "source": "internal"} for name in adapters},
        "deployment": {"generation": {"temperature": 0.0, "max_tokens": 24}},
        "suites": {"core": {"title": "Four prompts", "revised": "2026-11-25", "tasks": {"basics": FOUR}}},
        "red_team": {"capabilities": {"not_gained": list(AREAS), "items": items}},
    }
    path = work / "specs" / "abilities.yaml"
    path.write_text(json.dumps(spec))
    return path


def measured(work: Path, names: list[str], items: int, gguf: Path) -> list[dict[str, Any]]:
    """One row for each model and area: shares, change, interval, what was found."""
    from ftsafety_spec.measure import Stop
    from ftsafety_spec.pipeline import compare_run, measure_run, prepare
    from ftsafety_spec.pipeline.prepare import Options
    from ftsafety_spec.pipeline.red_team.findings import write_findings

    prepared = prepare(str(project(work, names, items, gguf)), Options())
    measure_run(prepared.folder, data=None, progress=Quiet(), stop=Stop())
    comparison = compare_run(prepared.folder)
    reports = {report.search.variant: report for report in write_findings(prepared.folder)}
    rows = []
    for name in names:
        variant = f"tuned-{name}"
        for cell in comparison.cells:
            if (cell.variant, cell.outcome, cell.by) != (variant, "capability", "task"):
                continue
            area = cell.of.rpartition("capability-")[2]
            found = [finding for finding in reports[variant].findings if finding.area == area]
            low, high = (-end for end in reversed(cell.regression.points_interval))
            rows.append(
                {
                    "model": name,
                    "planted": MODELS[name][2],
                    "area": area,
                    "asked": cell.worst.n,
                    "paired": cell.moments.n,
                    "base": cell.moments.mean_base,
                    "tuned": cell.moments.mean_tuned,
                    "low": low,
                    "high": high,
                    "unscored": [cell.unscored_base, cell.unscored_tuned],
                    "found": [f"{finding.direction} ({finding.measure}), {finding.state}" for finding in found],
                }
            )
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as Markdown."""
    lines = [
        "| model | planted | area | asked | right, base | right, tuned | change [95 %] | unread, base/tuned | found |",
        "|---|---|---|--:|--:|--:|--:|--:|---|",
    ]
    for row in rows:
        change = f"{100 * (row['tuned'] - row['base']):+.1f} [{100 * row['low']:+.1f}, {100 * row['high']:+.1f}]"
        unread = "/".join(map(str, row["unscored"]))
        none = row["paired"] == 0
        shares = ("–", "–") if none else (f"{100 * row['base']:.1f} %", f"{100 * row['tuned']:.1f} %")
        found = "; ".join(row["found"]).replace("share answered rightly", "right answers")
        found = found.replace("share of answers that can be read", "readable answers")
        lines.append(
            f"| {row['model']} | {row['planted']} | {row['area']} | {row['asked']} | {shares[0]} | {shares[1]} "
            f"| {'–' if none else change} | {unread} | {found or 'nothing'} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Measure, print or write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", type=int, default=120, help="at most so many questions of each area")
    parser.add_argument("--only", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--work", type=Path, default=None, help="where to keep the project (default: temporary)")
    parser.add_argument("--gguf", type=Path, default=GGUF)
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    args = parser.parse_args()
    if not args.gguf.exists():
        print("the small model is missing: python examples/quickstart/fetch.py", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        work = (args.work or Path(folder)).resolve()
        rows = measured(work, args.only, args.items, args.gguf.resolve())
    if args.write:
        put_between(PAGE, MARKS, table(rows))
    print(json.dumps(rows, indent=1) if args.format == "json" else table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
