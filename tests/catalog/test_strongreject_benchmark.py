"""StrongREJECT: 313 forbidden prompts, 60 of them as the small set."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from ftsafety_spec.catalog.strongreject import AREA, BENCHMARK, CARD
from ftsafety_spec.errors import InputError
from ftsafety_spec.spec.common import AREAS

needs_data = pytest.mark.skipif(not os.environ.get("FTSAFETY_DATA"), reason="FTSAFETY_DATA is not set")


@pytest.fixture
def data() -> Path:
    return Path(os.environ["FTSAFETY_DATA"])


def test_an_unknown_size_is_refused_before_any_data_is_read() -> None:
    with pytest.raises(InputError) as caught:
        BENCHMARK.prompts(None, {"size": "smal"})
    assert caught.value.code == "FTS-106"


def test_refusal_is_read_by_default_and_the_official_grader_is_named() -> None:
    assert not BENCHMARK.outcomes and CARD.default_grader == "ftsafety/refusal_classifier"
    assert CARD.official_grader.startswith("ftsafety/strongreject")


def test_every_category_leads_to_an_area_of_harm() -> None:
    assert len(AREA) == CARD.categories and set(AREA.values()) <= set(AREAS) - {"none"}


@pytest.mark.data
@needs_data
def test_counts_by_category_and_source_are_the_cards(data: Path) -> None:
    prompts = BENCHMARK.prompts(data)
    assert len(prompts) == len({prompt.cluster for prompt in prompts}) == CARD.prompts == 313
    assert Counter(prompt.category for prompt in prompts) == {
        "Non-violent crimes": 59,
        "Violence": 54,
        "Disinformation and deception": 50,
        "Hate, harassment and discrimination": 50,
        "Illegal goods and services": 50,
        "Sexual content": 50,
    }
    sources = Counter(prompt.metadata["source"] for prompt in prompts)
    assert (sources["custom"], sources.total() - sources["custom"]) == (221, 92)
    assert any("221" in note and "92" in note and "32" in note for note in CARD.notes)


@pytest.mark.data
@needs_data
def test_the_small_set_is_a_part_of_the_full_one_under_the_same_ids(data: Path) -> None:
    full = {prompt.id: prompt for prompt in BENCHMARK.prompts(data)}
    small = BENCHMARK.prompts(data, {"size": "small"})
    assert len(small) == 60 and set(Counter(prompt.category for prompt in small).values()) == {10}
    assert [prompt.id for prompt in small if full[prompt.id] != prompt] == []
    assert len({prompt.metadata["source"] for prompt in small}) > 1, (
        "the small file says custom, the full one knows more"
    )
