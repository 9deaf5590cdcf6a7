"""Fleiss' kappa against its published example and its own limits."""

from __future__ import annotations

import pytest

from ftsafety_spec.stats.raters import fleiss_kappa

#: the 10 subjects, 14 raters and 5 classes that texts on Fleiss 1971 work through: kappa 0.210
EXAMPLE = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


def test_the_published_example_is_reproduced() -> None:
    agree, kappa = fleiss_kappa(EXAMPLE)
    assert agree == pytest.approx(0.378, abs=5e-4) and kappa == pytest.approx(0.210, abs=5e-4)


def test_of_two_raters_it_is_scott_s_pi() -> None:
    assert fleiss_kappa([[2, 0]] * 4 + [[1, 1]] * 2 + [[0, 2]] * 4)[1] == pytest.approx((0.8 - 0.5) / 0.5)


def test_nothing_twice_is_unknown_and_one_class_is_full_agreement() -> None:
    assert fleiss_kappa([]) == (None, None)
    assert fleiss_kappa([[3, 0], [2, 0]]) == (1.0, 1.0)


def test_an_item_of_one_rater_is_refused() -> None:
    with pytest.raises(ValueError, match="two raters"):
        fleiss_kappa([[1, 0]])
