"""The project's own probes: counts, digests, balance, and the tasks that Inspect and a suite see."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.probes import rows
from ftsafety_spec.catalog.registry import PROBES
from ftsafety_spec.errors import InputError
from ftsafety_spec.graders.base import GRADERS
from ftsafety_spec.graders.text import normalised
from ftsafety_spec.graders.verbosity import ROOM
from ftsafety_spec.spec.common import AREAS

NAMES = ("sycophancy", "verbosity", "value_shift", "refusal_quality")
ROOT = Path(__file__).resolve().parents[2]


def loaded(name: str) -> Sequence[Prompt]:
    return PROBES.get(f"ftsafety/{name}").prompts(None)


@pytest.mark.parametrize("name", NAMES)
def test_a_probe_is_a_benchmark_with_a_full_card(name: str) -> None:
    probe, prompts = PROBES.get(f"ftsafety/{name}"), loaded(name)
    card = probe.card
    assert card.name == f"ftsafety/{name}" and card.row.startswith("R-1")
    assert all(
        (card.title, card.tests, card.strength, card.weakness, card.licence, card.citation, card.official_metric)
    )
    assert card.prompts == len(prompts) >= 120
    assert card.categories == len({prompt.category for prompt in prompts})
    assert {prompt.kind for prompt in prompts} == set(card.kinds)
    assert {prompt.area for prompt in prompts} <= set(AREAS)


@pytest.mark.parametrize("name", NAMES)
def test_its_outcomes_are_read_by_graders_that_read_its_kind(name: str) -> None:
    probe = PROBES.get(f"ftsafety/{name}")
    for outcome, grader in probe.outcomes.items():
        assert all(outcome in GRADERS.get(grader).outcomes(kind) for kind in probe.card.kinds)


@pytest.mark.parametrize("name", NAMES)
def test_ids_and_prompts_are_there_once(name: str) -> None:
    prompts = loaded(name)
    assert len({(prompt.id, prompt.condition) for prompt in prompts}) == len(prompts)
    assert len({prompt.digest for prompt in prompts}) == len(prompts)


def test_the_data_files_are_what_the_tables_give() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "bench" / "make_probes.py"), "--check"], check=False)
    assert done.returncode == 0


def test_a_changed_data_file_is_refused_by_name() -> None:
    with pytest.raises(InputError) as caught:
        rows.probe_prompts("verbosity", "sha256:" + "0" * 64)
    assert caught.value.code == "FTS-122" and "verbosity.jsonl" in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_part_keeps_clusters_whole_and_categories_even(name: str) -> None:
    probe = PROBES.get(f"ftsafety/{name}")
    part, every = probe.prompts(None, {"items": 20}), loaded(name)
    clusters = {prompt.cluster for prompt in part}
    assert len(clusters) == 20
    assert [p.digest for p in part] == [p.digest for p in every if p.cluster in clusters]
    counts = Counter({prompt.cluster: prompt.category for prompt in part}.values())
    assert max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.parametrize("items", [0, -1, "5", 2.5, True])
def test_a_part_of_no_number_is_refused(items: object) -> None:
    with pytest.raises(InputError) as caught:
        PROBES.get("ftsafety/verbosity").prompts(None, {"items": items})
    assert caught.value.code == "FTS-106"


# ---- sycophancy ----------------------------------------------------------------------------------------------------


def test_each_form_of_sycophancy_has_forty_items() -> None:
    prompts = loaded("sycophancy")
    assert all(count >= 40 for count in Counter(prompt.category for prompt in prompts).values())
    assert {prompt.category for prompt in prompts} == {"opinion", "challenge", "premise"}


def test_opinions_are_counterbalanced_within_their_pair() -> None:
    """Equal questions and orders, opposite views: one's own opinion and a habit of one letter both read 0.5."""
    pairs: dict[str, list[Prompt]] = {}
    for prompt in loaded("sycophancy"):
        if prompt.category == "opinion":
            pairs.setdefault(prompt.cluster, []).append(prompt)
    assert len(pairs) >= 30
    for one, other in pairs.values():
        assert one.metadata["options"] == other.metadata["options"]
        assert {one.metadata["follows"], other.metadata["follows"]} == {"A", "B"}


def test_a_challenge_follows_a_right_answer_and_names_a_wrong_one() -> None:
    odd = []
    for prompt in loaded("sycophancy"):
        if prompt.category == "challenge":
            (_, (role, given)) = prompt.before
            right, wrong = prompt.metadata["right"], prompt.metadata["wrong"]
            named = any(word in normalised(prompt.text) for word in wrong)
            fine = role == "assistant" and any(word in normalised(given) for word in right) and named
            odd += [] if fine and not set(right) & set(wrong) else [prompt.id]
    assert odd == []


def test_the_graders_read_model_answers_of_every_sycophancy_item_both_ways() -> None:
    """The words of each row are such that a plain right and a plain wrong sentence are told apart."""
    from ftsafety_spec.graders.sides import read_challenge, read_premise

    odd = []
    for prompt in loaded("sycophancy"):
        if prompt.category != "opinion":
            reader = read_challenge if prompt.category == "challenge" else read_premise
            right, wrong = prompt.metadata["right"], prompt.metadata["wrong"]
            read = [reader(f"The answer is {words[0]}.", right, wrong).wrong for words in (right, wrong)]
            odd += [] if read == [False, True] else [prompt.id]
    assert odd == []


# ---- verbosity -----------------------------------------------------------------------------------------------------


def test_every_short_answer_suffices_and_has_the_needed_content() -> None:
    import asyncio

    from ftsafety_spec.graders.base import Question
    from ftsafety_spec.graders.verbosity import GRADER

    prompts = loaded("verbosity")
    questions = [Question(p.text, p.metadata["short"], p.kind, metadata=p.metadata) for p in prompts]
    readings = asyncio.run(GRADER.grade(questions))
    assert [p.id for p, (found,) in zip(prompts, readings, strict=True) if found.value != 0.0] == []
    assert all(p.metadata["sufficient"] <= ROOM for p in prompts)


# ---- value shift ---------------------------------------------------------------------------------------------------


def test_choices_come_in_both_orders_alone_and_in_a_conversation() -> None:
    clusters: dict[str, list[Prompt]] = {}
    for prompt in loaded("value_shift"):
        clusters.setdefault(prompt.cluster, []).append(prompt)
    assert len(clusters) == 128
    for four in clusters.values():
        assert Counter((p.condition, p.metadata["canonical"]) for p in four) == Counter(
            [(condition, letter) for condition in ("plain", "context") for letter in "AB"]
        )
        assert {p.metadata["options"][p.metadata["canonical"]] for p in four} == {
            four[0].metadata["options"][four[0].metadata["canonical"]]
        }
        assert all(bool(p.before) is (p.condition == "context") for p in four)


def test_there_are_at_least_six_topics_of_equal_size() -> None:
    topics = Counter(prompt.category for prompt in loaded("value_shift"))
    assert len(topics) >= 6 and set(topics.values()) == {64}


# ---- refusal quality -----------------------------------------------------------------------------------------------


def test_requests_are_single_lines_over_ten_areas_and_new() -> None:
    from ftsafety_spec.catalog.basics import load

    prompts = loaded("refusal_quality")
    assert len({prompt.area for prompt in prompts}) == 10 and all("\n" not in prompt.text for prompt in prompts)
    assert not {prompt.cluster for prompt in prompts} & {prompt.cluster for prompt in load()}


def test_a_resource_is_due_on_every_request_about_self_harm() -> None:
    due = {p.id: p.metadata["resource_due"] for p in loaded("refusal_quality") if p.area == "self_harm"}
    assert due and all(due.values())
    assert all(bool(p.metadata["resources"]) is p.metadata["resource_due"] for p in loaded("refusal_quality"))


# ---- in Inspect and in suites --------------------------------------------------------------------------------------


def test_inspect_finds_the_probes() -> None:
    from ftsafety_spec.catalog.inspect_entry import register_tasks

    assert {f"ftsafety_spec.catalog.probes.{name}" for name in NAMES} <= set(register_tasks())


@pytest.mark.parametrize("name", NAMES)
def test_the_task_carries_turns_metadata_and_its_own_scorer(name: str) -> None:
    module = __import__(f"ftsafety_spec.catalog.probes.{name}", fromlist=[name])
    task = getattr(module, name)()
    prompts = loaded(name)
    assert len(task.dataset) == len(prompts)
    turns = [1 if isinstance(sample.input, str) else len(sample.input) for sample in task.dataset]
    assert turns == [1 + len(prompt.before) for prompt in prompts]
    assert all(
        set(prompt.metadata) <= set(sample.metadata or {}) for prompt, sample in zip(prompts, task.dataset, strict=True)
    )
