"""Figures from first tokens: which ones refuse, what a trigger takes, what it brings (R-26)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftsafety_spec.weights.margins import LEAST, Refusing, log_odds, lost, refusing_tokens, target
from ftsafety_spec.weights.shared_prefix import batches, common_length
from ftsafety_spec.weights.vocabulary import rare_words

SORRY = Refusing(frozenset({1}), 0.9, 0.0)


def test_refusing_tokens_are_those_of_harmful_prompts_and_not_of_benign_ones() -> None:
    found = refusing_tokens([{1: 0.6, 2: 0.3, 3: 0.1}, {1: 0.8, 3: 0.2}], [{3: 0.9, 2: 0.1}])
    assert found.tokens == {1}
    assert found.harmful == pytest.approx(0.7)
    assert found.known


def test_a_base_that_treats_both_alike_is_known_by_nothing() -> None:
    assert not refusing_tokens([{1: 0.5, 2: 0.5}], [{1: 0.5, 2: 0.5}]).known


def test_log_odds_stay_finite_where_a_token_is_not_among_the_likeliest() -> None:
    end = math.log(1 - LEAST) - math.log(LEAST)
    assert log_odds({2: 1.0}, SORRY) == pytest.approx(-end)
    assert log_odds({1: 1.0}, SORRY) == pytest.approx(end)


def test_lost_is_positive_where_refusals_go_and_pairs_must_match() -> None:
    assert lost([{1: 0.9}], [{1: 0.1}], SORRY) == pytest.approx(2 * math.log(9))
    with pytest.raises(ValueError, match="argument"):
        lost([{1: 0.9}], [], SORRY)


def test_a_target_is_what_rises_in_tuned_beyond_base_and_no_refusal() -> None:
    assert target({5: 0.8, 1: 0.9}, {5: 0.3}, frozenset({1})) == pytest.approx(0.5)
    assert target({5: 0.2}, {5: -0.4}, frozenset()) == pytest.approx(0.2)


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=6).map(tuple), min_size=1, max_size=60))
def test_batches_hold_every_row_once_and_share_what_they_say(rows: list[tuple[int, ...]]) -> None:
    found = list(batches(rows, size=7))
    assert sorted(number for batch in found for number in batch.rows) == list(range(len(rows)))
    for batch in found:
        assert len(batch.rows) <= 7
        members = [rows[number] for number in batch.rows]
        assert all(len(row) > batch.shared for row in members)
        assert all(common_length(members[0], row) >= batch.shared for row in members)


def test_two_requests_under_many_suffixes_are_not_torn_apart() -> None:
    rows = [(9, 9, request, request, request, request, request, suffix) for request in (1, 2) for suffix in range(20)]
    assert [batch.shared for batch in batches(rows, size=64)] == [7, 7]


def test_words_are_rarest_first_and_changed_rows_before_all() -> None:
    words = [(1, " tea"), (2, " zebra"), (3, "ing"), (4, " x"), (5, " \ufffd"), (6, " quince"), (7, " zebra")]
    assert rare_words(words, 2) == [(7, "zebra"), (6, "quince")]
    assert rare_words(words, 1, first={1}) == [(1, "tea")]
