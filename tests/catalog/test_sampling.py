"""Stratified samples: every category, the exact number, weights that restore the whole, and the same draw again."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.sampling import allocate, stratified
from ftsafety_spec.errors import InputError

SIZES = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 60), min_size=1)


def prompts(sizes: dict[str, int]) -> list[Prompt]:
    return [
        Prompt(f"{name}{n}", f"Text {name}{n}", "harmful", name, "other") for name in sizes for n in range(sizes[name])
    ]


@given(SIZES, st.integers(1, 200))
def test_the_shares_add_up_and_nobody_gets_more_than_there_is(sizes: dict[str, int], n: int) -> None:
    shares = allocate(sizes, n)
    assert sum(shares.values()) == min(n, sum(sizes.values()))
    assert all(0 <= shares[name] <= sizes[name] for name in sizes)
    if n >= len(sizes):
        assert min(shares.values()) >= 1


@given(SIZES, st.integers(1, 200))
def test_shares_follow_the_sizes(sizes: dict[str, int], n: int) -> None:
    whole = sum(sizes.values())
    least = 1 if n >= len(sizes) else 0
    for name, share in allocate(sizes, n).items():
        exact = min(n, whole) * sizes[name] / whole
        assert share >= least and share < exact + 1 + least
        assert share > exact - 1 - (len(sizes) if least else 0)


@given(SIZES, st.integers(1, 200))
def test_the_weights_restore_the_size_of_every_category_that_is_drawn(sizes: dict[str, int], n: int) -> None:
    some = stratified(prompts(sizes), n)
    for name, count in Counter(prompt.category for prompt in some).items():
        total = sum(prompt.metadata["sampling_weight"] for prompt in some if prompt.category == name)
        assert total == pytest.approx(sizes[name], abs=1e-3) and count


def test_the_same_seed_draws_the_same_in_file_order_and_another_seed_draws_others() -> None:
    rows = prompts({"a": 40, "b": 8})
    some = stratified(rows, 12)
    assert some == stratified(rows, 12) and [p.id for p in some] != [p.id for p in stratified(rows, 12, seed=1)]
    places = [[row.id for row in rows].index(prompt.id) for prompt in some]
    assert places == sorted(places) and Counter(p.category for p in some) == {"a": 10, "b": 2}


def test_the_draw_does_not_hang_on_the_order_of_the_rows() -> None:
    rows = prompts({"a": 40, "b": 8})
    assert {p.id for p in stratified(rows, 12)} == {p.id for p in stratified(rows[::-1], 12)}


def test_without_a_number_all_come_without_weights() -> None:
    rows = prompts({"a": 3})
    assert stratified(rows, None) == rows


@pytest.mark.parametrize("n", [0, -1, True, 2.5, "3"])
def test_a_number_that_is_none_is_refused(n: object) -> None:
    with pytest.raises(InputError, match="sample"):
        stratified(prompts({"a": 3}), n)  # type: ignore[arg-type]
