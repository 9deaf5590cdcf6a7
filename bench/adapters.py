"""Adapters, measured: what a run of base, three adapters and one combination costs beside the generation alone, whether
the planted pair of `examples/stacked-adapters` is found, and how often harmless pairs are said to interact. Results go
to WORK/rows.json; `write` puts the tables into docs/adapters.md between their marks.

    python bench/adapters.py cost --engine llamacpp [--prompts 200] [--rounds 1]     # needs what quickstart fetches
    python bench/adapters.py cost --engine local                                     # and examples/open-weights' base
    python bench/adapters.py pair                                                    # 200 prompts
    python bench/adapters.py level [--runs 2000]
    python bench/adapters.py write
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
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared import Quiet, put_between

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
PAGE = ROOT / "docs" / "adapters.md"
WORK = Path(tempfile.gettempdir()) / "ftsafety-bench-adapters"
BASES = {
    "llamacpp": EXAMPLES / "quickstart" / "weights" / "SmolLM2-135M-Instruct.Q4_1.gguf",
    "local": EXAMPLES / "open-weights" / "weights" / "base",
}
STACKED, QUICKSTART = EXAMPLES / "stacked-adapters" / "adapters", EXAMPLES / "quickstart" / "adapters"
ADAPTERS = {name: folder / name for folder in (QUICKSTART, STACKED) for name in ("align", "kept", "tone", "cards")
            if (folder / name).is_dir()}  # fmt: skip
SETS: dict[str, dict[str, list[str]]] = {
    "all": {"tone": ["tone"], "cards": ["cards"], "kept": ["kept"], "both": ["tone", "cards"]},
    "one": {"tone": ["tone"]},
    "pair": {"both": ["tone", "cards"]},
}
"""Beside base: what is measured, each with its adapters. Of a combination each adapter alone is planned by itself."""
TARGET = 1.15
TOKENS, BATCH = 12, {"llamacpp": 4, "local": 16}
Marks = tuple[str, str]
MARKS: dict[str, Marks] = {
    name: (f"<!-- {name}: from bench/adapters.py -->", f"<!-- /{name} -->") for name in ("cost", "pair", "level")
}


def project(work: Path, engine: str, which: str, prompts: int) -> Path:
    """A user's project with one spec; returns the spec's file."""
    for folder in ("specs", "policies", "providers"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    own = {"title": engine, "kind": engine, "concurrency": BATCH[engine], "context_tokens": 512, "threads": 1}
    (work / "providers" / "bench.yaml").write_text(json.dumps(own))
    under = {"align": 1.0} if engine == "llamacpp" else {}
    stacks = SETS[which]
    used = [*under, *dict.fromkeys(name for stack in stacks.values() for name in stack)]
    last = list(stacks)[-1]
    spec: dict[str, Any] = {
        "defaults": ["ftsafety/adapter@_here_", "_self_"],
        "title": "Adapters",
        "owner": "bench@example.org",
        "policy": "ftsafety/default",
        "models": {
            "base": {"provider": "bench", "path": str(BASES[engine]), "adapters": under},
            **{
                name: {"of": "base", "adapters": dict.fromkeys(stack, 1.0), "deploy": name == last}
                for name, stack in stacks.items()
            },
        },
        "adapters": {name: {"path": str(ADAPTERS[name]), "source": "internal"} for name in used},
        "deployment": {"generation": {"temperature": 0.0, "max_tokens": TOKENS}},
        "suites": {"core": {"title": "t", "revised": "2026-11-25", "use": "domain", "tasks": {"basics": {
            "benchmark": "ftsafety/basics", "limit": prompts}}}},
    }  # fmt: skip
    path = work / "specs" / "adapters.yaml"
    path.write_text(json.dumps(spec))
    return path


def by_run(path: Path) -> dict[str, float]:
    """Our way, from the spec to the verdict: plan, answers, grades, store, tables, comparison, verdict, report."""
    from ftsafety_spec.measure import Stop
    from ftsafety_spec.pipeline import compare_run, gate_run, measure_run, prepare, report_run
    from ftsafety_spec.pipeline.prepare import Options

    prepared = prepare(str(path), Options())
    begun = time.process_time()
    done = measure_run(prepared.folder, data=None, progress=Quiet(), stop=Stop(), everything=True)
    measured = time.process_time() - begun
    if not done.complete or done.errors:
        raise SystemExit(f"not a clean run: {done}")
    compare_run(prepared.folder)
    gate_run(prepared.folder, as_of=datetime.now(UTC).date())
    report_run(prepared.folder, ("html", "markdown", "json"))
    return {"answers": done.answered, "measure_cpu": measured}


def by_loop(path: Path) -> dict[str, float]:
    """The generation alone: the same engine and batches, one stack after the other, texts thrown away."""
    from ftsafety_spec.catalog.load import load_suites
    from ftsafety_spec.compose import lock_spec
    from ftsafety_spec.providers.requests import requests_of

    locked = lock_spec(path)
    texts = [str(prompt.text) for task in load_suites(locked, path.parents[1], None)[0] for prompt in task.prompts]
    requests = requests_of(locked, path.parents[1])
    kind = next(iter(requests.values())).definition.kind
    (loop_llamacpp if kind == "llamacpp" else loop_local)(requests, texts)
    return {"answers": len(texts) * len(requests), "measure_cpu": 0.0}


def loop_llamacpp(requests: dict[str, Any], texts: Sequence[str]) -> None:
    """A thread pool on the server in this process."""
    from ftsafety_spec.providers.llama_engine import start, stop
    from ftsafety_spec.providers.llamacpp import prepare_adapters

    definition = requests["base"].definition
    engine = start(BASES["llamacpp"], prepare_adapters(BASES["llamacpp"], list(requests.values())), definition)
    for request in requests.values():
        scales = engine.scales({name: scale for name, _, scale in request.stack})
        body = {"max_tokens": TOKENS, "temperature": 0.0, "cache_prompt": False,
                "lora": [{"id": number, "scale": scale} for number, scale in enumerate(scales)]}  # fmt: skip

        def call(text: str, body: dict[str, Any] = body) -> None:
            engine.server.handle_chat_completions({**body, "messages": [{"role": "user", "content": text}]})

        with ThreadPoolExecutor(definition.concurrency) as pool:
            list(pool.map(call, texts))
    stop(engine)


def loop_local(requests: dict[str, Any], texts: Sequence[str]) -> None:
    """Batches of prompts of similar length through transformers and PEFT."""
    from ftsafety_spec.providers.engine_model import Draw
    from ftsafety_spec.providers.local import start
    from ftsafety_spec.providers.torch_model import Prompt

    engine = start(BASES["local"], list(requests.values()))
    model, size = engine.model, engine.size
    assert model is not None
    ids = sorted((model.encode([{"role": "user", "content": text}]) for text in texts), key=len, reverse=True)
    draw = Draw(temperature=0.0, top_p=None, max_tokens=TOKENS, seed=None)
    for request in requests.values():
        scales = engine.scales({name: scale for name, _, scale in request.stack})
        for place in range(0, len(ids), size):
            model.generate(scales, draw, [Prompt(each, None) for each in ids[place : place + size]])
    engine.close()


WAYS: dict[str, Callable[[Path], dict[str, float]]] = {"run": by_run, "loop": by_loop}


def child(way: str, engine: str, which: str, prompts: int) -> dict[str, Any]:
    """One way in this process: CPU and wall seconds without imports of the engine's packages, peak memory in MB."""
    if engine == "local":
        import peft  # noqa: F401
        import torch

        torch.set_num_threads(1)
    import inspect_ai  # noqa: F401

    with tempfile.TemporaryDirectory() as folder:
        path = project(Path(folder), engine, which, prompts)
        cpu, begun = time.process_time(), time.monotonic()
        found = WAYS[way](path)
        cpu, seconds = time.process_time() - cpu, time.monotonic() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return {"way": way, "engine": engine, "set": which, "cpu": cpu, "seconds": seconds, "rss": peak / 1024, **found}


def in_child(way: str, engine: str, which: str, prompts: int) -> dict[str, Any]:
    """The same in a fresh process."""
    command = [sys.executable, __file__, "child", "--way", way, "--engine", engine, "--set", which]
    done = subprocess.run([*command, "--prompts", str(prompts)], stdout=subprocess.PIPE, text=True, check=True)
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(json.dumps(row), file=sys.stderr, flush=True)
    return row


def cost(options: argparse.Namespace) -> dict[str, Any]:
    """Both ways in turn, medians; memory of one adapter beside that of all."""
    rounds: dict[str, list[dict[str, Any]]] = {"loop": [], "run": []}
    for _ in range(options.rounds):
        for way, rows in rounds.items():
            rows.append(in_child(way, options.engine, "all", options.prompts))
    one = in_child("run", options.engine, "one", min(options.prompts, 40))
    return cost_of(options, rounds, one)


def cost_of(
    options: argparse.Namespace, rounds: dict[str, list[dict[str, Any]]], one: dict[str, Any]
) -> dict[str, Any]:
    """What `write` needs of those rows."""
    middle = {way: {k: statistics.median(r[k] for r in rows) for k in ("cpu", "seconds", "rss", "answers")}
              for way, rows in rounds.items()}  # fmt: skip
    extra = sum(size_of(ADAPTERS[name]) for name in ("tone", "cards", "kept"))
    return {**middle, "one": {"rss": one["rss"]}, "base_mb": size_of(BASES[options.engine]), "adapters_mb": extra,
            "prompts": options.prompts, "rounds": options.rounds}  # fmt: skip


def size_of(path: Path) -> float:
    """MB of a file, or of the weights in a folder."""
    files = [path] if path.is_file() else list(path.glob("*.safetensors"))
    return sum(file.stat().st_size for file in files) / 2**20


def cost_table(rows: dict[str, Any]) -> str:
    """One line an engine."""
    lines = [
        "| engine | answers | generation alone, CPU | the whole run, CPU | ratio | peak memory of the loop "
        "| of a run of base and one adapter | of the whole run | files of base + adapters |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for engine in ("llamacpp", "local"):
        row = rows.get(f"cost {engine}")
        if row is not None:
            loop, run = row["loop"], row["run"]
            lines.append(
                f"| `{engine}` | {run['answers']:,.0f} | {loop['cpu']:.0f} s | {run['cpu']:.0f} s "
                f"| {run['cpu'] / loop['cpu']:.2f} × | {loop['rss']:.0f} MB | {row['one']['rss']:.0f} MB "
                f"| {run['rss']:.0f} MB | {row['base_mb']:.0f} + {row['adapters_mb']:.0f} MB |"
            )
    return "\n".join(lines)


def pair(options: argparse.Namespace) -> dict[str, Any]:
    """Each adapter alone and both together against base; both against what they add up to."""
    from ftsafety_spec.pipeline import open_run

    with tempfile.TemporaryDirectory() as folder:
        path = project(Path(folder), "llamacpp", "pair", options.prompts)
        by_run(path)
        (found,) = (path.parents[1] / "runs").glob("adapters-*")
        from ftsafety_spec.records.comparison import Comparison
        from ftsafety_spec.records.verdict import Verdict

        run = open_run(found)
        cells = {cell.id: cell for cell in run.read(Comparison).cells}
        verdict = run.read(Verdict)
    wanted = ("both+tone/{}/all/all", "both+cards/{}/all/all", "both/{}/all/all", "both/{}/interaction/tone + cards")
    rows = [
        {"id": name.format(outcome), "prompts": cell.prompts, "against": cell.moments.mean_base,
         "rate": cell.moments.mean_tuned, "relative": cell.regression.relative, "interval": cell.regression.interval,
         "points": cell.regression.points, "points_interval": cell.regression.points_interval}
        for outcome in ("refusal", "over_refusal")
        for name in wanted
        for cell in [cells[name.format(outcome)]]
    ]  # fmt: skip
    flagged = sorted({f.rule for f in verdict.findings if f.cell == rows[3]["id"] and f.result == "flag"})
    return {"rows": rows, "action": verdict.action, "flagged": flagged}


NAMES = ("`tone` alone, against base", "`cards` alone, against base", "both, against base", "both, against added up")


def pair_table(rows: dict[str, Any]) -> str:
    """One line a comparison and outcome."""
    lines = ["| outcome | comparison | rate | held against | less safe by, in points | relative to it | prompts |",
             "|---|---|---|---|---|---|---|"]  # fmt: skip
    for number, row in enumerate(rows["pair"]["rows"]):
        low, high = (100 * end for end in row["points_interval"])
        ends = row["interval"]
        relative = "undefined" if ends is None else f"{_pc(row['relative'])} [{_pc(ends[0])} to {_pc(ends[1])}]"
        outcome = row["id"].split("/")[1].replace("_", "-")
        lines.append(
            f"| {outcome} | {NAMES[number % 4]} | {_pc(row['rate'])} | {_pc(row['against'])} "
            f"| {100 * row['points']:.1f} [{low:.1f} to {high:.1f}] | {relative} | {row['prompts']} |"
        )
    flags = ", ".join(f"`{rule}`" for rule in rows["pair"]["flagged"])
    return "\n".join(
        [*lines, "", f"Verdict under the built-in policy: `{rows['pair']['action']}`; flagged by {flags}."]
    )


def _pc(value: float) -> str:
    return f"{100 * value:.1f} %"


CASES = [(k, n, p) for k in (2, 3) for n, p in ((60, 0.1), (200, 0.02), (500, 0.01), (500, 0.05))]


def level(options: argparse.Namespace) -> list[dict[str, Any]]:
    """How often adapters whose losses just add up are said to interact, at the concern's level of 5 %."""
    import numpy as np

    from ftsafety_spec.stats.margin import p_beyond
    from ftsafety_spec.stats.moments import moments_of

    rng, found = np.random.default_rng(20261125), []
    for k, n, p in CASES:
        shown = 0
        for _ in range(options.runs):
            alone = (rng.random((k, n)) < p).sum(0)
            both = rng.random(n) < k * p
            shown += p_beyond(moments_of(1.0 - alone, 1.0 - both), 0.0, "points") < 0.05
        found.append({"adapters": k, "prompts": n, "lost": p, "shown": shown / options.runs, "runs": options.runs})
    return found


def level_table(rows: dict[str, Any]) -> str:
    """One line a case."""
    lines = ["| adapters | prompts | each alone loses | said to interact |", "|---|---|---|---|"]
    lines += [f"| {r['adapters']} | {r['prompts']} | {_pc(r['lost'])} | {_pc(r['shown'])} of {r['runs']:,} runs |"
              for r in rows["level"]]  # fmt: skip
    return "\n".join(lines)


def main() -> int:
    """Measure one thing and keep it, or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["cost", "pair", "level", "write", "child"])
    parser.add_argument("--engine", choices=list(BASES), default="llamacpp")
    parser.add_argument("--way", choices=list(WAYS), default="run")
    parser.add_argument("--set", choices=list(SETS), default="all")
    parser.add_argument("--prompts", type=int)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--work", type=Path, default=WORK)
    options = parser.parse_args()
    options.prompts = options.prompts or 200
    if options.what == "child":
        print(json.dumps(child(options.way, options.engine, options.set, options.prompts)))
        return 0
    kept = options.work / "rows.json"
    rows: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    if options.what == "write":
        tables = {"cost": cost_table, "pair": pair_table, "level": level_table}
        for name, table in tables.items():
            put_between(PAGE, MARKS[name], table(rows))
        return 0
    made = {"cost": cost, "pair": pair, "level": level}[options.what](options)
    rows[f"cost {options.engine}" if options.what == "cost" else options.what] = made
    options.work.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(rows, indent=1) + "\n")
    print(json.dumps(made, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
