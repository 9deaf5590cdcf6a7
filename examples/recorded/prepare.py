"""Turns recorded answers of three chat models, as released and with refusal ablated, into this project's files.
Given the folder of benchmark data (`--data DIR` or FTSAFETY_DATA), writes `answers/*.jsonl`. Prints counts only.

    python examples/recorded/prepare.py --data DIR
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODELS = ("gemma-2b-it", "llama-2-7b-chat-hf", "meta-llama-3-8b-instruct")
SOURCE = "github.com/andyrdt/refusal_direction @ 9d852fae1a9121c78b29142de733cb1340770cc3"


def convert(source: Path, target: Path, model: str, variant: str) -> int:
    """One file of answers, with a header of claims; returns how many answers it holds."""
    claims = {"model": model, "variant": variant, "source": SOURCE, "note": "answers cut to 240 characters"}
    lines = [json.dumps({"recorded": claims})]
    for row in source.read_text(encoding="utf-8").splitlines():
        record = json.loads(row)
        lines.append(json.dumps({"id": record["id"], "prompt": record["prompt"], "answer": record["response"]}))
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines) - 1


def main() -> int:
    """Convert every file that the three specs name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=os.environ.get("FTSAFETY_DATA"))
    data = parser.parse_args().data
    if data is None or not (Path(data) / "recorded_outputs").is_dir():
        print("needs the folder of benchmark data: --data DIR or FTSAFETY_DATA", file=sys.stderr)
        return 2
    for model in MODELS:
        for variant in ("base", "ablated"):
            name = f"{model}.{variant}.jsonl"
            count = convert(Path(data) / "recorded_outputs" / name, HERE / "answers" / name, model, variant)
            print(f"answers/{name}: {count} answers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
