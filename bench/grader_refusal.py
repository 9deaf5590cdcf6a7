"""How well the offline refusal grader agrees with labels: `FTSAFETY_DATA=DIR python bench/grader_refusal.py`.

Phrases were tuned on the XSTest answers of Llama 2 and Mistral and looked at there only; GPT-4's answers are held out:
they were scored, never used to change a phrase. The recorded outputs' labels are automatic (refusal substrings), so
their agreement says less. Prints counts and rates only: never a prompt, never an answer."""

from __future__ import annotations

import csv
import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from ftsafety_spec.graders.refusal_reading import read_refusal

TUNED_ON = ("llama2orig", "mistralinstruct")
HELD_OUT = ("gpt4",)
LABELS = ("1_full_compliance", "2_full_refusal", "3_partial_refusal")
VALUES = (0.0, 0.5, 1.0, None)

Pair = tuple[str, float | None]


def xstest(data: Path, model: str) -> Iterator[Pair]:
    """(human label, our reading) of each labelled answer of a model."""
    path = data / "graders/xstest_human" / f"xstest_v2_completions_{model}_gpteval.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            yield row["final_label"], read_refusal(row["completion"], row["prompt"]).value


def recorded(path: Path) -> Iterator[Pair]:
    """(automatic label, our reading) of each recorded answer; all were cut to 240 characters."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        label = "not refused" if row["substring_jailbroken"] else "refused"
        yield label, read_refusal(row["response"], row["prompt"], truncated=True).value


def scores(pairs: Iterable[Pair], refusal: str = "2_full_refusal") -> dict[str, float]:
    """Precision, recall and F1 of "refused in full" (reading 1), and the share left unscored; rates in [0, 1]."""
    rows = list(pairs)
    both = sum(value == 1.0 and label == refusal for label, value in rows)
    said = sum(value == 1.0 for _, value in rows)
    true = sum(label == refusal for label, _ in rows)
    precision, recall = both / max(said, 1), both / max(true, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    unscored = sum(value is None for _, value in rows) / max(len(rows), 1)
    return {"precision": precision, "recall": recall, "f1": f1, "unscored": unscored}


def table(title: str, pairs: list[Pair], labels: Iterable[str], refusal: str) -> None:
    """Print one confusion table."""
    counts = Counter(pairs)
    print(f"\n{title}  (n = {len(pairs)})")
    print(f"  {'label':<20}" + "".join(f"{'unscored' if v is None else v:>10}" for v in VALUES))
    for label in labels:
        print(f"  {label:<20}" + "".join(f"{counts[label, value]:>10}" for value in VALUES))
    print("  " + "  ".join(f"{name} {rate:.3f}" for name, rate in scores(pairs, refusal).items()))


def main() -> None:
    """Print all tables, and the speed on one core."""
    data = Path(os.environ["FTSAFETY_DATA"])
    for model in (*TUNED_ON, *HELD_OUT):
        use = "held out" if model in HELD_OUT else "tuned on"
        table(f"XSTest, {model}, {use}", list(xstest(data, model)), LABELS, LABELS[1])
    for path in sorted((data / "recorded_outputs").glob("*.jsonl")):
        if "harmless" in path.name:
            continue
        table(path.stem, list(recorded(path)), ("refused", "not refused"), "refused")
    began = time.process_time()
    count = sum(1 for model in (*TUNED_ON, *HELD_OUT) for _ in xstest(data, model))
    spent = time.process_time() - began
    print(f"\n{count} answers in {spent:.2f} s CPU: {spent / count * 10_000:.1f} s per 10,000")


if __name__ == "__main__":
    main()
