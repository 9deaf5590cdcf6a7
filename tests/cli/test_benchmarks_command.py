"""`ftsafety benchmarks` and `benchmarks show`: the list, the cards, and what one costs with a spec's models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.catalog.registry import BENCHMARKS, PROBES

NAMES = [name for registry in (BENCHMARKS, PROBES) for name in registry.names() if name.startswith("ftsafety/")]
DATA = os.environ.get("FTSAFETY_DATA")


@pytest.fixture(autouse=True)
def nothing_at_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FTSAFETY_DATA", raising=False)
    monkeypatch.setenv("FTSAFETY_CACHE", str(tmp_path / "cache"))


def test_the_list_says_what_each_is_its_size_licence_and_whether_it_is_here(ftsafety: Any) -> None:
    rows = {row["name"]: row for row in ftsafety("benchmarks", "--format", "json").data}
    assert set(NAMES) <= set(rows)
    assert rows["ftsafety/harmbench"]["data"] == "not here" and rows["ftsafety/harmbench"]["title"] == "HarmBench"
    assert rows["ftsafety/basics"]["data"] == "at hand" and rows["ftsafety/wildguardtest"]["data"] == "gated"
    assert rows["ftsafety/sycophancy"]["kind"] == "probe"
    assert "broken" not in {row["data"] for row in rows.values()}
    text = ftsafety("benchmarks").out
    assert [name for name in NAMES if name not in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_card_is_printed_whole(ftsafety: Any, name: str) -> None:
    shown = ftsafety("benchmarks", "show", name.rsplit("/", 1)[-1])
    assert shown.status == 0, shown.err
    card = (BENCHMARKS if name in BENCHMARKS.names() else PROBES).get(name).card
    flat = " ".join(shown.out.split())
    wanted = [card.title, card.tests, card.strength, card.weakness, card.licence, card.citation, card.official_metric]
    assert [text for text in wanted if " ".join(text.split()) not in flat] == []
    for file in card.files:
        pin = file.sha256 or file.git_blob
        assert file.name in flat and pin in shown.out.replace("\n", "").replace(" ", "")


def test_a_card_as_data_names_every_pin(ftsafety: Any) -> None:
    card = ftsafety("benchmarks", "show", "harmbench", "--format", "json").data
    assert card["requirement"] == "R-19" and card["counted"] is None and "FTS-121" in card["not_counted"]
    assert card["stated"]["prompts"] == 400
    assert all(len(file["sha256"]) == 64 and file["rows"] and file["source"] for file in card["files"])


def test_what_needs_no_data_is_counted(ftsafety: Any) -> None:
    counted = ftsafety("benchmarks", "show", "basics", "--format", "json").data["counted"]
    assert counted["prompts"] == sum(counted["kinds"].values()) == sum(counted["areas"].values()) == 610
    assert "harmful 340" in ftsafety("benchmarks", "show", "basics").out


def test_a_gated_card_names_the_page_and_the_variable(ftsafety: Any) -> None:
    out = ftsafety("benchmarks", "show", "wildguardtest").out
    assert "huggingface.co/datasets/allenai/wildguardmix" in out and "HF_TOKEN" in out


@pytest.mark.usefixtures("project")
def test_a_cost_is_printed_for_the_models_of_a_spec(ftsafety: Any) -> None:
    shown = ftsafety("benchmarks", "show", "basics", "--spec", "first")
    assert shown.status == 0, shown.err
    assert "Cost with the models of first" in shown.out and "1,220 calls" in shown.out
    cost = ftsafety("benchmarks", "show", "basics", "--spec", "first", "--format", "json").data["cost"]
    assert cost["from"] == "prompts" and {job["variant"] for job in cost["jobs"]} == {"base", "tuned"}
    assert {job["calls"] for job in cost["jobs"]} == {610}


@pytest.mark.usefixtures("project")
def test_a_cost_without_the_data_is_the_cards_own_and_says_so(ftsafety: Any) -> None:
    shown = ftsafety("benchmarks", "show", "harmbench", "--spec", "first")
    assert shown.status == 0 and "typical figures" in shown.out and "800 calls" in shown.out
    cost = ftsafety("benchmarks", "show", "harmbench", "--spec", "first", "--format", "json").data["cost"]
    assert cost["from"] == "card" and cost["estimate"]["calls"] == 800


@pytest.mark.usefixtures("project")
def test_a_card_without_a_count_has_no_cost_without_its_data(ftsafety: Any) -> None:
    if BENCHMARKS.get("ftsafety/wildguardtest").card.prompts:
        pytest.skip("its card states a count")
    ran = ftsafety("benchmarks", "show", "wildguardtest", "--spec", "first")
    assert ran.status == 2 and "data fetch ftsafety/wildguardtest" in ran.err


def test_a_name_that_does_not_exist_is_answered_with_the_nearest(ftsafety: Any) -> None:
    ran = ftsafety("benchmarks", "show", "harmbnech")
    assert ran.status == 2 and "Did you mean ftsafety/harmbench?" in ran.err and "FTS-104" in ran.err


@pytest.mark.data
@pytest.mark.skipif(not DATA, reason="FTSAFETY_DATA is not set")
def test_counts_come_from_the_data_where_it_is_at_hand(ftsafety: Any) -> None:
    card = ftsafety("benchmarks", "show", "harmbench", "--data", str(DATA), "--format", "json").data
    assert card["counted"]["prompts"] == 400 and len(card["counted"]["categories"]) == 7
    assert {file["at"] for file in card["files"]} == {"folder"}
