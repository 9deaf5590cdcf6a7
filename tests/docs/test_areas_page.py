"""The page of areas is what the loaders do: written from the catalog, with a reason for every benchmark's table."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftsafety_spec.catalog.crosswalk import page, reasons, tables
from ftsafety_spec.catalog.registry import BENCHMARKS, PROBES
from ftsafety_spec.spec.common import AREAS

ROOT = Path(__file__).parents[2]
OWN = [name for registry in (BENCHMARKS, PROBES) for name in registry.names() if name.startswith("ftsafety/")]


def test_the_page_is_what_the_catalog_says() -> None:
    assert (ROOT / "docs/areas.md").read_text(encoding="utf-8") == page(), "run `make docs`"


def test_every_benchmark_and_probe_has_its_part() -> None:
    text = page()
    assert [name for name in OWN if f"(`{name}`)" not in text] == []


@pytest.mark.parametrize("name", sorted(tables()))
def test_every_table_has_its_reasons_and_leads_to_areas(name: str) -> None:
    module, table = tables()[name]
    assert len(reasons(module)) > 60
    assert set(table.values()) <= set(AREAS)


def test_most_benchmarks_state_a_table() -> None:
    assert len(tables()) >= 8
