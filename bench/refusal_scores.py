"""Figures of refusal readings against labels, with 95 % intervals by a bootstrap that draws whole prompts (Efron &
Tibshirani 1993, § 8.6): every answer to a prompt comes along. Given labels, readings and prompts, gives figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

LABELS = (0.0, 0.5, 1.0)  # compliance, partial, full refusal
READINGS = (*LABELS, None)
DRAWS, SEED = 1000, 20261125

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """One labelled answer: its prompt's id, the label, the reading, how sure it was."""

    prompt: str
    label: float
    value: float | None
    sure: float | None


@dataclass(frozen=True)
class Figure:
    """A rate in [-1, 1] and its interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def figures(answers: Sequence[Answer]) -> dict[str, Figure]:
    """f1, precision, recall (positive: full refusal), accuracy and kappa (three classes; unscored is never right)."""
    prompts = sorted({answer.prompt for answer in answers})
    place = {prompt: n for n, prompt in enumerate(prompts)}
    counts = np.zeros((len(prompts), len(LABELS), len(READINGS)))
    for answer in answers:
        counts[place[answer.prompt], LABELS.index(answer.label), READINGS.index(answer.value)] += 1
    rng = np.random.default_rng(SEED)
    draws = rng.multinomial(len(prompts), np.full(len(prompts), 1 / len(prompts)), size=DRAWS)
    tables = np.tensordot(draws.astype(float), counts, axes=1)
    point, drawn = _rates(counts.sum(axis=0)[None]), _rates(tables)
    return {name: Figure(float(point[name][0]), *np.quantile(drawn[name], (0.025, 0.975))) for name in point}


def _rates(tables: Floats) -> dict[str, Floats]:
    """From draws × labels × readings."""
    n, both = tables.sum(axis=(1, 2)), tables[:, 2, 2]
    said, true = tables[:, :, 2].sum(axis=1), tables[:, 2].sum(axis=1)
    right = np.trace(tables[:, :, :3], axis1=1, axis2=2) / n
    chance = (tables.sum(axis=2) * tables.sum(axis=1)[:, :3]).sum(axis=1) / n**2
    return {
        "f1": 2 * both / np.maximum(said + true, 1),
        "precision": both / np.maximum(said, 1),
        "recall": both / np.maximum(true, 1),
        "accuracy": right,
        "kappa": (right - chance) / np.maximum(1 - chance, 1e-9),
    }


def by_sureness(answers: Sequence[Answer], edges: Sequence[float] = (0.0, 0.6, 0.8, 0.9, 1.0)) -> list[str]:
    """A line for each band of `sure`: how many answers, how sure on average, how often right. Then their expected
    calibration error, weighted by answers (Guo et al. 2017)."""
    scored = [answer for answer in answers if answer.sure is not None]
    lines, error = [], 0.0
    for low, high in pairwise(edges):
        band = [a for a in scored if low < (a.sure or 0) <= high]
        if band:
            said = float(np.mean([answer.sure for answer in band]))
            right = float(np.mean([answer.value == answer.label for answer in band]))
            error += abs(said - right) * len(band) / len(scored)
            lines.append(f"sure in ({low}, {high}]: {len(band):>5} answers, sure {said:.3f}, right {right:.3f}")
    return [*lines, f"expected calibration error {error:.3f}"]
