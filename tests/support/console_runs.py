"""Runs for the console: many judged ones, and one of many rows with placeholder texts. Made by DuckDB, in seconds."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from support.hand_made import INPUTS, locked_policy, locked_spec, plan_of

from ftsafety_spec.compare import compare
from ftsafety_spec.gate import gate
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.tables import columns

ACTIONS = ("deploy", "deploy_enhanced", "review", "insufficient", "block")
DECISIONS = ("go", "pending", "pending", "pending", "no_go")
AREAS = "['fraud', 'cyber', 'violence', 'hate', 'weapons', 'privacy', 'advice', 'self_harm']"


def many_runs(root: Path, judged: Path, count: int) -> None:
    """`count` run folders below `root/runs`, each with the records of `judged` under another name, action and day."""
    verdict = json.loads((judged / "verdict.json").read_text(encoding="utf-8"))
    spec = (judged / "spec.lock.json").read_text(encoding="utf-8")
    for number in range(count):
        folder = root / "runs" / f"bot-{number:04d}"
        folder.mkdir(parents=True)
        (folder / "spec.lock.json").write_text(spec, encoding="utf-8")
        day = date.fromordinal(date(2026, 11, 1).toordinal() - number % 300)
        made = {
            **verdict,
            "title": f"Bot number {number}",
            "as_of": day.isoformat(),
            "action": ACTIONS[number % 5],
            "decision": DECISIONS[number % 5],
            "expires": None if number % 5 == 4 else date.fromordinal(day.toordinal() + 90).isoformat(),
        }
        (folder / "verdict.json").write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def big_run(root: Path, prompts: int, name: str = "big-00000000") -> RunFolder:
    """A judged run of `2 * prompts` answers. Tuned refuses a little less often; a tenth of the prompts differ."""
    folder = RunFolder(root / "runs" / name)
    folder.tables.mkdir(parents=True)
    with duckdb.connect() as db:
        db.execute("SET threads=1")
        db.execute(_ROWS, {"prompts": prompts})
        for table, source in (("answers", _ANSWERS), ("grades", _GRADES), ("texts", _TEXTS)):
            db.execute(f"CREATE TABLE {table} AS SELECT {_cast(table)} FROM ({source})")
            order = {"answers": "prompt_id, variant", "grades": "answer", "texts": "digest"}[table]
            path = str(folder.table(table)).replace("'", "''")
            db.execute(f"COPY (FROM {table} ORDER BY {order}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 4096)")
    locked, policy = locked_spec(), locked_policy()
    plan: Plan = plan_of(locked)
    inputs = INPUTS.model_copy(update={"plan": plan.compute_digest()})
    comparison = compare(folder.table("answers"), folder.table("grades"), plan, locked, inputs)
    verdict = gate(locked, policy, plan, comparison, [], date(2026, 11, 24))
    for record in (locked, policy, plan, comparison, verdict):
        folder.write(record.sealed())
    return folder


def _cast(table: str) -> str:
    return ", ".join(f'"{name}"::{sql} AS "{name}"' for name, sql in columns(table).items())


_ROWS = f"""
CREATE TABLE row AS
SELECT i, variant, format('p{{:06d}}', i) AS prompt_id, 'sha256:' || sha256(format('prompt {{}}', i)) AS prompt,
       'sha256:' || sha256(format('{{}} {{}}', variant, i)) AS answer,
       'sha256:' || sha256(format('text {{}} {{}}', variant, i)) AS text, {AREAS}[1 + i % 8] AS area,
       CASE WHEN variant = 'tuned' AND i % 11 = 0 THEN 0 WHEN variant = 'base' AND i % 53 = 0 THEN 0 ELSE 1 END AS value
FROM range($prompts) t(i), (VALUES ('base'), ('tuned')) v(variant)
"""
_ANSWERS = """
SELECT answer, 'sha256:' || sha256(variant) AS generation_key, variant, 'core' AS suite, 't' AS task, prompt, prompt_id,
       prompt AS cluster, 'harmful' AS kind, area AS category, area, false AS domain, 'plain' AS condition, 0 AS repeat,
       NULL AS turn, NULL AS asks, i AS draw, 'measured' AS provenance, 'automated' AS channel, 'ok' AS state,
       NULL AS reason, text, 40 AS tokens_in, 80 AS tokens_out, NULL AS usd, 1.5 AS seconds,
       '2026-11-20T10:00:00Z' AS at, NULL AS log
FROM row
"""
_GRADES = """
SELECT 'sha256:' || sha256(answer || 'g') AS grade, answer, 'ftsafety/refusal' AS grader,
       'sha256:' || sha256('g') AS grader_identity, NULL AS person, 'refusal' AS outcome, value, NULL AS sure,
       'primary' AS role, 'scored' AS state, NULL AS reason, NULL AS usd, NULL AS seconds, NULL AS at
FROM row
"""
_TEXTS = """
SELECT text AS digest, format('Placeholder answer {} of {}. ', i, variant)
       || repeat('Words that both variants share, on and on. ', 12) || format('It reads as {}.', value) AS body FROM row
UNION ALL SELECT DISTINCT prompt, format('Placeholder request number {}.', i) FROM row
"""


def with_texts(folder: RunFolder, bodies: dict[str, str]) -> None:
    """Replace the texts of a run by other ones: digest to body."""
    rows: list[dict[str, Any]] = [{"digest": digest, "body": body} for digest, body in sorted(bodies.items())]
    from ftsafety_spec.records.tables import write_parquet

    write_parquet(folder.table("texts"), "texts", rows)
