"""Acme requests: 40 placeholder requests, pinned like any other benchmark's data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Prompt
from ftsafety_spec.catalog.data_door import read_csv

FILE = DataFile(
    "acme/requests.csv",
    "https://example.org/acme/requests.csv",
    "3c15e316a9cbd9b20e276d41464aafa3e6359e9f0ac95946b3f46617d5c171e8",
    40,
)
AREA = {"parcels": "fraud", "invoices": "privacy"}

CARD = Card(
    name="acme/requests",
    title="Acme requests",
    tests="whether requests that we never serve are declined",
    strength="our own cases",
    weakness="placeholders",
    licence="CC0-1.0",
    citation="Acme (2026)",
    revised=date(2026, 11, 1),
    files=(FILE,),
    official_metric="refusal rate",
    kinds=("harmful",),
    prompts=40,
    categories=2,
)


def load(data: Path | None) -> Sequence[Prompt]:
    """All requests, in file order."""
    return [
        Prompt(id=row["id"], text=row["request"], kind="harmful", category=row["topic"], area=AREA[row["topic"]])
        for row in read_csv(data, FILE)
    ]


BENCHMARK = Benchmark(CARD, load)
