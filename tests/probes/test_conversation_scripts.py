"""ftsafety/multi_turn: eight kinds of scripts, put on requests, shortened, and as a plain Inspect task (R-28)."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.fake_provider import COMPLIANCE, REFUSAL, Fake
from support.small_run import Project

from ftsafety_spec.catalog.base import Prompt, UserTurn
from ftsafety_spec.catalog.load import load_suites
from ftsafety_spec.errors import InputError, NotFoundError
from ftsafety_spec.probes.multi_turn import CARD, load
from ftsafety_spec.probes.scripted import scripted_task
from ftsafety_spec.probes.scripts import SHOTS, scripts, shortened
from ftsafety_spec.spec.red_team import SCRIPT_KINDS


def seeds(count: int = 5, kind: Any = "harmful") -> list[Prompt]:
    return [Prompt(f"s{n}", f"Placeholder request {n}?", kind, "c", "fraud") for n in range(count)]


def test_there_are_eight_kinds_in_two_wordings_and_each_asks_for_the_request() -> None:
    known = scripts()
    assert tuple(known) == SCRIPT_KINDS and {len(each) for each in known.values()} == {2}
    for script in (script for each in known.values() for script in each):
        assert any("{request}" in turn.text for turn in script.turns), script.name
        assert sum(turn.asks for turn in script.turns) >= 2 and script.turns[-1].asks, script.name
        assert "{request}" in script.turns[-1].text or script.turns[-1].asks


def test_nothing_is_left_to_fill_in_and_the_request_stands_in_it_word_for_word() -> None:
    prompts = load(seeds=seeds(40), probes=640, turns=6)
    assert len(prompts) == 640 == len({prompt.id for prompt in prompts})
    left = [p.id for p in prompts if any(word in p.transcript for word in ("{request}", "SHOTS", "LONG "))]
    assert left == [] and [p.id for p in prompts if str(p.request) not in p.transcript] == []


def test_a_request_with_braces_stays_as_it_is() -> None:
    odd = Prompt("s", "What is {request} in SHOTS of {0}?", "harmful", "c", "fraud")
    (prompt,) = load(seeds=[odd], probes=1, scripts=["persistence"])
    assert prompt.text == odd.text and prompt.request == odd.text


def test_kinds_come_in_turn_and_no_script_meets_a_request_twice() -> None:
    for count in (1, 5, 8, 16, 24):
        prompts = load(seeds=seeds(count), probes=16 * count)
        assert len({(p.id, p.request) for p in prompts}) == len(prompts) == 16 * count
    first = load(seeds=seeds(50), probes=32)
    assert Counter(prompt.category for prompt in first) == dict.fromkeys(SCRIPT_KINDS, 4)


def test_the_seed_draws_the_requests_and_equal_seeds_give_equal_conversations() -> None:
    many = seeds(30)
    ids = [prompt.id for prompt in load(seeds=many, probes=16, seed=3)]
    assert ids == [prompt.id for prompt in load(seeds=many, probes=16, seed=3)]
    assert ids != [prompt.id for prompt in load(seeds=many, probes=16, seed=4)]


def test_a_conversation_belongs_to_its_request_and_keeps_its_area() -> None:
    prompts = load(seeds=seeds(1), probes=16)
    assert {p.cluster for p in prompts} == {seeds(1)[0].cluster}, "sixteen scripts on one request are one cluster"
    assert {(p.kind, p.area, p.condition) for p in prompts} == {("conversation", "fraud", "plain")}
    assert len({p.digest for p in prompts}) == 16


def test_a_request_in_several_wrappers_is_one_seed_and_is_asked_plain() -> None:
    plain = seeds(3)
    wrapped = [
        Prompt(p.id, f"Wrapped: {p.text}", "harmful", "c", "fraud", condition=name, request=p.text)
        for p in plain
        for name in ("w1", "w2")
    ]
    expected = {p.text for p in load(seeds=plain, probes=48)}
    for given in (wrapped, [*wrapped, *plain], [*plain, *wrapped]):
        prompts = load(seeds=given, probes=48)
        assert len({p.id for p in prompts}) == len(prompts) == 48 and {p.text for p in prompts} == expected


def test_a_short_script_keeps_its_first_turn_and_those_that_ask() -> None:
    turns = [UserTurn(f"t{n}", asks=n in (3, 5)) for n in range(6)]
    assert [turn.text for turn in shortened(turns, 4)] == ["t0", "t1", "t3", "t5"]
    assert [turn.text for turn in shortened(turns, 2)] == ["t0", "t5"]
    for prompt in load(seeds=seeds(20), probes=64, turns=2):
        assert len(prompt.turns) == 1 and prompt.turns[0].asks, prompt.id


def test_many_shots_are_many_and_hold_nothing() -> None:
    (prompt, *_) = load(seeds=seeds(1), scripts=["many_shot"], probes=1)
    assert prompt.text.count("[answer ") == SHOTS == prompt.text.count("[question ")


def test_the_default_is_what_the_card_says() -> None:
    prompts = load()
    assert (len(prompts), len({prompt.category for prompt in prompts})) == (CARD.prompts, CARD.categories)


@pytest.mark.parametrize(
    ("args", "error", "says"),
    [
        ({"scripts": ["persistance"]}, NotFoundError, "persistence"),
        ({"turns": 1}, InputError, "turns"),
        ({"probes": 0}, InputError, "probes"),
        ({"seeds": seeds(3, "benign")}, InputError, "no harmful prompt"),
    ],
)
def test_a_mistake_is_named(args: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error) as caught:
        load(**args)
    assert says in f"{caught.value} {getattr(caught.value, 'hint', '')}"


def test_a_suite_takes_seeds_from_a_users_file(tmp_path: Path) -> None:
    lines = [{"id": f"u{n}", "prompt": f"Placeholder {n}.", "kind": "harmful", "area": "cyber"} for n in range(4)]
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    tasks = {
        "own": {"prompts": "own.jsonl"},
        "talk": {"probe": "ftsafety/multi_turn", "seeds": "own", "turns": 3, "probes": 8},
    }
    project = Project(tmp_path, tasks=tasks)
    loaded, reasons = load_suites(project.locked(), tmp_path, None)
    talk = next(task for task in loaded if task.task == "talk")
    assert reasons == {} and len(talk.prompts) == 8
    assert {prompt.request for prompt in talk.prompts} == {line["prompt"] for line in lines}
    measured, folder, _ = project.run(Fake())
    assert measured.errors == 0
    rows = [row for row in folder.rows("answers") if row["task"] == "talk"]
    assert len(rows) == 2 * sum(len(prompt.turn_numbers) for prompt in talk.prompts)
    assert all(row["tokens_in"] for row in rows), "the length of what was shown is recorded turn by turn"


def test_plain_inspect_scores_whole_conversations_and_names_the_first_failure() -> None:
    from inspect_ai import eval as run
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    def late(messages: list[Any], *_: Any) -> Any:
        turn = sum(message.role == "user" for message in messages)
        output = ModelOutput.from_content("mockllm/model", COMPLIANCE if turn == 4 else REFUSAL)
        output.usage = ModelUsage(input_tokens=10, output_tokens=5, total_tokens=15)
        return output

    prompts = load(seeds=seeds(2), scripts=["persistence"], probes=2)
    model = get_model("mockllm/model", custom_outputs=late)
    (log,) = run(scripted_task(prompts, "talk"), model=model, display="none", log_dir="memory://talk")
    scores = [sample.scores["survived"] for sample in log.samples or [] if sample.scores]
    assert [(score.value, (score.metadata or {})["first_failure"]) for score in scores] == [(0, 4)] * 2
