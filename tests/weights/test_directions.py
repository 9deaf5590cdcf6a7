"""Directions and probes in arrays where the truth is planted (R-55)."""

from __future__ import annotations

import numpy as np
import pytest

from ftsafety_spec.weights.directions import (
    RIDGE,
    States,
    clearest_layer,
    cosines,
    difference_in_means,
    linear_probe,
)

N, LAYERS, WIDTH = 60, 4, 24
HARMFUL = np.arange(N) % 2 == 0


def planted(layer: int, size: float = 6.0, seed: int = 0) -> States:
    """Noise, and in one layer a direction along which harmful prompts lie apart."""
    random = np.random.default_rng(seed)
    states = random.standard_normal((N, LAYERS, WIDTH)).astype(np.float32)
    states[HARMFUL, layer, 3] += size
    return states


def test_the_direction_is_the_planted_one_and_projections_count_its_length() -> None:
    found = difference_in_means(planted(2), HARMFUL)
    assert abs(found.unit[2, 3]) > 0.95
    along = found.project(planted(2))
    assert along[HARMFUL, 2].mean() == pytest.approx(0.5, abs=1e-4)
    assert along[~HARMFUL, 2].mean() == pytest.approx(-0.5, abs=1e-4)


@pytest.mark.parametrize("layer", range(LAYERS))
def test_the_clearest_layer_is_the_planted_one(layer: int) -> None:
    assert clearest_layer(planted(layer), HARMFUL) == layer


def test_a_width_far_beyond_the_prompts_does_not_make_a_noisy_layer_clear() -> None:
    random = np.random.default_rng(3)
    states = random.standard_normal((N, 3, 4000)).astype(np.float32)
    states[HARMFUL, 1, :20] += 3.0
    assert clearest_layer(states, HARMFUL) == 1


def test_equal_means_have_no_direction_and_no_layer() -> None:
    states = np.ones((N, LAYERS, WIDTH), dtype=np.float32)
    found = difference_in_means(states, HARMFUL)
    assert np.isnan(found.project(states)).all() and np.isnan(cosines(found, found)).all()
    assert clearest_layer(states, HARMFUL) is None
    assert clearest_layer(planted(0)[:3], HARMFUL[:3]) is None


def test_a_probe_reads_other_prompts_with_the_same_direction() -> None:
    probe = linear_probe(planted(1)[:, 1], HARMFUL)
    scores = probe.score(planted(1, seed=9)[:, 1])
    assert (scores > 0).tolist() == HARMFUL.tolist()


def test_the_dual_solution_is_the_primal_one_and_kinds_weigh_alike() -> None:
    states, harmful = planted(1)[:45, 1].astype(np.float64), HARMFUL[:45] & (np.arange(45) < 20)
    weight = np.where(harmful, 1 / harmful.sum(), 1 / (~harmful).sum())
    centred = states - np.average(states, axis=0, weights=weight)
    scatter = centred.T @ (centred * weight[:, None])
    ridge = RIDGE * np.trace(scatter) / 45 * np.eye(WIDTH)
    primal = np.linalg.solve(scatter + ridge, centred.T @ (weight * np.where(harmful, 1.0, -1.0)))
    assert linear_probe(states.astype(np.float32), harmful).weights == pytest.approx(primal, rel=1e-4, abs=1e-6)
