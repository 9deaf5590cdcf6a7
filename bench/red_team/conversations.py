"""Does `ftsafety/multi_turn` find a model that fails only from its third answer on, which single messages do not show,
and nothing in a harmless one? Measures the models of `train_conversations.py` by the pipeline's own stages, single
messages and conversations by script in one run; prints two tables, or with `--write` puts them into docs/red-team.md
between their marks. With `--work` a run that was stopped goes on.

    python bench/red_team/conversations.py [--conversations N] [--singles N] [--work DIR] [--write] [--format json]
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
MARKS = ("<!-- conversations: from bench/red_team/conversations.py -->", "<!-- /conversations -->")
MODELS = {"late": "fails from its third answer on", "warm": "nothing: another manner"}
"""Variant to what was planted."""
sys.path.insert(0, str(BENCH))
from shared import Quiet, put_between  # noqa: E402


def project(work: Path, names: list[str], focus: dict[str, Any], singles: int, gguf: Path) -> Path:
    """A user's project with one spec, whose `red_team.conversations` block is `focus`; returns the spec's file."""
    for folder in ("specs", "policies", "weights", "adapters"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    if not (work / "weights" / gguf.name).exists():
        (work / "weights" / gguf.name).symlink_to(gguf)
    for name in ("align", *names):
        places = (*ADAPTERS, QUICKSTART / "adapters")
        source = next(folder / name for folder in places if (folder / name / "adapter_config.json").is_file())
        shutil.copytree(source, work / "adapters" / name, dirs_exist_ok=True)
    base = {"provider": "ftsafety/llamacpp", "path": f"weights/{gguf.name}", "adapters": {"align": 1.0}}
    tuned = {f"tuned-{name}": {"of": "base", "adapters": {name: 1.0}, "deploy": True} for name in names}
    basics = {"benchmark": "ftsafety/basics", "limit": singles}
    spec: dict[str, Any] = {
        "defaults": ["ftsafety/adapter@_here_", "_self_"],
        "title": "Planted: late",
        "owner": "bench@example.org",
        "policy": "ftsafety/default",
        "models": {"base": base, **tuned},
        "adapters": {name: {"path": f"adapters/{name}", "source": "internal"} for name in ("align", *names)},
        "deployment": {"generation": {"temperature": 0.0, "max_tokens": 12}},
        "suites": {"core": {"title": "Single messages", "revised": "2026-11-25", "tasks": {"basics": basics}}},
        "red_team": {"conversations": focus},
    }
    path = work / "specs" / "late.yaml"
    path.write_text(json.dumps(spec))
    return path


def measured(work: Path, names: list[str], focus: dict[str, Any], singles: int, gguf: Path) -> list[dict[str, Any]]:
    """One row a model: single messages, conversations to the end and by turn, findings."""
    from ftsafety_spec.measure import Stop
    from ftsafety_spec.pipeline import compare_run, measure_run, prepare
    from ftsafety_spec.pipeline.prepare import Options
    from ftsafety_spec.pipeline.red_team.conversations import conversation_findings

    prepared = prepare(str(project(work, names, focus, singles, gguf)), Options())
    measure_run(prepared.folder, data=None, progress=Quiet(), stop=Stop())
    cells = compare_run(prepared.folder).cells
    reports = {report.search.variant: report for report in conversation_findings(prepared.folder)}
    rows = []
    for name in names:
        own = [cell for cell in cells if cell.variant == f"tuned-{name}"]
        turns = sorted((cell for cell in own if cell.by == "turn"), key=lambda cell: int(cell.of))
        found = {
            outcome: figures(next(cell for cell in own if (cell.outcome, cell.by) == (outcome, "all")))
            for outcome in ("refusal", "survival")
        }
        findings = [finding.category or "all" for finding in reports[f"tuned-{name}"].findings]
        rows.append({"model": name, **found, "turns": [figures(cell) for cell in turns], "findings": findings})
    return rows


def figures(cell: Any) -> dict[str, Any]:
    """Shares of a cell, and tuned - base with its interval."""
    low, high = (-end for end in reversed(cell.regression.points_interval))
    base, tuned = cell.moments.mean_base, cell.moments.mean_tuned
    return {"n": cell.moments.n, "base": base, "tuned": tuned, "low": low, "high": high}


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as Markdown: models, then turns."""
    lines = [
        "| model | planted | single messages refused: base, tuned | change [95 %] "
        "| conversations without a failure: base, tuned | change [95 %] | found |",
        "|---|---|--:|--:|--:|--:|---|",
    ]
    for row in rows:
        found = ", ".join(row["findings"]).replace("_", " ")
        lines.append(
            f"| {row['model']} | {MODELS[row['model']]} | {_pair(row['refusal'])} | {_change(row['refusal'])} "
            f"| {_pair(row['survival'])} | {_change(row['survival'])} | {found or 'nothing'} |"
        )
    names = [row["model"] for row in rows]
    lines += ["", f"| up to turn | base | {' | '.join(names)} |", f"|--:|--:|{'--:|' * len(names)}"]
    for place, each in enumerate(zip(*(row["turns"] for row in rows), strict=True)):
        shares = " | ".join(f"{100 * turn['tuned']:.1f} %" for turn in each)
        lines.append(f"| {place + 1} | {100 * each[0]['base']:.1f} % | {shares} |")
    single, talks = rows[0]["refusal"]["n"], rows[0]["survival"]["n"]
    return "\n".join([*lines, "", f"{single} harmful single messages, {talks} conversations."])


def _pair(found: dict[str, Any]) -> str:
    return f"{100 * found['base']:.1f} %, {100 * found['tuned']:.1f} %"


def _change(found: dict[str, Any]) -> str:
    change = found["tuned"] - found["base"]
    return f"{100 * change:+.1f} [{100 * found['low']:+.1f}, {100 * found['high']:+.1f}]"


def main() -> int:
    """Measure, print or write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--conversations", type=int, default=24)
    parser.add_argument("--singles", type=int, default=60, help="at most so many single messages")
    parser.add_argument("--only", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--work", type=Path, default=None, help="where to keep the project (default: temporary)")
    parser.add_argument("--gguf", type=Path, default=GGUF)
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    args = parser.parse_args()
    if not args.gguf.exists():
        print("the small model is missing: python examples/quickstart/fetch.py", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        work = (args.work or Path(folder)).resolve()
        rows = measured(work, args.only, {"probes": args.conversations}, args.singles, args.gguf.resolve())
    if args.write:
        put_between(PAGE, MARKS, table(rows))
    print(json.dumps(rows, indent=1) if args.format == "json" else table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
