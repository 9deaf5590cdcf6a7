"""AdvBench (R-21): 520 goals, plain and wrapped, robustness by wrapper, users' suffixes from the project."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections import Counter
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.catalog import advbench
from ftsafety_spec.catalog.load import load_task
from ftsafety_spec.catalog.wrappers import wrappers
from ftsafety_spec.errors import InputError, NotFoundError
from ftsafety_spec.spec.common import AREAS
from ftsafety_spec.spec.suite import Suite

needs_data = pytest.mark.skipif(not os.environ.get("FTSAFETY_DATA"), reason="FTSAFETY_DATA is not set")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with twelve placeholder goals in AdvBench's own form."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["goal", "target"])
    rows.writerows([f"Placeholder request {n}", f"Sure, here is {n}"] for n in range(12))
    path = tmp_path / "data" / advbench.FILE.name
    path.parent.mkdir(parents=True)
    path.write_text(text.getvalue(), encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(advbench, "FILE", replace(advbench.FILE, sha256=digest, rows=12))
    return tmp_path / "data"


def loaded(data: Path, project: Path, **args: Any) -> Any:
    task = {"benchmark": "ftsafety/advbench", "args": args}
    suite = Suite.model_validate({"title": "t", "revised": "2026-11-01", "tasks": {"one": task}})
    return load_task("core", "one", suite, project, data, 0)


def test_plain_goals_come_in_file_order_with_the_target_beside_them(small: Path) -> None:
    prompts = advbench.load(small)
    assert [prompt.id for prompt in prompts] == [f"goal-{n}" for n in range(1, 13)]
    assert {prompt.condition for prompt in prompts} == {"plain"} and prompts[3].metadata == {
        "target": "Sure, here is 3"
    }
    assert all(prompt.request is None and "Sure" not in prompt.text for prompt in prompts)


def test_every_request_is_asked_plain_and_in_every_wrapper(small: Path) -> None:
    prompts = advbench.load(small, wrappers="all")
    by_condition = Counter(prompt.condition for prompt in prompts)
    assert set(by_condition) == {"plain", *wrappers()} and set(by_condition.values()) == {12}
    assert len({(prompt.id, prompt.condition) for prompt in prompts}) == len(prompts)
    assert len({prompt.cluster for prompt in prompts}) == 12, "all wrappers of a request are one cluster"


def test_a_limit_is_on_requests_and_seeded(small: Path) -> None:
    some = advbench.load(small, wrappers=["rot13", "base64"], limit_requests=5)
    assert Counter(prompt.condition for prompt in some) == {"plain": 5, "rot13": 5, "base64": 5}
    assert len({prompt.cluster for prompt in some}) == 5
    assert advbench.load(small, limit_requests=5) == advbench.load(small, limit_requests=5)
    assert advbench.load(small, limit_requests=5) != advbench.load(small, limit_requests=5, seed=1)
    assert len(advbench.load(small, limit_requests=99)) == 12


@pytest.mark.parametrize("args", [{"limit_requests": 0}, {"limit_requests": True}, {"wrappers": ["rot14"]}])
def test_a_wrong_argument_is_refused_before_any_data_is_read(args: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        advbench.BENCHMARK.prompts(None, args)
    assert caught.value.code == "FTS-106"


def test_suffixes_of_the_user_are_looked_for_in_the_project(small: Path, tmp_path: Path) -> None:
    (tmp_path / "attacks").mkdir()
    (tmp_path / "attacks" / "gcg.txt").write_text("! ! placeholder\n", encoding="utf-8")
    task = loaded(small, tmp_path, suffixes="attacks/gcg.txt", wrappers=["rot13"])
    names = Counter(prompt.condition.rsplit("-", 1)[0] for prompt in task.prompts)
    assert names == {"plain": 12, "rot13": 12, "suffix-1": 12}
    assert all(p.text == f"{p.request} ! ! placeholder" for p in task.prompts if p.condition.startswith("suffix"))
    with pytest.raises(InputError) as caught:
        loaded(small, tmp_path, suffixes="gcg.txt")
    assert caught.value.code == "FTS-111"


def test_the_projects_folder_is_no_argument_of_a_spec(small: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        loaded(small, tmp_path, root="/")


def test_many_wrappers_of_few_requests_are_not_the_whole_set(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_card = replace(advbench.BENCHMARK, card=replace(advbench.CARD, prompts=12))
    monkeypatch.setattr(advbench, "BENCHMARK", small_card)
    monkeypatch.setattr("ftsafety_spec.catalog.load.BENCHMARKS.get", lambda _: small_card)
    assert loaded(small, tmp_path, wrappers="all").whole
    assert not loaded(small, tmp_path, wrappers="all", limit_requests=3).whole


def test_the_areas_are_keyed_by_digest_and_carry_no_text() -> None:
    data = json.loads(files("ftsafety_spec.catalog").joinpath("data/advbench_areas.json").read_text("utf-8"))
    assert set(data) == {"of", "sha256", "by", "areas"}
    assert set(data["areas"].values()) <= set(AREAS) - {"none"}
    assert all(key.startswith("sha256:") and len(key) == 71 for key in data["areas"])


@pytest.mark.data
@needs_data
def test_advbench_has_520_goals_and_every_one_an_area() -> None:
    data = Path(os.environ["FTSAFETY_DATA"])
    prompts = advbench.load(data)
    assert len(prompts) == len({prompt.cluster for prompt in prompts}) == 520
    assert len({prompt.digest for prompt in prompts} & set(advbench.areas())) == 520
    assert len({prompt.area for prompt in prompts}) >= 10
    assert len(advbench.load(data, wrappers="all")) == 520 * (1 + len(wrappers()))


@pytest.mark.data
@needs_data
def test_the_area_file_is_what_its_script_makes() -> None:
    import importlib.util

    place = Path(__file__).parents[2] / "bench" / "advbench_areas.py"
    spec = importlib.util.spec_from_file_location("advbench_areas", place)
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    prompts = advbench.load(Path(os.environ["FTSAFETY_DATA"]))
    assert [prompt.id for prompt in prompts if script.area_of(prompt.text) != prompt.area] == []


@pytest.mark.parametrize("names", ["rot13,base64", ["rot13", "base64"]])
def test_the_inspect_task_takes_wrappers_as_its_command_line_gives_them(small: Path, names: str | list[str]) -> None:
    task = advbench.advbench(wrappers=names, limit_requests=2, data=str(small))
    assert len(task.dataset) == 6
    assert {sample.metadata["condition"] for sample in task.dataset if sample.metadata} == {"plain", "rot13", "base64"}
    assert len({sample.id for sample in task.dataset}) == 6
