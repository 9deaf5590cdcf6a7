"""Areas under the ROC curve, and the change of one on the same items."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftsafety_spec.stats.ranks import auc, auc_change

SCORES = st.lists(st.integers(-3, 3), min_size=1, max_size=12)


@given(SCORES, SCORES)
def test_the_area_is_the_share_of_pairs_in_the_right_order(above: list[int], below: list[int]) -> None:
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in above for b in below]
    assert auc(above, below) == pytest.approx(np.mean(pairs))


def test_nothing_to_rank_is_no_area_and_no_change() -> None:
    assert auc([], [1.0]) is None and auc([1.0], []) is None
    assert auc_change(([], [1.0]), ([], [1.0])).value is None


def test_where_nothing_varies_there_is_no_interval() -> None:
    found = auc_change(([2, 3], [0, 1]), ([2, 3], [0, 1]))
    assert (found.value, found.interval, found.n) == (0.0, None, 4)


def test_the_interval_of_a_change_covers_the_truth_about_as_often_as_it_says() -> None:
    random, covered, runs = np.random.default_rng(1), 0, 400
    truth = 0.0  # two noisy scores, equally good
    for _ in range(runs):
        quality = np.concatenate([random.normal(1, 1, 40), random.normal(0, 1, 40)])
        one, other = quality + random.normal(0, 1, 80), quality + random.normal(0, 1, 80)
        found = auc_change((one[:40], one[40:]), (other[:40], other[40:]))
        assert found.interval is not None
        covered += found.interval[0] <= truth <= found.interval[1]
    assert 0.92 <= covered / runs <= 0.98
