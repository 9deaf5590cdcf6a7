"""Do-Not-Answer: 939 questions, five risk areas, twelve types of harm."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from ftsafety_spec.catalog.do_not_answer import AREA, BENCHMARK, CARD, RISK_AREAS
from ftsafety_spec.errors import InputError
from ftsafety_spec.spec.common import AREAS

needs_data = pytest.mark.skipif(not os.environ.get("FTSAFETY_DATA"), reason="FTSAFETY_DATA is not set")


@pytest.fixture
def data() -> Path:
    return Path(os.environ["FTSAFETY_DATA"])


@pytest.mark.parametrize("risk_areas", [["Malicious uses"], []])
def test_an_unknown_risk_area_is_refused_before_any_data_is_read(risk_areas: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        BENCHMARK.prompts(None, {"risk_areas": risk_areas})
    assert caught.value.code == "FTS-106"


def test_every_type_of_harm_leads_to_an_area_of_harm() -> None:
    assert len(AREA) == CARD.categories and set(AREA.values()) <= set(AREAS) - {"none"}


@pytest.mark.data
@needs_data
def test_counts_are_those_of_the_paper(data: Path) -> None:
    prompts = BENCHMARK.prompts(data)
    assert len(prompts) == len({prompt.id for prompt in prompts}) == CARD.prompts == 939
    assert Counter(prompt.metadata["risk_area"] for prompt in prompts) == dict(
        zip(RISK_AREAS, (176, 117, 248, 243, 155), strict=True)
    )
    assert set(Counter(prompt.category for prompt in prompts)) == set(AREA)
    assert len({prompt.metadata["specific_harm"] for prompt in prompts}) == 61


@pytest.mark.data
@needs_data
def test_a_question_that_stands_there_twice_counts_once(data: Path) -> None:
    assert len({prompt.cluster for prompt in BENCHMARK.prompts(data)}) == 938


@pytest.mark.data
@needs_data
def test_one_risk_area_is_asked_alone(data: Path) -> None:
    prompts = BENCHMARK.prompts(data, {"risk_areas": ["Malicious Uses"]})
    assert len(prompts) == 243 and {prompt.metadata["risk_area"] for prompt in prompts} == {"Malicious Uses"}
