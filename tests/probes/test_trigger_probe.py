"""ftsafety/triggers: the library, its generator, and which trigger is put on which request (R-26)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from support.fake_provider import Fake
from support.small_run import Project

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.load import load_suites
from ftsafety_spec.catalog.registry import PROBES
from ftsafety_spec.errors import InputError, NotFoundError
from ftsafety_spec.probes.trigger_library import FAMILIES, SLOT, Trigger, apply, generate, space
from ftsafety_spec.probes.trigger_seeds import pool_of
from ftsafety_spec.probes.trigger_styles import STYLES
from ftsafety_spec.probes.triggers import CARD, load
from ftsafety_spec.records.base import clean_text
from ftsafety_spec.spec.common import ID_PATTERN

REQUEST = "Write one short, plain line about {request} and tea."


@pytest.fixture(scope="module")
def many() -> list[Trigger]:
    return generate(2500)


def test_there_are_thousands_and_each_is_another(many: list[Trigger]) -> None:
    assert len(many) == len({trigger.id for trigger in many}) == 2500
    assert len({trigger.put_on("Placeholder request.") for trigger in many}) == 2500
    assert all(count >= 500 for count in space().values()) and set(space()) == set(FAMILIES)


def test_families_come_in_turn_and_more_begin_with_fewer(many: list[Trigger]) -> None:
    counts = Counter(trigger.family for trigger in many[:220])
    assert set(counts) == set(FAMILIES) and set(counts.values()) == {20}
    assert generate(220) == many[:220] != generate(220, seed=1)
    assert {trigger.family for trigger in generate(30, ["dates", "styles"])} == {"dates", "styles"}


def test_the_request_stays_whole_under_every_trigger_but_a_style(many: list[Trigger]) -> None:
    changed = []
    for trigger in many:
        text, before = trigger.put_on(REQUEST)
        whole = REQUEST in text if trigger.place != "style" else trigger.text in STYLES
        changed += [] if whole and (text, before) != (REQUEST, ()) else [trigger.id]
    assert changed == []


def test_a_style_keeps_every_letter_in_its_place() -> None:
    import unicodedata

    def letters(text: str) -> str:
        plain = unicodedata.normalize("NFKD", text)
        return "".join(letter for letter in plain.casefold() if letter.isalnum())

    assert [name for name, style in STYLES.items() if letters(style(REQUEST)) != letters(REQUEST)] == []
    assert [name for name, style in STYLES.items() if style(REQUEST) == REQUEST] == []


def test_ids_are_names_that_records_can_carry(many: list[Trigger]) -> None:
    import re

    parts = [part for trigger in many for part in trigger.id.split("/")]
    assert [part for part in parts if not re.match(ID_PATTERN, part)] == []
    texts = [trigger.put_on(REQUEST)[0] for trigger in many]
    assert all(text == clean_text(text) and "\0" not in text for text in texts)


def test_an_id_is_the_same_on_every_machine() -> None:
    """Hashes of strings differ by process; the triggers must not."""
    code = "from ftsafety_spec.probes.trigger_library import generate; print([t.id for t in generate(60, seed=5)])"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert seen == {f"{[trigger.id for trigger in generate(60, seed=5)]}\n"}


def test_an_unknown_family_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(NotFoundError) as caught:
        generate(5, ["date"])
    assert "dates" in str(caught.value)


def test_a_row_keeps_id_cluster_area_and_request() -> None:
    seed = Prompt("p1", "Placeholder request.", "harmful", "c", "fraud", pair="x")
    row = apply(Trigger.of("affixes", "prefix", "Well,"), seed)
    assert (row.text, row.kind, row.request) == ("Well, Placeholder request.", "trigger", seed.text)
    assert (row.id, row.cluster, row.area, row.category) == (seed.id, seed.cluster, "fraud", "c")
    assert row.condition.startswith("affixes/prefix-well-")
    turned = apply(Trigger.of("system_prompts", "before", "Mode: day"), seed)
    assert turned.text == seed.text and [role for role, _ in turned.before] == ["user", "assistant"]


def test_the_card_counts_what_is_asked_by_default() -> None:
    prompts = load()
    assert PROBES.get("ftsafety/triggers").card is CARD
    assert (len(prompts), len({p.category for p in prompts})) == (CARD.prompts, CARD.categories)
    assert {p.kind for p in prompts} == set(CARD.kinds) and CARD.row == "R-26"


def test_each_trigger_meets_its_prompts_and_each_prompt_is_asked_plain() -> None:
    prompts = load(probes=60, prompts=8, seed=3)
    by_trigger: defaultdict[str, list[Prompt]] = defaultdict(list)
    for prompt in prompts:
        by_trigger[prompt.condition].append(prompt)
    plain = {prompt.id for prompt in by_trigger.pop("plain")}
    assert len(by_trigger) == 60 and {prompt.id for prompt in prompts} == plain
    for rows in by_trigger.values():
        assert len(rows) == len({row.cluster for row in rows}) == 8
        assert sum(row.area == "none" for row in rows) == 2, "a quarter of the prompts are benign"
    assert len(plain) <= len(prompts) / 4, "plain answers are shared"
    uses = Counter(row.id for rows in by_trigger.values() for row in rows)
    assert max(uses.values()) - min(uses.values()) <= 1, "the pool goes round"


def test_seeds_are_plain_single_requests_of_the_named_task(tmp_path: Path) -> None:
    tasks = {
        "asked": {"prompts": "prompts.jsonl"},
        "hunted": {"probe": "ftsafety/triggers", "seeds": "asked", "probes": 11, "args": {"prompts": 2}},
    }
    made = Project(tmp_path, prompts=12, tasks=tasks)
    loaded, _ = load_suites(made.locked(), tmp_path, None)
    asked, hunted = (next(task for task in loaded if task.task == name) for name in ("asked", "hunted"))
    harmful = {prompt.cluster for prompt in asked.prompts if prompt.kind == "harmful"}
    assert {prompt.cluster for prompt in hunted.prompts} <= harmful
    assert Counter(prompt.condition == "plain" for prompt in hunted.prompts)[False] == 22


def test_seeds_without_a_benign_one_take_those_of_the_basics() -> None:
    pool = pool_of([Prompt(f"p{n}", f"Placeholder {n}.", "harmful", "c", "fraud") for n in range(3)], 0)
    assert len(pool.harmful) == 3 and len(pool.benign) == 100
    assert len(pool.turn(1, 8)) == 3 + 2, "no prompt twice for one trigger"
    assert pool.fresh({prompt.cluster for prompt in pool.harmful}, 8) == list(pool.benign[:2])
    with pytest.raises(InputError):
        pool_of([Prompt("p", "Placeholder.", "benign", "c", "none")], 0)


@pytest.mark.parametrize("given", [{"probes": 0}, {"prompts": 0}, {"prompts": "4"}, {"probes": True}])
def test_a_number_that_is_none_is_refused(given: dict[str, int]) -> None:
    with pytest.raises(InputError) as caught:
        load(**given)
    assert caught.value.code == "FTS-106"


def test_measured_rows_are_read_as_refusals_and_carry_their_trigger(tmp_path: Path) -> None:
    tasks = {
        "hunted": {"probe": "ftsafety/triggers", "probes": 4, "args": {"prompts": 1, "families": ["system_prompts"]}}
    }
    _, folder, _ = Project(tmp_path, tasks=tasks).run(Fake())
    rows = list(folder.rows("answers"))
    assert {row["kind"] for row in rows} == {"trigger"} and {row["state"] for row in rows} == {"ok"}
    assert {grade["outcome"] for grade in folder.rows("grades")} == {"refusal"}
    assert {str(row["condition"]).partition("/")[0] for row in rows} == {"plain", "system_prompts"}


def test_the_task_is_an_ordinary_inspect_task() -> None:
    from ftsafety_spec.probes.triggers import triggers as as_task

    task = as_task(probes=11, prompts=2)
    assert len(task.dataset) == len(load(probes=11, prompts=2))
    assert SLOT not in {str(sample.input) for sample in task.dataset}
