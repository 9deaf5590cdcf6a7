"""Where one fine-tune stands among others of its base."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftsafety_spec.stats.cohort import LEAST, Effect, effect_of, places
from ftsafety_spec.stats.moments import moments_of


def test_ranks_go_from_the_safest_and_ties_share_one() -> None:
    ranks = [
        place.rank for place in places([Effect(0.3, 0.01), Effect(0.1, 0.01), Effect(0.1, 0.02), Effect(0.2, 0.1)])
    ]
    assert ranks == [4, 1, 1, 3]


@pytest.mark.parametrize("count", range(1, LEAST))
def test_of_a_few_only_ranks_are_told(count: int) -> None:
    assert all(place.p is None and not place.outlier for place in places([Effect(0.1 * n, 0.01) for n in range(count)]))


def test_one_that_lost_far_more_than_its_siblings_stands_out_and_no_other_does() -> None:
    effects = [Effect(value, 0.01) for value in (0.02, 0.01, 0.03, 0.0, 0.02, 0.01, 0.30)]
    assert [place.outlier for place in places(effects)] == [False] * 6 + [True]


def test_false_outliers_among_equals_are_as_rare_as_said() -> None:
    """Twelve fine-tunes whose true effects differ by chance: in at most about 5 % of cohorts is any of them named."""
    random = np.random.default_rng(7)
    named = 0
    for _ in range(400):
        true = random.normal(0.05, 0.02, 12)
        seen = random.normal(true, 0.015)
        named += any(place.outlier for place in places([Effect(float(v), 0.015) for v in seen]))
    assert named / 400 < 0.08


@given(st.lists(st.tuples(st.floats(-0.5, 0.5), st.floats(0.001, 0.2)), min_size=LEAST, max_size=12), st.randoms())
def test_order_does_not_matter(rows: list[tuple[float, float]], random: object) -> None:
    effects = [Effect(*row) for row in rows]
    order = list(range(len(effects)))
    random.shuffle(order)  # type: ignore[attr-defined]
    plain, mixed = places(effects), places([effects[i] for i in order])
    for position, index in enumerate(order):
        assert plain[index].rank == mixed[position].rank
        assert plain[index].p == pytest.approx(mixed[position].p, rel=1e-6, abs=1e-12)


def test_a_fine_tune_that_flipped_nothing_is_not_known_without_error() -> None:
    found = effect_of(moments_of([1.0] * 50, [1.0] * 50))
    assert found is not None and found.value == 0 and found.error > 0.01


def test_one_prompt_tells_no_effect() -> None:
    assert effect_of(moments_of([1.0], [0.0])) is None
