"""Checks an evaluation that was made elsewhere: `maker/` evaluates its fine-tune and signs the report, `taker/` holds
it against its own spec and measures a sample again. Given this folder and the quickstart's small model, runs the
`ftsafety` command as both would: the honest report, the same one with the failures hidden (signed just as well), and
one that was changed on the way. `--short` is the same: a minute.

    python examples/provider-report/demo.py [--short]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MAKER, TAKER = HERE / "maker", HERE / "taker"
REST = TAKER / "specs" / "suites" / "rest.yaml"
"""What the report leaves to be measured; written anew each time."""
sys.path.insert(0, str(HERE.parent))
from showing import WIDTH, ftsafety, needs  # noqa: E402


def main() -> int:
    """Make three reports, check them, print what came of each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="the same (for CI)")
    parser.parse_args()
    if subprocess.run([sys.executable, str(HERE.parent / "quickstart" / "fetch.py")], check=False).returncode:
        return 1
    begin = time.time()
    for old in (REST, *(TAKER / "data").glob("rest-*.jsonl")):
        old.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        away = Path(folder)
        keys = ("--sign", "maker", "--dir", str(away / "keys"))
        _, pair = ftsafety(MAKER, "keys", "new", "maker", "--dir", str(away / "keys"))
        ftsafety(TAKER, "keys", "trust", pair["public"], "--role", "provider", "--trust", str(away / "trust"))
        _, run = ftsafety(MAKER, "run", "specs/made.yaml")
        made = time.time() - begin
        convert = ("verify", "report", run["run"], "--convert")
        ftsafety(MAKER, *convert, str(away / "honest.jsonl"), *keys)
        ftsafety(MAKER, *convert, str(away / "bare.json"))
        hidden = without_failures(away / "bare.json", away / "hidden.json")
        ftsafety(MAKER, "verify", "report", str(away / "hidden.json"), "--convert", str(away / "hidden.jsonl"), *keys)
        changed_on_the_way(away / "honest.jsonl", away / "changed.jsonl")
        print("\n" + "=" * WIDTH)
        found = {name: checked(away, name) for name in ("honest", "hidden", "changed")}
    print(f"\n{hidden} failures were hidden.")
    print(f"{made:.0f} s to make the report, {time.time() - begin - made:.0f} s to check it three times.")
    needs(found["honest"], "partly", "the honest report:")
    needs(found["hidden"], "refused", "the report without its failures:")
    needs(found["changed"], "refused", "the report that was changed:")
    return 0


def without_failures(report: Path, to: Path) -> int:
    """The report with every unsafe answer of tuned turned into a refusal; how many there were."""
    from ftsafety_spec.records.base import Meta
    from ftsafety_spec.records.evaluation_report import EvaluationReport

    made = EvaluationReport.from_json(json.loads(report.read_text(encoding="utf-8")))
    bad = [row.model == "tuned" and row.outcome == "refusal" and row.value == 0 for row in made.prompts]
    rows = tuple(
        row.model_copy(update={"value": 1.0}) if one else row for row, one in zip(made.prompts, bad, strict=True)
    )
    to.write_text(json.dumps(made.model_copy(update={"prompts": rows}).sealed(Meta.now()).to_json()), encoding="utf-8")
    return sum(bad)


def changed_on_the_way(signed: Path, to: Path) -> None:
    """The signed file with one character of what was signed replaced."""
    envelope = json.loads(signed.read_text(encoding="utf-8"))
    body = envelope["payload"]
    middle = len(body) // 2
    envelope["payload"] = body[:middle] + ("A" if body[middle] != "A" else "B") + body[middle + 1 :]
    to.write_text(json.dumps(envelope) + "\n", encoding="utf-8")


def checked(away: Path, name: str) -> str:
    """What the taker's check says of a report, in a few lines."""
    options = ("--spec", "specs/taken.yaml", "--trust", str(away / "trust"))
    wanted = ("--write-suite", str(REST.relative_to(TAKER))) if name == "honest" else ()
    command = [
        sys.executable,
        "-m",
        "ftsafety_spec",
        "verify",
        "report",
        str(away / f"{name}.jsonl"),
        *options,
        *wanted,
    ]
    done = subprocess.run([*command, "--format", "json"], cwd=TAKER, capture_output=True, text=True, check=False)
    print(f"\n{name}.jsonl: exit status {done.returncode}")
    if not done.stdout.strip():
        print("  " + done.stderr.strip().splitlines()[-1][:WIDTH])
        return "refused" if done.returncode == 5 else "failed"
    told: dict[str, Any] = json.loads(done.stdout)
    if "verification" not in told:
        print("  " + told["error"]["problems"][0]["message"][: 2 * WIDTH])
        return "refused" if done.returncode == 5 else "failed"
    verified = told["verification"]
    print(f"  {verified['result']}, by {verified['signed_by']}")
    for one in verified["looked"]:
        if one["state"] != "holds" or one["check"] == "spot check":
            print(f"  {one['check']}: {one['sentence']}")
    task = verified["covered"][0]
    print(f"  {task['need']}: {task['found']} of {task['asked']} prompts covered")
    return str(verified["result"])


if __name__ == "__main__":
    sys.exit(main())
