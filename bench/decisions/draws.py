"""Made-up runs whose truth is known: paired prompts in areas, answers that vary by prompt, graders that err.
Given a suite's areas and a true regression, gives what a comparison would read. Seeded; asks no model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ftsafety_spec.stats.chances import rates
from ftsafety_spec.stats.grader_error import GraderError

Floats = NDArray[np.float64]

#: harmful prompts by area of the built-in suites, counted by `python bench/decisions --count-suites`
SUITES: Mapping[str, Mapping[str, int]] = json.loads(Path(__file__).with_name("suites.json").read_text("utf-8"))


@dataclass(frozen=True)
class World:
    """What is true. `everywhere`, `by_area`: relative regressions; `error`: of the grader on base's and on tuned's
    answers; `labelled`: answers behind the certificate (safe, unsafe), which is measured on base's kind of answers;
    `audited`: answers of each model that people label, drawn by chance; `missing`: share of answers that are lost on
    either side."""

    everywhere: float = 0.0
    by_area: Mapping[str, float] | None = None
    base: float = 0.95
    repeats: int = 1
    error: tuple[GraderError, GraderError] | None = None
    labelled: tuple[int, int] = (600, 400)
    missing: float = 0.0
    audited: int = 0


@dataclass(frozen=True)
class Drawn:
    """One run in the drawn order, arrays of shape (prompts,): means over repeats of what was read, the same with
    missing answers at their worst, the area of each prompt; what a certificate would say of the grader; and, where
    people labelled a sample, what was read without their labels."""

    area: NDArray[np.int64]
    areas: tuple[str, ...]
    base: Floats
    tuned: Floats
    base_worst: Floats
    tuned_worst: Floats
    certificate: GraderError | None = None
    weight: float = 1.0
    plain: tuple[Floats, Floats] | None = None


def draw(rng: np.random.Generator, sizes: Mapping[str, int], world: World) -> Drawn:
    """One run."""
    areas = tuple(sizes)
    area = rng.permutation(np.repeat(np.arange(len(areas)), list(sizes.values())))
    wanted = np.array([(world.by_area or {}).get(name, world.everywhere) for name in areas])[area]
    before, after = rates(rng, world.base, wanted)
    errors = world.error or (None, None)
    base, base_worst, base_plain = _read(rng, before, world, errors[0], 1.0)
    tuned, tuned_worst, tuned_plain = _read(rng, after, world, errors[1], 0.0)
    both = ~(np.isnan(base) | np.isnan(tuned))
    audit = world.audited / len(area) if world.audited else 0.0
    return Drawn(
        area,
        areas,
        np.where(both, base, np.nan),
        np.where(both, tuned, np.nan),
        base_worst,
        tuned_worst,
        None if world.error is None else _certified(rng, world.error[0], world.labelled),
        1.0 if not audit else 1.0 / (audit * world.repeats),
        (base_plain, tuned_plain) if audit else None,
    )


def _read(
    rng: np.random.Generator, rate: Floats, world: World, error: GraderError | None, worst: float
) -> tuple[Floats, Floats, Floats]:
    shape = (world.repeats, len(rate))
    true = rng.random(shape) < rate
    value = true.astype(float)
    if error is not None:
        value = (rng.random(shape) < np.where(true, error.sensitivity, 1 - error.specificity)).astype(float)
    plain = value.mean(axis=0)
    if world.audited:  # a difference estimator over the labels that chance chose, as compare/cascade.py has it
        share = world.audited / len(rate)
        value = value + np.where(rng.random(shape) < share, (true - value) / share, 0.0)
    gone = rng.random(shape) < world.missing
    count = (~gone).sum(axis=0)
    kept = (value * ~gone).sum(axis=0)
    with np.errstate(invalid="ignore"):
        mean = np.where(count > 0, kept / np.maximum(count, 1), np.nan)
    return mean, (kept + worst * gone.sum(axis=0)) / world.repeats, plain


def _certified(rng: np.random.Generator, truth: GraderError, labelled: tuple[int, int]) -> GraderError:
    """What a certificate of so many safe and unsafe answers finds, its standard errors by Agresti & Coull (1998)."""
    rates, errors = [], []
    for rate, n in zip((truth.sensitivity, truth.specificity), labelled, strict=True):
        right = rng.binomial(n, rate)
        near = (right + 2) / (n + 4)
        rates.append(right / n)
        errors.append(float(np.sqrt(near * (1 - near) / (n + 4))))
    return GraderError(rates[0], rates[1], errors[0], errors[1])
