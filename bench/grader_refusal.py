"""How well the offline refusal graders agree with labels, and how fast they are; writes nothing.

    FTSAFETY_DATA=DIR python bench/grader_refusal.py [--more DIR]

The classifier is read out of fold: each model's answers by weights learnt from the other two models, or each type of
prompt by weights learnt from the other types. The rules are as shipped; their phrases were written with a look at the
answers of Llama 2 and Mistral. `--more`: a folder with the two files of HELD_OUT, which nothing was built on; they are
read by the shipped weights, and by weights that know no model of their family. Recorded outputs carry automatic labels
on full answers of which 240 characters are left. Prints counts and rates only: never a prompt, never an answer."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from refusal_scores import READINGS, Answer, by_sureness, figures
from train_refusal_classifier import ANSWERS, LABELS, Floats, Model, Row, labelled, probabilities, rows_of, train

from ftsafety_spec.graders.refusal_classifier import classify_refusal
from ftsafety_spec.graders.refusal_classifier_weights import CLASSES
from ftsafety_spec.graders.refusal_reading import RefusalReading, read_refusal

TUNED_ON = ("llama2orig", "mistralinstruct")
FAMILY = {"llama2new": "llama2orig", "mistralguard": "mistralinstruct"}
HELD_OUT = {  # github.com/paul-rottger/exaggerated-safety at d7bb5bd, model_completions/xstest_v2_completions_*.csv
    "llama2new": "6365cc55ce0a593c7ab8785853d02784be027d97199d4077912b4313cd010099",
    "mistralguard": "0ac03817b65e019a8f5b4b3eed805086f9f7fafe538ac9ebd156f80210af6903",
}
Reader = Callable[[str, str, bool], RefusalReading]
READERS: dict[str, Reader] = {"rules": read_refusal, "classifier": classify_refusal}

Pair = tuple[str, float | None]


def xstest(data: Path, model: str) -> Iterator[Pair]:
    """(people's label, the rules' reading) of each labelled answer of a model."""
    for prompt, completion, label in _table(data, model):
        yield label, read_refusal(completion, prompt).value


def recorded(path: Path, reader: Reader = read_refusal, label: str = "substring_jailbroken") -> Iterator[Pair]:
    """(automatic label, a reading) of each recorded answer; all were cut to 240 characters. `label`: the column that
    says that an answer was no refusal (substrings) or that it was unsafe (Llama Guard 2)."""
    for row in map(json.loads, path.read_text("utf-8").splitlines()):
        yield ("not refused" if row[label] else "refused"), reader(row["response"], row["prompt"], True).value


def agreement(pairs: Sequence[Pair]) -> float:
    """The share of answers that a label and a reading both call refused, or both do not."""
    return sum((label == "refused") == (value == 1.0) for label, value in pairs) / len(pairs)


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


def by_rules(rows: Sequence[Row]) -> list[Answer]:
    """The rules' readings of labelled rows."""
    return [Answer(row.prompt, CLASSES[row.label], row.rules, None) for row in rows]


def by_weights(model: Model, rows: Sequence[Row]) -> list[Answer]:
    """A trained model's readings of labelled rows; what it leaves to the rules is as they read it."""
    return [_answer(row, found) for row, found in zip(rows, probabilities(model, rows), strict=True)]


def left_out(rows: Sequence[Row], by: Callable[[Row], str]) -> list[Answer]:
    """Readings of all rows, each by weights that its model, or its type, was left out of; in the order of `rows`."""
    found: dict[int, Answer] = {}
    for name in sorted({by(row) for row in rows}):
        mine = [n for n, row in enumerate(rows) if by(row) == name]
        model = train([row for row in rows if by(row) != name])
        found.update(zip(mine, by_weights(model, [rows[n] for n in mine]), strict=True))
    return [found[n] for n in range(len(rows))]


def held_out(folder: Path, model: str) -> list[Row]:
    """The labelled answers of a model that nothing was built on. Raises ValueError where the file is another."""
    content = (folder / f"xstest_v2_completions_{model}.csv").read_bytes()
    if hashlib.sha256(content).hexdigest() != HELD_OUT[model]:
        raise ValueError(f"the labelled answers of {model} are not the pinned ones")
    return rows_of(content, model)


def seconds(data: Path, name: str) -> float:
    """CPU seconds of one core for 10,000 answers: the best of three rounds over the labelled ones."""
    rows, reader = [row for model in ANSWERS for row in _table(data, model)], READERS[name]
    rounds = []
    for _ in range(3):
        began = time.process_time()
        for prompt, completion, _label in rows:
            reader(completion, prompt, False)
        rounds.append((time.process_time() - began) / len(rows) * 10_000)
    return min(rounds)


def _table(data: Path, model: str) -> list[tuple[str, str, str]]:
    path = data / "graders/xstest_human" / f"xstest_v2_completions_{model}_gpteval.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        return [(row["prompt"], row["completion"], row["final_label"]) for row in csv.DictReader(handle)]


def _answer(row: Row, found: Floats) -> Answer:
    if not row.learnt:
        return Answer(row.prompt, CLASSES[row.label], row.rules, None)
    return Answer(row.prompt, CLASSES[row.label], CLASSES[int(found.argmax())], float(found.max()))


def _line(title: str, grader: str, answers: Sequence[Answer]) -> None:
    shown = "  ".join(f"{name} {figure}" for name, figure in figures(answers).items())
    print(f"{title:<34}{grader:<12}n {len(answers):>5}  {shown}")


def _both(title: str, rows: Sequence[Row], ours: Sequence[Answer]) -> None:
    _line(title, "rules", by_rules(rows))
    _line("", "classifier", ours)


def _confusion(answers: Sequence[Answer]) -> None:
    counts = Counter((answer.label, answer.value) for answer in answers)
    print(f"  {'label':<20}" + "".join(f"{'unscored' if value is None else value:>10}" for value in READINGS))
    for name, place in LABELS.items():
        print(f"  {name:<20}" + "".join(f"{counts[CLASSES[place], value]:>10}" for value in READINGS))


def on_people(data: Path) -> list[Row]:
    """Both graders against people: by model left out, by type left out; how far `sure` can be trusted."""
    rows = [row for model in ANSWERS for row in labelled(data, model)]
    models, types = left_out(rows, lambda row: row.model), left_out(rows, lambda row: row.type)
    for title, ours in (("one model left out", models), ("one type of prompt left out", types)):
        print(f"\nXSTest, people's labels; classifier with {title}")
        for model in ANSWERS:
            mine = [n for n, row in enumerate(rows) if row.model == model]
            _both(model, [rows[n] for n in mine], [ours[n] for n in mine])
        _both("all", rows, ours)
    print("\nclassifier, one model left out:")
    _confusion(models)
    print("\n".join(f"  {line}" for line in by_sureness(models)))
    return rows


def on_more(folder: Path, rows: Sequence[Row]) -> None:
    """Both graders on models that nothing was built on."""
    print("\nXSTest, people's labels; models that nothing was built on")
    shipped, every = train(rows), [(model, held_out(folder, model)) for model in HELD_OUT]
    for model, more in every:
        _both(model, more, by_weights(shipped, more))
        other = train([row for row in rows if row.model != FAMILY[model]])
        _line("", "  no family", by_weights(other, more))
    both = [row for _, more in every for row in more]
    _both("both", both, by_weights(shipped, both))


def on_recorded(data: Path) -> None:
    """Both graders against the automatic labels of the recorded outputs."""
    print("\nJailbreakBench, recorded outputs; automatic labels of the full answers: refusal substrings, Llama Guard 2")
    for path in sorted((data / "recorded_outputs").glob("*.jsonl")):
        if "harmless" in path.name:
            continue
        for name, reader in READERS.items():
            pairs, guard = list(recorded(path, reader)), list(recorded(path, reader, "llamaguard2_unsafe"))
            rate = sum(value == 1.0 for _, value in pairs) / len(pairs)
            print(
                f"{path.stem:<34}{name:<12}n {len(pairs):>5}  read as refused {rate:.3f}  "
                f"agreement: substrings {agreement(pairs):.3f}, Llama Guard 2 {agreement(guard):.3f}"
            )


def main() -> None:
    """Print all tables, and the speed on one core."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--more", type=Path, help="folder with the answers of HELD_OUT")
    options, data = parser.parse_args(), Path(os.environ["FTSAFETY_DATA"])
    rows = on_people(data)
    if options.more:
        on_more(options.more, rows)
    on_recorded(data)
    print()
    for name in READERS:
        print(f"{name}: {seconds(data, name):.1f} s CPU for 10,000 answers")


if __name__ == "__main__":
    main()
