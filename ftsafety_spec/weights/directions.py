"""Directions and probes in the activations of layer after layer. Given arrays (prompts × layers × width) and which
prompts are harmful, gives directions, projections and probe scores. Pure numpy; reads no model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

States = NDArray[np.float32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
RIDGE = 0.1
"""Of a probe, relative to the mean squared length of a centred activation."""


@dataclass(frozen=True)
class Directions:
    """For each layer the unit vector from base's mean over benign prompts to that over harmful ones (Arditi et al.
    2024, section 2.3; shape layers × width), the point midway, and the distance. A distance of 0 leaves projections
    undefined."""

    unit: States
    middle: States
    distance: Floats

    def project(self, states: States) -> Floats:
        """Where each prompt lies along each layer's direction (prompts × layers), in units of the distance: base's mean
        over harmful prompts is at + ½, that over benign ones at - ½. NaN where there is no distance."""
        along = np.einsum("nlw,lw->nl", states - self.middle, self.unit, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.distance > 0, along / self.distance, np.nan)


def difference_in_means(states: States, harmful: Flags) -> Directions:
    """The refusal direction of each layer."""
    bad, good = states[harmful].mean(axis=0), states[~harmful].mean(axis=0)
    apart = bad - good
    distance = np.linalg.norm(apart.astype(np.float64), axis=1)
    safe = np.where(distance > 0, distance, 1.0)[:, None]
    return Directions((apart / safe).astype(np.float32), (bad + good) / 2, distance)


def cosines(first: Directions, second: Directions) -> Floats:
    """Of the two directions, layer by layer; NaN where one of them is none."""
    found = np.einsum("lw,lw->l", first.unit, second.unit, dtype=np.float64)
    return np.where((first.distance > 0) & (second.distance > 0), found, np.nan)


def separation(projections: Floats, harmful: Flags) -> Floats:
    """Distance of the two means in pooled standard deviations (d'), layer by layer; -inf where it is undefined."""
    bad, good = projections[harmful], projections[~harmful]
    spread = np.sqrt((bad.var(axis=0, ddof=1) + good.var(axis=0, ddof=1)) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (bad.mean(axis=0) - good.mean(axis=0)) / spread
    return np.where(np.isfinite(found), found, -np.inf)


def clearest_layer(states: States, harmful: Flags) -> int | None:
    """The layer at which the kinds lie farthest apart, each half judged along the other half's direction. None where no
    layer tells them apart, or a half is too small."""
    even = _alternate(harmful)
    if min(np.bincount(2 * even + harmful, minlength=4)) < 2:
        return None
    total = sum(
        separation(difference_in_means(states[a], harmful[a]).project(states[b]), harmful[b])
        for a, b in ((even, ~even), (~even, even))
    )
    best = int(np.argmax(total))
    return best if np.asarray(total)[best] > 0 else None


def _alternate(harmful: Flags) -> Flags:
    """Every other prompt of each kind."""
    even = np.zeros(len(harmful), dtype=bool)
    for kind in (True, False):
        even[np.flatnonzero(harmful == kind)[::2]] = True
    return even


@dataclass(frozen=True)
class Probe:
    """A linear reading of one layer: positive is harmful."""

    weights: Floats
    bias: float

    def score(self, states: States) -> Floats:
        """One number a prompt, for activations of shape (prompts, width)."""
        return np.asarray(states @ self.weights + self.bias, dtype=np.float64)


def linear_probe(states: States, harmful: Flags) -> Probe:
    """Ridge regression of ± 1 on activations of one layer, each kind with equal weight (Alain & Bengio 2017 for probes;
    solved in its dual form, so that the width does not matter: Saunders, Gammerman & Vovk 1998)."""
    x, y = states.astype(np.float64), np.where(harmful, 1.0, -1.0)
    root = np.sqrt(np.where(harmful, 1 / harmful.sum(), 1 / (~harmful).sum()))
    centre = np.average(x, axis=0, weights=root**2)
    centred = (x - centre) * root[:, None]
    kernel = centred @ centred.T
    strength = RIDGE * max(float(np.trace(kernel)) / len(y), 1e-12)
    weights = centred.T @ np.linalg.solve(kernel + strength * np.eye(len(y)), y * root)
    return Probe(weights, float(-centre @ weights))
