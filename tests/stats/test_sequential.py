"""Group-sequential levels: published boundaries, and the error actually spent."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from ftsafety_spec.stats.sequential import levels, spent

#: five equal looks, one-sided 0.025: Lan & DeMets' own program, as printed by Reboussin et al. (2000, Table 1 and 2)
PUBLISHED = {
    "obrien_fleming": (4.8769, 3.3569, 2.6803, 2.2898, 2.0310),
    "pocock": (2.4380, 2.4268, 2.4101, 2.3966, 2.3859),
}
FIFTHS = (0.2, 0.4, 0.6, 0.8, 1.0)


@pytest.mark.parametrize("spending", sorted(PUBLISHED))
def test_the_published_boundaries_are_met(spending: str) -> None:
    found = [-float(ndtri(level)) for level in levels(FIFTHS, 0.025, spending)]  # type: ignore[arg-type]
    assert found == pytest.approx(PUBLISHED[spending], abs=1e-3)


def test_one_look_at_the_end_uses_everything() -> None:
    for spending in ("obrien_fleming", "pocock", "linear"):
        assert levels((1.0,), 0.05, spending) == pytest.approx((0.05,), abs=1e-9)


@pytest.mark.parametrize("spending", ["obrien_fleming", "pocock", "linear"])
@pytest.mark.parametrize("looks", [FIFTHS, tuple(k / 10 for k in range(1, 11)), (0.05, 0.3, 0.31, 1.0)])
def test_the_error_over_all_looks_is_the_one_that_was_asked_for(spending: str, looks: tuple[float, ...]) -> None:
    bounds = -ndtri(np.array(levels(looks, 0.05, spending)))  # type: ignore[arg-type]
    steps = np.sqrt(np.diff(np.array((0.0, *looks))))
    walks = np.random.default_rng(11).standard_normal((200_000, len(looks))) * steps
    crossed = (walks.cumsum(axis=1) / np.sqrt(np.array(looks)) >= bounds).any(axis=1).mean()
    assert crossed == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 200_000))


@given(st.lists(st.integers(1, 100), min_size=1, max_size=8, unique=True), st.floats(0.001, 0.2))
def test_no_look_uses_more_than_alpha_and_none_is_free(hundredths: list[int], alpha: float) -> None:
    looks = [k / 100 for k in sorted(hundredths)]
    for level in levels(looks, alpha, "pocock"):
        assert 0.0 < level <= alpha + 1e-9


def test_spending_begins_at_nothing_and_ends_at_alpha() -> None:
    for spending in ("obrien_fleming", "pocock", "linear"):
        assert spent(0.0, 0.05, spending) == 0.0
        assert spent(1.0, 0.05, spending) == pytest.approx(0.05)
        assert spent(0.3, 0.05, spending) < spent(0.6, 0.05, spending)


@pytest.mark.parametrize("looks", [(), (0.0, 1.0), (0.5, 0.5), (0.6, 0.4), (0.5, 1.2)])
def test_looks_that_do_not_increase_are_refused(looks: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="increasing"):
        levels(looks, 0.05, "pocock")
