"""Makes and measures the weights of ftsafety/toxicity: `FTSAFETY_DATA=DIR python bench/train_toxicity.py [--write]`.

Without `--write`: leave-one-target-group-out over the 6,514 human-annotated ToxiGen statements (`hate` where people's
mean score is above 3 of 5): every statement that mentions the group is held out, the rest is learnt from. Then answers
made of several held-out statements, and false alarms on answers that are not about groups, by the shipped weights. What
is marked * chose the settings (n-grams, mask of group names, idf, penalty, how statements make an answer) and is no
evidence; the threshold 0.5 was set before any figure and never moved.
With `--write`: learns from all statements and writes the weights. Prints counts and rates only, never a text."""

from __future__ import annotations

import argparse
import csv
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags
from scipy.stats import rankdata

from ftsafety_spec.catalog.data_door import read_json
from ftsafety_spec.catalog.toxigen import STATEMENTS
from ftsafety_spec.graders import toxicity_model
from ftsafety_spec.graders.toxicity import read_toxicity
from ftsafety_spec.graders.toxicity_features import BITS, buckets
from ftsafety_spec.graders.toxicity_model import THRESHOLD

PENALTY = 1e-4
DEVELOPMENT = ("jewish", "physical dis", "women", "gemma-2b-it.harmless", "XSTest safe, llama2orig")
OTHERS = (0, 1, 3, 6)
WEIGHTS = Path(toxicity_model.__file__).parent / toxicity_model.FILE


@dataclass(frozen=True)
class Labelled:
    """The annotated statements: buckets (n × 2^BITS, 0 or 1), toxic or not, and the groups that each one mentions."""

    filled: csr_matrix
    toxic: np.ndarray[Any, np.dtype[np.bool_]]
    groups: list[frozenset[str]]


@dataclass(frozen=True)
class Score:
    """One held-out group; rates in [0, 1]. `alarms`: share of its not toxic statements that were called toxic."""

    group: str
    n: int
    toxic: int
    auc: float
    accuracy: float
    alarms: float
    misses: float


def labelled(data: Path) -> Labelled:
    """All statements. Raises InputError FTS-121 or FTS-122."""
    rows = read_json(data, STATEMENTS)
    found = [buckets(row["text"]) for row in rows]
    starts = np.cumsum([0, *map(len, found)])
    ones = np.ones(starts[-1], dtype=np.float64)
    filled = csr_matrix((ones, np.concatenate(found).astype(np.int32), starts), shape=(len(rows), 1 << BITS))
    groups = [frozenset(row["target_groups"]) for row in rows]
    return Labelled(filled, np.array([row["label"] == "hate" for row in rows]), groups)


def learn(filled: csr_matrix, toxic: Any) -> toxicity_model.ToxicityModel:
    """L2-penalised logistic regression on l2-normalised, idf-weighted buckets, by L-BFGS from zero: no randomness.
    What is learnt is rounded to the precision that is shipped."""
    rows = filled.shape[0]
    idf = np.log((1 + rows) / (1 + np.asarray(filled.sum(0)).ravel())) + 1
    weighted = filled.multiply(idf).tocsr()
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1)).ravel())
    unit = diags(1 / np.maximum(length, 1e-9)) @ weighted
    sign = 2.0 * np.asarray(toxic, dtype=np.float64) - 1

    def loss(at: Any) -> tuple[float, Any]:
        margin = sign * (unit @ at[:-1] + at[-1])
        slope = sign / (1 + np.exp(np.clip(margin, -50, 50)))
        value = np.logaddexp(0, -margin).mean() + PENALTY / 2 * (at[:-1] @ at[:-1])
        return float(value), np.append(PENALTY * at[:-1] - (unit.T @ slope) / rows, -slope.mean())

    found = minimize(loss, np.zeros(filled.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 100}).x
    return toxicity_model.ToxicityModel(_rounded(found[:-1]), _rounded(idf), float(found[-1]))


def _rounded(numbers: Any) -> Any:
    return numbers.astype(np.float16).astype(np.float32)


def leave_one_group_out(held: Labelled) -> Iterator[Score]:
    """The score of each target group with at least 100 statements, by weights that saw none of them."""
    for group in sorted({group for groups in held.groups for group in groups}):
        out = np.array([group in groups for groups in held.groups])
        if out.sum() >= 100:
            model = learn(held.filled[~out], held.toxic[~out])
            yield _score(group, model, held.filled[out], held.toxic[out])


def _score(group: str, model: toxicity_model.ToxicityModel, filled: csr_matrix, toxic: Any) -> Score:
    said = np.array([model.log_odds(filled[row].indices) for row in range(filled.shape[0])])
    ranks, ones = rankdata(said), int(toxic.sum())
    auc = (ranks[toxic].sum() - ones * (ones + 1) / 2) / (ones * (len(toxic) - ones))
    called = said >= np.log(THRESHOLD / (1 - THRESHOLD))
    return Score(
        group=group,
        n=len(toxic),
        toxic=ones,
        auc=float(auc),
        accuracy=float((called == toxic).mean()),
        alarms=float(called[~toxic].mean()),
        misses=float((~called[toxic]).mean()),
    )


def made_answers(held: Labelled, data: Path, draws: int = 100) -> Iterator[tuple[int, float, float]]:
    """(number of other statements, share called toxic where one statement is, where none is), over answers that are
    drawn with a fixed seed from one held-out group, groups of DEVELOPMENT left out."""
    texts = [row["text"] for row in read_json(data, STATEMENTS)]
    rng = np.random.default_rng(0)
    called: dict[tuple[int, bool], list[bool]] = {(others, toxic): [] for others in OTHERS for toxic in (True, False)}
    for group in sorted({group for groups in held.groups for group in groups} - set(DEVELOPMENT)):
        out = np.array([group in groups for groups in held.groups])
        if out.sum() < 100:
            continue
        model = learn(held.filled[~out], held.toxic[~out])
        pools = {toxic: np.flatnonzero(out & (held.toxic == toxic)) for toxic in (True, False)}
        for (others, toxic), into in called.items():
            for _ in range(draws):
                rows = [rng.choice(pools[toxic]), *rng.choice(pools[False], others)]
                into.append(model.of_answer([texts[row] for row in rows]) >= THRESHOLD)
    for others in OTHERS:
        yield others, float(np.mean(called[others, True])), float(np.mean(called[others, False]))


def other_texts(data: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """(name, (prompt, answer) pairs) of answers to harmless requests, few of them about ToxiGen's groups."""
    for path in sorted((data / "recorded_outputs").glob("*.harmless.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        yield path.name.removesuffix(".jsonl"), [(row["prompt"], row["response"]) for row in rows]
    for path in sorted((data / "graders/xstest_human").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            rows = [row for row in csv.DictReader(handle) if not row["type"].startswith("contrast")]
        name = path.stem.removeprefix("xstest_v2_completions_").removesuffix("_gpteval")
        yield f"XSTest safe, {name}", [(row["prompt"], row["completion"]) for row in rows]


def print_groups(scores: list[Score]) -> None:
    """One line a group, development groups marked, then the means of the others."""
    print(f"{'held-out group':<17}{'n':>6}{'toxic':>7}{'AUC':>8}{'accuracy':>10}{'false alarms':>14}{'misses':>8}")
    for s in scores:
        name = s.group + (" *" if s.group in DEVELOPMENT else "")
        print(f"{name:<17}{s.n:>6}{s.toxic:>7}{s.auc:>8.3f}{s.accuracy:>10.3f}{s.alarms:>14.3f}{s.misses:>8.3f}")
    rest = [s for s in scores if s.group not in DEVELOPMENT]
    means = [float(np.mean([getattr(s, name) for s in rest])) for name in ("auc", "accuracy", "alarms", "misses")]
    print(f"{'mean without *':<30}{means[0]:>8.3f}{means[1]:>10.3f}{means[2]:>14.3f}{means[3]:>8.3f}")


def write(model: toxicity_model.ToxicityModel) -> None:
    """Write the weights as plain numbers."""
    np.savez_compressed(
        WEIGHTS, weights=model.weights.astype(np.float16), idf=model.idf.astype(np.float16), bias=np.float64(model.bias)
    )
    print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size} bytes")


def main() -> None:
    """Measure, or with --write make, the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="learn from all statements and write the weights")
    write_them = parser.parse_args().write
    data = Path(os.environ["FTSAFETY_DATA"])
    held = labelled(data)
    if write_them:
        write(learn(held.filled, held.toxic))
        return
    print_groups(list(leave_one_group_out(held)))
    print("\nanswers of one statement and so many not toxic ones, all of a held-out group, groups without *")
    print(f"{'others':<17}{'caught where one is toxic':>28}{'false alarms where none is':>28}")
    for others, caught, alarms in made_answers(held, data):
        print(f"{others:<17}{caught:>28.3f}{alarms:>28.3f}")
    print("\nanswers to harmless requests, shipped weights: called toxic / unscored / n")
    for name, pairs in other_texts(data):
        values = [read_toxicity(answer, prompt).value for prompt, answer in pairs]
        toxic, unscored = (values.count(value) / len(values) for value in (0.0, None))
        print(f"  {name + ' *' * (name in DEVELOPMENT):<38}{toxic:>7.3f}{unscored:>7.3f}{len(values):>6}")


if __name__ == "__main__":
    main()
