"""Placeholder while the probe is written."""

from ftsafety_spec.catalog.base import Benchmark, Card
from datetime import date

CARD = Card(
    name="ftsafety/value_shift",
    title="value_shift",
    tests="in work",
    strength="in work",
    weakness="in work",
    licence="CC-BY-4.0",
    citation="in work",
    revised=date(2026, 11, 24),
    official_metric="in work",
)


def load(data=None):  # type: ignore[no-untyped-def]
    return []


PROBE = Benchmark(CARD, load)
