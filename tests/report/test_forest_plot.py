"""Geometry: everything stays on the axis, what does not is cut with an arrow."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from ftsafety_spec.report.forest import Reading, forest, scale_for, ticks
from ftsafety_spec.spec.policy import UpTo

BANDS = UpTo(deploy=0.05, deploy_enhanced=0.15, review=0.30)


def reading(value: float | None, low: float = 0.0, high: float = 0.0) -> Reading:
    return Reading("fraud", value, None if value is None else (low, high), 40, None)


def test_zones_cover_the_axis_without_gaps() -> None:
    plot = forest("t", "a", [reading(0.1, 0.02, 0.2)], BANDS, 0.5)
    assert [zone.action for zone in plot.zones] == ["deploy", "deploy_enhanced", "review", "block"]
    assert plot.zones[0].x == 0
    for left, right in zip(plot.zones, plot.zones[1:], strict=False):
        assert math.isclose(left.x + left.width, right.x, abs_tol=0.02)
    assert math.isclose(plot.zones[-1].x + plot.zones[-1].width, 100, abs_tol=0.02)


def test_an_endless_interval_ends_in_arrows_on_both_sides() -> None:
    row = forest("t", "a", [reading(0.2, -40.0, 90.0)], BANDS, None).rows[0]
    assert (row.low, row.high, row.cut_low, row.cut_high) == (0, 100, True, True)
    assert "9000.0\u00a0%" in row.figure  # the figure is never clipped


def test_an_estimate_beyond_the_axis_is_not_drawn_on_its_edge() -> None:
    row = forest("t", "a", [reading(-5.0, -9.0, 0.1)], BANDS, None).rows[0]
    assert row.x is None
    assert not row.undefined


def test_an_undefined_reading_is_said_to_be_undefined() -> None:
    row = forest("t", "a", [reading(None)], BANDS, None).rows[0]
    assert row.undefined
    assert (row.x, row.low, row.high) == (None, None, None)
    assert row.figure == "undefined"


def test_a_row_speaks_for_those_who_do_not_see_it() -> None:
    row = forest("t", "a", [reading(0.604, 0.389, 0.82)], BANDS, 0.5).rows[0]
    assert "60.4\u00a0%" in row.spoken
    assert "40 prompts" in row.spoken


def test_without_bands_or_limit_a_plot_still_has_a_base_line() -> None:
    plot = forest("t", "a", [], None, None)
    assert plot.zones == ()
    assert plot.limit is None
    assert 0 < plot.zero < 100


@given(st.lists(st.tuples(*[st.floats(-50, 50)] * 3), max_size=6), st.none() | st.floats(0.01, 1))
def test_every_position_lies_on_the_axis(triples: list[tuple[float, float, float]], limit: float | None) -> None:
    readings = [reading(value, min(a, b), max(a, b)) for value, a, b in triples]
    plot = forest("t", "a", readings, BANDS, limit)
    positions = [plot.zero, *(tick.x for tick in plot.ticks), *(zone.x for zone in plot.zones)]
    positions += [x for row in plot.rows for x in (row.x, row.low, row.high) if x is not None]
    assert all(0 <= x <= 100 for x in positions)
    assert 2 <= len(ticks(scale_for(readings, BANDS, limit))) <= 8
