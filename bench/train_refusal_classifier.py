"""Train `ftsafety/refusal_classifier`: `FTSAFETY_DATA=DIR python bench/train_refusal_classifier.py [--write]`.

Trained on people's labels of three models' XSTest answers (Röttger et al. 2024; github.com/paul-rottger/
exaggerated-safety at d7bb5bd, labels CC BY 4.0) and on answers written for it (`refusal_written.json`). Weights and
temperature come from the training rows alone, the temperature by leaving out one of their models; families of cues and
penalties were settled beforehand, with all three models in view. Labels by GPT-4 or by string match are never read.
Without --write it compares with the shipped file and writes nothing."""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ftsafety_spec.graders.refusal_classifier import left_to_rules
from ftsafety_spec.graders.refusal_classifier_features import Features, features
from ftsafety_spec.graders.refusal_classifier_weights import BRANCHES, CLASSES, branch_of
from ftsafety_spec.graders.refusal_reading import MOST, read_refusal
from ftsafety_spec.graders.refusal_steering import without_verdicts

HERE = Path(__file__).parent
SHIPPED = HERE.parent / "ftsafety_spec/graders/data/refusal_classifier.json"
WRITTEN = "written"
ANSWERS = {  # model → sha256 of its file in graders/xstest_human
    "gpt4": "ba3b1e79ace763998ecdb48bbec70e3a4d763d8402cbb740f58ed6d275fc324a",
    "llama2orig": "a918c4d0c7355da5c80ce73dd7bc79b20422148b265851afe1e53c08e472ce48",
    "mistralinstruct": "68adba2f51206f6ef30d3f5d755ef5e3f550b738b6f269220fca4067eb513794",
}
LABELS = {"1_full_compliance": 0, "3_partial_refusal": 1, "2_full_refusal": 2}
OURS = {"compliance": 0, "partial": 1, "refusal": 2}
EACH = 64  # written answers of one entry, at most
SHARE = 0.2  # weight of all written answers against all labelled ones
LEAST = 5  # answers that a feature must occur in
PENALTY = {"refused": 0.03, "other": 0.003}
WIDE = {
    "refused": False,
    "other": True,
}  # whether families of cues count: in refusals they mark a model, not partiality

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Row:
    """One labelled answer as the classifier sees it. `label`: index into CLASSES; `rules`: the rules' value; `learnt`:
    whether the classifier reads such answers, and does not leave them to the rules; all of them are trained on."""

    model: str
    type: str
    prompt: str
    label: int
    rules: float | None
    learnt: bool
    seen: Features

    @property
    def branch(self) -> str:
        """Which regression reads it."""
        return branch_of(self.rules)


@dataclass(frozen=True)
class Fitted:
    """A regression: its features in order, (features + 1) × 3 weights with the bias last, its temperature."""

    names: tuple[str, ...]
    weights: Floats
    temperature: float = 1.0

    def scores(self, rows: Sequence[Row]) -> Floats:
        """n × 3, before the temperature."""
        return np.asarray(matrix(rows, self.names) @ self.weights)


Model = dict[str, Fitted]


def labelled(data: Path, model: str) -> list[Row]:
    """The people's labels of one model's answers. Raises ValueError where the file is another."""
    content = (data / "graders/xstest_human" / f"xstest_v2_completions_{model}_gpteval.csv").read_bytes()
    if hashlib.sha256(content).hexdigest() != ANSWERS[model]:
        raise ValueError(f"the labelled answers of {model} are not the pinned ones")
    return rows_of(content, model)


def rows_of(content: bytes, model: str) -> list[Row]:
    """The rows of one file of labelled answers."""
    table = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    return [_row(model, row["type"], row["prompt"], row["completion"], LABELS[row["final_label"]]) for row in table]


@cache
def written() -> tuple[Row, ...]:
    """The answers that were written for training: each entry's combinations, evenly spaced."""
    rows = []
    for entry in json.loads((HERE / "refusal_written.json").read_text("utf-8"))["entries"]:
        answers = ["".join(parts) for parts in product(*entry["parts"])]
        count = min(EACH, len(answers))
        for n in range(count):
            prompt = entry["prompts"][n % len(entry["prompts"])]
            rows.append(_row(WRITTEN, entry["name"], prompt, answers[n * len(answers) // count], OURS[entry["label"]]))
    return tuple(rows)


def _row(model: str, kind: str, prompt: str, answer: str, label: int) -> Row:
    reading = read_refusal(answer, prompt)
    learnt = reading.value is not None and not left_to_rules(reading)
    return Row(
        model, kind, prompt, label, reading.value, learnt, features(without_verdicts(answer[:MOST]), prompt, reading)
    )


def train(rows: Sequence[Row]) -> Model:
    """A model from labelled rows of two models or more, with the written answers beside them."""
    return {name: _branch([row for row in rows if row.branch == name], name) for name in BRANCHES}


def probabilities(model: Model, rows: Sequence[Row]) -> Floats:
    """n × 3 calibrated probabilities."""
    found = np.zeros((len(rows), len(CLASSES)))
    for name, fitted in model.items():
        mine = [n for n, row in enumerate(rows) if row.branch == name]
        if mine:
            found[mine] = softmax(fitted.scores([rows[n] for n in mine]) / fitted.temperature)
    return found


def _branch(rows: Sequence[Row], name: str) -> Fitted:
    """The regression of all rows; its temperature by the log loss of models left out."""
    own = [row for row in written() if row.branch == name]
    labels = np.array([row.label for row in rows])
    names, weights = _fit(rows, own, name)
    return Fitted(names, weights, _temperature(_left_out(rows, own, name), labels))


def _left_out(rows: Sequence[Row], own: Sequence[Row], branch: str) -> Floats:
    """Scores of each row by a regression that its model was left out of."""
    scores = np.zeros((len(rows), len(CLASSES)))
    for model in sorted({row.model for row in rows}):
        mine = [n for n, row in enumerate(rows) if row.model == model]
        names, weights = _fit([row for row in rows if row.model != model], own, branch)
        scores[mine] = matrix([rows[n] for n in mine], names) @ weights
    return scores


def _fit(rows: Sequence[Row], own: Sequence[Row], branch: str) -> tuple[tuple[str, ...], Floats]:
    """Multinomial logistic regression with a quadratic penalty on everything but the bias."""
    every = [*rows, *own]
    counts = Counter(name for row in every for name, value in row.seen.items() if value)
    names = tuple(sorted(name for name, count in counts.items() if count >= LEAST and (WIDE[branch] or _narrow(name))))
    weight = np.concatenate([np.full(len(rows), 1 / len(rows)), np.full(len(own), SHARE / max(len(own), 1))])
    table, labels = matrix(every, names), np.array([row.label for row in every])
    return names, regression(table, labels, weight / weight.sum(), PENALTY[branch])


def _narrow(name: str) -> bool:
    return name.rpartition(" ")[2] not in ("1", "anywhere") or name == "contradicts 1"


def matrix(rows: Sequence[Row], names: Sequence[str]) -> Floats:
    """n × (features + 1), the last column ones."""
    table = np.ones((len(rows), len(names) + 1))
    for n, row in enumerate(rows):
        table[n, :-1] = [row.seen.get(name, 0.0) for name in names]
    return table


def regression(table: Floats, labels: Ints, weight: Floats, penalty: float) -> Floats:
    """(features + 1) × 3 weights that minimise the weighted log loss plus penalty / 2 × their squares."""
    shape, target = (table.shape[1], len(CLASSES)), np.eye(len(CLASSES))[labels]
    free = np.ones((shape[0], 1))
    free[-1] = 0.0

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(shape)
        found = softmax(table @ weights)
        value = -float(weight @ np.log(found[np.arange(len(labels)), labels] + 1e-12))
        slope = table.T @ (weight[:, None] * (found - target)) + penalty * free * weights
        return value + penalty / 2 * float((free * weights**2).sum()), slope.ravel()

    found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return np.asarray(found.x.reshape(shape))


def softmax(scores: Floats) -> Floats:
    """Row-wise."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def log_losses(scores: Floats, labels: Ints) -> Floats:
    """The negative log probability of each label."""
    return np.asarray(-np.log(softmax(scores)[np.arange(len(labels)), labels] + 1e-12))


def _temperature(scores: Floats, labels: Ints) -> float:
    grid = np.round(np.arange(0.5, 4.01, 0.05), 2)
    return float(min(grid, key=lambda each: float(log_losses(scores / each, labels).mean())))


def content(model: Model) -> dict[str, Any]:
    """What is shipped: names to rounded weights."""
    return {
        "about": "Weights of ftsafety/refusal_classifier, written by bench/train_refusal_classifier.py",
        "trained_on": ANSWERS,
        "branches": {name: _entry(fitted) for name, fitted in model.items()},
    }


def _entry(fitted: Fitted) -> dict[str, Any]:
    rows = [[round(float(value), 5) for value in row] for row in fitted.weights]
    return {
        "temperature": fitted.temperature,
        "bias": rows[-1],
        "weights": dict(zip(fitted.names, rows[:-1], strict=True)),
    }


def difference(one: dict[str, Any], other: dict[str, Any]) -> float:
    """The largest difference of two contents' numbers; infinite where their names differ."""
    first, second = (dict(_numbers(each["branches"])) for each in (one, other))
    if first.keys() != second.keys():
        return float("inf")
    return max(abs(first[key] - second[key]) for key in first)


def _numbers(branches: dict[str, Any]) -> Iterable[tuple[tuple[str, str, int], float]]:
    for branch, entry in branches.items():
        yield (branch, "temperature", 0), entry["temperature"]
        for name, row in [("bias", entry["bias"]), *entry["weights"].items()]:
            yield from (((branch, name, n), value) for n, value in enumerate(row))


def retrained(data: Path) -> dict[str, Any]:
    """The content that the pinned answers give."""
    return content(train([row for model in ANSWERS for row in labelled(data, model)]))


def main() -> None:
    """Retrain; write, or compare with what is shipped."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the shipped file")
    found = retrained(Path(os.environ["FTSAFETY_DATA"]))
    if parser.parse_args().write:
        SHIPPED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"largest difference from the shipped file: {difference(found, json.loads(SHIPPED.read_bytes())):.1e}")


if __name__ == "__main__":
    main()
