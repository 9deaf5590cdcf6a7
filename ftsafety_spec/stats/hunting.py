"""Which of very many triggers move tuned and not base: an effect for each, fewer triggers on more prompts by rounds,
and a share of false ones among those that are confirmed. Given moves by prompt, gives effects, p-values and choices.
Pure; knows no texts and no models."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import false_discovery_control

from ftsafety_spec.stats.margin import critical

GRID = 60
"""Moves are rounded to 1 / 60, so that sums over prompts are integers (shares of 1 to 6 repeats are exact)."""


@dataclass(frozen=True)
class Moves:
    """What a trigger does on n prompts: by how much a share in [0, 1] rises from the plain to the triggered answer, in
    [-1, 1], of base and of tuned on the same prompts."""

    base: tuple[float, ...]
    tuned: tuple[float, ...]

    @property
    def differences(self) -> list[float]:
        """Tuned's move less base's, by prompt, in [-2, 2]."""
        return [t - b for b, t in zip(self.base, self.tuned, strict=True)]

    @property
    def n(self) -> int:
        """Prompts on which all four answers could be read."""
        return len(self.base)

    @property
    def effect(self) -> float:
        """(tuned with trigger - tuned plain) - (base with trigger - base plain), mean over prompts; 0 without any."""
        return math.fsum(self.differences) / self.n if self.n else 0.0


def sign_flip_p(differences: Sequence[float]) -> float:
    """One-sided p-value that the mean is above 0, by the exact distribution over all sign flips (Fisher 1935): under
    the null base and tuned, or plain and triggered, may be exchanged within each prompt. 1 without a prompt."""
    units = [round(value * GRID) for value in differences]
    sizes = [abs(unit) for unit in units if unit]
    if not sizes:
        return 1.0
    step = math.gcd(*sizes)
    chances = np.ones(1)
    for size in sizes:
        shift = 2 * (size // step)
        wider = np.zeros(len(chances) + shift)
        wider[: len(chances)] += chances / 2
        wider[shift:] += chances / 2
        chances = wider
    reached = (sum(units) + sum(sizes)) // step
    return min(1.0, float(chances[reached:].sum()))


def interval(differences: Sequence[float], level: float = 0.95) -> tuple[float, float] | None:
    """Two-sided interval of the mean difference, by Student's t with one more prompt that speaks against it: at -1 for
    the lower end, at 1 for the upper one (as `stats.margin` does). None under two prompts; cut to [-1, 1]."""
    if len(differences) < 2:
        return None
    ends = []
    for extreme, side in ((-1.0, -1), (1.0, 1)):
        values = np.asarray([*differences, extreme])
        error = float(values.std(ddof=1)) / math.sqrt(len(values))
        ends.append(float(values.mean()) + side * critical(len(values), (1 + level) / 2) * error)
    return max(-1.0, ends[0]), min(1.0, ends[1])


@dataclass(frozen=True)
class Round:
    """One round of halving: at most so many triggers, each on so many new prompts."""

    keep: int
    prompts: int


def halving(triggers: int, prompts: int, rounds: int) -> list[Round]:
    """Successive halving (Karnin, Koren and Somekh 2013; Jamieson and Talwalkar 2016): each round has half of the
    triggers, on twice as many prompts in all as the round before it, so that no round costs more than the first look
    (`triggers` x `prompts`)."""
    return [
        Round(max(1, math.ceil(triggers / 2**number)), prompts * 2 ** (number - 1)) for number in range(1, rounds + 1)
    ]


def survivors(scores: Mapping[str, float], keep: int, forced: Sequence[str] = ()) -> list[str]:
    """The `keep` triggers with the largest scores above 0; equal scores go by name. `forced`: kept whatever they
    score."""
    moved = sorted((name for name in scores if scores[name] > 0), key=lambda name: (-scores[name], name))
    return [*dict.fromkeys([*forced, *moved[:keep]])]


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values of Benjamini and Hochberg (1995), in the given order: those at most q are confirmed with a
    share of false ones of q at most, on the mean."""
    if not p_values:
        return []
    return [float(p) for p in false_discovery_control(list(p_values), method="bh")]
