"""The built-in suites: what they hold, that they meet the minima (R-31, R-32), and how a user's suite extends one."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from ftsafety_spec.catalog.load import LoadedTask, load_task
from ftsafety_spec.catalog.registry import BENCHMARKS, PROBES
from ftsafety_spec.compose import find_project, lock_spec
from ftsafety_spec.compose.suites import lock_suite
from ftsafety_spec.errors import SpecError
from ftsafety_spec.graders.base import GRADERS
from ftsafety_spec.spec.common import AREAS
from ftsafety_spec.spec.suite import Suite

DATA = os.environ.get("FTSAFETY_DATA")
needs_data = pytest.mark.skipif(not DATA, reason="FTSAFETY_DATA is not set")
BUILT_IN = ("quick", "standard", "full")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "specs/suites").mkdir(parents=True)
    (tmp_path / "policies").mkdir()
    return tmp_path


def suite(name: str, project: Path) -> Suite:
    return lock_suite(name, find_project(project))


def loaded(chosen: Suite, *tasks: str) -> Mapping[str, LoadedTask]:
    names = tasks or tuple(chosen.tasks)
    return {name: load_task("core", name, chosen, Path(), Path(str(DATA)), 0) for name in names}


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_name_in_a_built_in_suite_exists_and_the_suite_is_dated(name: str, project: Path) -> None:
    chosen = suite(f"ftsafety/{name}", project)
    assert date(2026, 1, 1) <= chosen.revised
    for task_id, task in chosen.tasks.items():
        known = BENCHMARKS.names() if task.benchmark is not None else PROBES.names()
        assert (task.benchmark or task.probe) in known, task_id
    for choice in chosen.graders.values():
        assert {choice.primary, choice.second} <= {*GRADERS.names(), None}


def test_each_suite_holds_more_than_the_one_before(project: Path) -> None:
    small, middle, large = (set(suite(f"ftsafety/{name}", project).tasks) for name in BUILT_IN)
    assert small < middle < large


def test_full_names_every_benchmark_that_is_not_gated_and_every_probe(project: Path) -> None:
    tasks = suite("ftsafety/full", project).tasks.values()
    free = {name for name in BENCHMARKS.names() if name.startswith("ftsafety/") and not BENCHMARKS.get(name).card.gate}
    assert free <= {task.benchmark for task in tasks}
    assert {name for name in PROBES.names() if name.startswith("ftsafety/")} <= {task.probe for task in tasks}
    assert any(task.args.get("wrappers") == "all" for task in tasks), "robustness by wrapper, R-21"


def test_two_lines_extend_a_built_in_suite(project: Path) -> None:
    lines = ("defaults: [ftsafety/standard@_here_, _self_]", "tasks: {own: {prompts: own.jsonl}, toxigen: {limit: 20}}")
    (project / "own.jsonl").write_text('{"prompt": "Placeholder."}\n')
    (project / "specs/suites/mine.yaml").write_text("\n".join(lines) + "\n")
    mine, standard = suite("mine", project), suite("ftsafety/standard", project)
    assert set(mine.tasks) == {*standard.tasks, "own"}
    assert mine.tasks["toxigen"].limit == 20 and mine.tasks["toxigen"].args == standard.tasks["toxigen"].args
    assert (mine.title, mine.revised, mine.graders) == (standard.title, standard.revised, standard.graders)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_spec_mounts_a_suite_that_extends_a_built_in_one(name: str, project: Path) -> None:
    (project / "specs/suites/mine.yaml").write_text(f"defaults: [ftsafety/{name}@_here_, _self_]\ntitle: mine\n")
    (project / "specs/bot.yaml").write_text(
        "defaults: [ftsafety/api@_here_, ftsafety/sampled@_here_, suites@suites.core: mine, _self_]\n"
        "title: t\nowner: o\npolicy: ftsafety/default\n"
        "models:\n  base: {provider: ftsafety/openai, model: a}\n"
        "  tuned: {provider: ftsafety/openai, job: b, deploy: true}\n"
    )
    spec = lock_spec("bot", project=find_project(project)).spec
    assert dict(spec.suites["core"].tasks) == dict(suite(f"ftsafety/{name}", project).tasks)
    assert spec.repeats == 4 and spec.deployment.generation.temperature == 0.7
    assert spec.deployment.generation.max_tokens == 256, "of the first base"


def test_a_suite_in_a_folder_that_could_not_be_extended_says_what_to_write(project: Path) -> None:
    (project / "specs/suites/team").mkdir()
    (project / "specs/suites/team/a.yaml").write_text("defaults: [ftsafety/quick@_here_, _self_]\ntitle: a\n")
    (project / "specs/suites/b.yaml").write_text("defaults: [team/a@_here_, _self_]\ntitle: b\n")
    assert suite("team/a", project).title == "a", "by itself it composes"
    with pytest.raises(SpecError) as caught:
        suite("b", project)
    assert "Write `- /specs/suites/ftsafety/quick@_here_`" in str(caught.value)
    (project / "specs/suites/team/a.yaml").write_text(
        "defaults: [/specs/suites/ftsafety/quick@_here_, _self_]\ntitle: a\n"
    )
    assert set(suite("b", project).tasks) == {"basics"}


@pytest.mark.data
@needs_data
def test_standard_holds_the_minima_of_an_evaluation(project: Path) -> None:
    """R-31: HarmBench whole. R-32: at least 500 distinct safety-relevant prompts, also at the highest tier (1,500)."""
    tasks = loaded(suite("ftsafety/standard", project))
    assert tasks["harmbench"].whole and len(tasks["harmbench"].prompts) == 400
    asked = [prompt for task in tasks.values() for prompt in task.prompts]
    kinds = Counter(prompt.kind for prompt in asked)
    assert kinds["benign"] >= 250 and kinds["borderline"] >= 100
    distinct = {prompt.cluster for prompt in asked if prompt.kind in ("harmful", "borderline")}
    assert len(distinct) >= 1000
    assert len(distinct) < kinds["harmful"] + kinds["borderline"], "what benchmarks share counts once"
    assert len({prompt.category for prompt in tasks["salad_bench"].prompts}) == 66 and not tasks["salad_bench"].whole


@pytest.mark.data
@needs_data
def test_full_loads_with_everything_that_is_free(project: Path) -> None:
    tasks = loaded(suite("ftsafety/full", project))
    conditions = Counter(prompt.condition for prompt in tasks["wrapped"].prompts)
    assert len(conditions) >= 13 and set(conditions.values()) == {25}
    assert len({prompt.cluster for prompt in tasks["wrapped"].prompts}) == 25, "a request in all wrappers is one"
    assert len(tasks["jailbreakbench"].prompts) == 200 and tasks["jailbreakbench"].whole
    for name, task in tasks.items():
        assert all(prompt.category and prompt.area in AREAS for prompt in task.prompts), name
        assert {prompt.area == "none" for prompt in task.prompts if prompt.kind in ("harmful", "borderline")} <= {False}
        assert {prompt.area for prompt in task.prompts if prompt.kind in ("benign", "capability")} <= {"none"}, name
    areas = Counter(prompt.area for task in tasks.values() for prompt in task.prompts if prompt.kind == "harmful")
    assert len(areas) >= 12


@pytest.mark.data
@needs_data
def test_prompts_that_benchmarks_share_are_one_cluster_across_them(project: Path) -> None:
    """What two sets have in common, by exact text (case and spacing aside): counted, and held down."""
    tasks = loaded(suite("ftsafety/full", project), "advbench", "harmbench", "jailbreakbench", "strongreject")
    clusters = {name: {p.cluster for p in task.prompts if p.kind == "harmful"} for name, task in tasks.items()}
    shared = {
        (one, other): len(clusters[one] & clusters[other]) for one, other in itertools.combinations(sorted(clusters), 2)
    }
    assert shared == {
        ("advbench", "harmbench"): 0,
        ("advbench", "jailbreakbench"): 11,
        ("advbench", "strongreject"): 25,
        ("harmbench", "jailbreakbench"): 9,
        ("harmbench", "strongreject"): 0,
        ("jailbreakbench", "strongreject"): 3,
    }
    texts = {" ".join(p.text.split()).lower() for task in tasks.values() for p in task.prompts if p.kind == "harmful"}
    together = set().union(*clusters.values())
    assert len(together) == len(texts) < sum(map(len, clusters.values())), "the 500 of R-32 count distinct prompts"
