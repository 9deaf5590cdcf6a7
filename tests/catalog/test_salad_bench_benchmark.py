"""SALAD-Bench (R-23): five sets, the three-level taxonomy, stratified samples. Sets that nobody has at hand here are
tested on small files of the published keys."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.catalog import salad_bench
from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.load import load_task
from ftsafety_spec.catalog.salad_areas import AREA
from ftsafety_spec.errors import InputError
from ftsafety_spec.spec.suite import Suite

needs_data = pytest.mark.skipif(not os.environ.get("FTSAFETY_DATA"), reason="FTSAFETY_DATA is not set")
LEVELS = {"1-category": "O5: Malicious Use", "2-category": "O14: Illegal Activities", "3-category": "O57: Theft"}


def written(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, rows: list[dict[str, Any]]) -> Path:
    file = salad_bench.FILES[name]
    path = folder / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows), encoding="utf-8")
    pinned = replace(file, sha256=hashlib.sha256(path.read_bytes()).hexdigest(), git_blob="", rows=len(rows))
    monkeypatch.setitem(salad_bench.FILES, name, pinned)
    return folder


def data() -> Path:
    return Path(os.environ["FTSAFETY_DATA"])


def test_the_taxonomy_has_66_categories_with_one_number_each() -> None:
    numbers = [int(name.split(":")[0].removeprefix("O")) for name in AREA]
    assert len(AREA) == len(set(numbers)) == 66
    assert set(range(1, 68)) - set(numbers) == {61}, "the published taxonomy leaves 61 out"


def test_the_base_set_keeps_all_three_levels_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"qid": n, "question": f"Placeholder {n}?", "source": "GPT-Gen", **LEVELS} for n in range(3)]
    prompts = salad_bench.load(written(tmp_path, monkeypatch, "base", rows))
    assert [prompt.id for prompt in prompts] == ["base-0", "base-1", "base-2"]
    assert {(prompt.kind, prompt.category, prompt.area) for prompt in prompts} == {("harmful", "O57: Theft", "illegal")}
    assert prompts[0].metadata == {
        "domain": "O5: Malicious Use",
        "task": "O14: Illegal Activities",
        "source": "GPT-Gen",
    }


def test_attacks_are_in_the_condition_of_their_method_and_in_the_cluster_of_their_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = {"baseq": "Placeholder?", "qid": 7, **LEVELS}
    rows = [{**base, "aid": n, "augq": f"Shell {n}: Placeholder?", "method": f"m{n}"} for n in range(3)]
    prompts = salad_bench.load(written(tmp_path, monkeypatch, "attack", rows), "attack")
    assert [(prompt.id, prompt.condition) for prompt in prompts] == [(f"attack-{n}", f"m{n}") for n in range(3)]
    assert len({prompt.cluster for prompt in prompts}) == 1 and prompts[0].text == "Shell 0: Placeholder?"
    assert {prompt.request for prompt in prompts} == {"Placeholder?"}
    assert prompts[0].cluster == Prompt("x", "placeholder?", "harmful", "c", "other").cluster


def test_multiple_choice_carries_its_right_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"mcq": "Which?\nA. one\nB. two", "baseq": "Q?", "choices": "A. one; B. two", "gt": "AB", **LEVELS}]
    (prompt,) = salad_bench.load(written(tmp_path, monkeypatch, "mcq", rows), "mcq")
    assert (prompt.id, prompt.kind, prompt.text) == ("mcq-0", "capability", "Which?\nA. one\nB. two")
    assert prompt.metadata["answer"] == "AB" and prompt.metadata["choices"] == "A. one; B. two"


def test_a_category_outside_of_the_taxonomy_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"qid": 0, "question": "P?", "source": "s", **LEVELS, "3-category": "O14: Illegal Activities"}]
    with pytest.raises(InputError, match="O14: Illegal Activities") as caught:
        salad_bench.load(written(tmp_path, monkeypatch, "base", rows))
    assert caught.value.code == "FTS-112"


@pytest.mark.parametrize("args", [{"set": "bases"}, {"set": "validated", "sample": 0}])
def test_a_wrong_argument_is_refused(args: dict[str, Any]) -> None:
    folder = data() if os.environ.get("FTSAFETY_DATA") else None
    with pytest.raises(InputError) as caught:
        salad_bench.BENCHMARK.prompts(folder, args)
    assert caught.value.code == "FTS-106"


def test_the_large_sets_are_pinned_although_nobody_here_has_them() -> None:
    for name in ("base", "mcq"):
        assert not salad_bench.FILES[name].sha256 and len(salad_bench.FILES[name].git_blob) == 40
    assert {name: file.rows for name, file in salad_bench.FILES.items()} == {
        "base": 21318, "attack": 5000, "defense": 200, "mcq": 3840, "validated": 459
    }  # fmt: skip


def test_another_content_under_a_git_blob_pin_is_refused(tmp_path: Path) -> None:
    path = tmp_path / salad_bench.FILES["base"].name
    path.parent.mkdir()
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match=salad_bench.FILES["base"].git_blob) as caught:
        salad_bench.load(tmp_path)
    assert caught.value.code == "FTS-122"


@pytest.mark.data
@needs_data
def test_457_validated_questions_cover_all_66_categories_16_tasks_and_6_domains() -> None:
    prompts = salad_bench.load(data(), "validated")
    assert len(prompts) == len({prompt.id for prompt in prompts}) == 457, "the two rows of totals are left out"
    assert {prompt.category for prompt in prompts} == set(AREA)
    assert len({prompt.metadata["task"] for prompt in prompts}) == 16
    assert len({prompt.metadata["domain"] for prompt in prompts}) == 6
    assert Counter(prompt.metadata["people_harmful"] for prompt in prompts) == {True: 441, False: 15, None: 1}


@pytest.mark.data
@needs_data
def test_labels_that_restart_at_each_level_stay_apart() -> None:
    prompts = salad_bench.load(data(), "validated")
    levels = [{p.category for p in prompts}, *({p.metadata[key] for p in prompts} for key in ("task", "domain"))]
    assert [len(level) for level in levels] == [66, 16, 6]
    assert all(len({name.split(":")[0] for name in level}) == len(level) for level in levels)
    assert len(set().union(*levels)) == 66 + 16 + 6
    assert sum("O1:" in name for level in levels for name in level if name.startswith("O1:")) == 3


@pytest.mark.data
@needs_data
def test_the_defense_set_has_200_rows_in_four_conditions() -> None:
    prompts = salad_bench.load(data(), "defense")
    assert len(prompts) == len({prompt.id for prompt in prompts}) == 200
    assert Counter(prompt.condition for prompt in prompts) == {
        "reminder_prompt": 62, "orig": 61, "xsafe_prompt": 41, "safe_prompt": 36
    }  # fmt: skip
    assert all(prompt.request and prompt.category in AREA for prompt in prompts)


@pytest.mark.data
@needs_data
def test_a_sample_represents_every_category_and_its_weights_add_up_to_the_whole() -> None:
    for n in (66, 100, 300):
        some = salad_bench.load(data(), "validated", sample=n)
        assert len(some) == n and {prompt.category for prompt in some} == set(AREA)
        assert sum(prompt.metadata["sampling_weight"] for prompt in some) == pytest.approx(457)


@pytest.mark.data
@needs_data
def test_the_validated_set_loads_where_the_base_set_is_not_at_hand() -> None:
    task = {"benchmark": "ftsafety/salad_bench", "args": {"set": "validated"}}
    suite = Suite.model_validate({"title": "t", "revised": "2026-11-01", "tasks": {"one": task}})
    found = load_task("core", "one", suite, Path(), data(), 0)
    assert len(found.prompts) == 457 and not found.whole
