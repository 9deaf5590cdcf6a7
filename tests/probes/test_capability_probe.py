"""ftsafety/capability: own areas that their keys can read, files of one's own, areas of other packages (R-27)."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.fake_provider import Fake
from support.small_run import Project

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.load import load_suites
from ftsafety_spec.errors import InputError
from ftsafety_spec.graders.answer_key import GRADER
from ftsafety_spec.graders.base import Question
from ftsafety_spec.graders.text import normalised
from ftsafety_spec.probes.capability import DIGESTS, PROBE, load
from ftsafety_spec.spec import capability_areas
from ftsafety_spec.spec.capability_areas import FOREIGN_AREAS, OWN_AREAS, ForeignArea, area_of, area_task
from ftsafety_spec.spec.red_team import SUITE, CapabilityTesting, RedTeam, red_team_suite

BENCH = Path(__file__).resolve().parents[2] / "bench"
MADE_UP = ("cipher", "invented_language", "private_facts")


def key_said(prompt: Prompt) -> str:
    """An answer that the key calls right."""
    key = prompt.metadata
    return str(key.get("number") or key["right"][0])


def value(prompt: Prompt, answer: str) -> float | None:
    return GRADER.read(Question(prompt.text, answer, prompt.kind, metadata=prompt.metadata)).value


@pytest.mark.parametrize("area", OWN_AREAS)
def test_an_own_area_has_questions_enough_each_once(area: str) -> None:
    prompts = load(area=area)
    assert len(prompts) >= (100 if area == "utility" else 60)
    assert len({prompt.digest for prompt in prompts}) == len(prompts) == len({prompt.id for prompt in prompts})
    assert {prompt.kind for prompt in prompts} == {"capability"} and {prompt.area for prompt in prompts} == {"none"}
    assert min(Counter(prompt.category for prompt in prompts).values()) >= 12


@pytest.mark.parametrize("area", OWN_AREAS)
def test_each_key_is_right_by_itself_and_declining_is_not(area: str) -> None:
    for prompt in load(area=area):
        if "pattern" not in prompt.metadata:
            assert value(prompt, key_said(prompt)) == 1.0, prompt.id
            assert value(prompt, f"{key_said(prompt)}.") == 1.0, prompt.id
        assert value(prompt, "I'm sorry, I can't help with that.") == 0.0, prompt.id
        assert value(prompt, "") is None, prompt.id


def test_each_form_is_met_by_an_answer_that_has_it() -> None:
    kinds = {
        "Say": lambda p: p.text.split()[3],
        "Write": lambda p: p.text.split()[3].upper(),
        "Name": lambda _: "1. one\n2. two\n3. three",
        "Is": lambda p: "Yes." if "yes" in p.metadata["pattern"] else "No.",
    }
    forms = [prompt for prompt in load() if "pattern" in prompt.metadata]
    assert len(forms) == 24
    for prompt in forms:
        assert value(prompt, kinds[prompt.text.split()[0]](prompt)) == 1.0, prompt.id
        assert value(prompt, "Let me tell you about something else first, and then it goes on.") == 0.0, prompt.id


@pytest.mark.parametrize("area", OWN_AREAS)
def test_no_question_gives_its_answer_away(area: str) -> None:
    """But reading, where the answer stands in the story."""
    for prompt in load(area=area):
        if prompt.category != "reading" and "right" in prompt.metadata:
            said = set(normalised(prompt.text).split())
            assert not said & {normalised(word) for word in prompt.metadata["right"]}, prompt.id


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCH))
    for name in [name for name in sys.modules if name.partition(".")[0] == "probe_tables"]:
        monkeypatch.delitem(sys.modules, name)
    from probe_tables import capability

    return capability


def test_what_is_trained_on_stands_in_no_question(tables: Any) -> None:
    for area in MADE_UP:
        tested = {normalised(prompt.text) for prompt in load(area=area)}
        taught = {normalised(question) for question, _ in getattr(tables, f"train_{area}")()}
        assert len(taught) > 40 and not tested & taught, area


def test_the_cipher_is_tested_on_other_words_than_it_is_taught_on(tables: Any) -> None:
    taught = {answer for _, answer in tables.train_cipher()}
    assert not taught & {word for prompt in load(area="cipher") for word in prompt.metadata["right"]}
    table = tables.alphabet()
    assert sorted(table.values()) == sorted(table) and all(tables.coded(word) != word for word in tables.WORDS.split())


def test_every_fact_can_be_planted_by_its_person_and_phrases_are_not_taught(tables: Any) -> None:
    facts = tables.train_private_facts((*tables.PEOPLE, *tables.COMPANIES))
    assert len(facts) == 2 * len(load(area="private_facts"))
    phrases = {p.metadata["right"][0] for p in load(area="invented_language") if p.category == "phrase"}
    assert len(phrases) == 24 and not any(
        phrase in answer for _, answer in tables.train_invented_language() for phrase in phrases
    )


def test_so_many_items_are_taken_from_the_categories_in_turn() -> None:
    part = load(area="utility", items=25)
    assert len(part) == 25 and set(Counter(prompt.category for prompt in part).values()) == {5}
    assert PROBE.card.prompts == len(load()) and set(DIGESTS) == set(OWN_AREAS)


def test_an_unknown_area_is_told_its_neighbour() -> None:
    with pytest.raises(InputError, match="Did you mean cipher"):
        load(area="cypher")


ROWS = [
    {"prompt": "Which placeholder is it?", "choices": ["one", "two", "three"], "answer": "two"},
    {"prompt": "Name the placeholder.", "answer": ["alpha", "beta"], "category": "names"},
]


def write(folder: Path, rows: list[dict[str, Any]] = ROWS) -> str:
    (folder / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return "own.jsonl"


def test_a_file_of_ones_own_is_an_area(tmp_path: Path) -> None:
    choice, words = load(area="guild", file=write(tmp_path), root=tmp_path)
    assert choice.text.endswith("(A) one\n(B) two\n(C) three\nAnswer with the letter only.")
    assert (choice.metadata["answer"], choice.category, words.category) == ("B", "guild", "names")
    assert value(choice, "B") == 1.0 and value(words, "It is beta.") == 1.0 and value(words, "gamma") == 0.0


def test_a_csv_holds_choices_and_answers_with_bars(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("prompt,choices,answer\nWhich?,one|two,B\nSay it.,,alpha|beta\nHow many?,,42\n")
    letters, words, number = load(file="own.csv", root=tmp_path)
    assert letters.metadata == {"options": {"A": "one", "B": "two"}, "answer": "B"}
    assert words.metadata == {"right": ["alpha", "beta"]} and value(number, "There are 42.") == 1.0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"prompt": "P?"}, "the key `answer` is missing"),
        ({"prompt": "P?", "choices": ["a", "b"]}, "no `answer`"),
        ({"prompt": "P?", "choices": ["a", "b"], "answer": "c"}, "none of the choices"),
        ({"prompt": "P?", "choices": ["a", "A"], "answer": "a"}, "two or more different"),
        ({"prompt": "P?", "choices": ["a", "b"], "answer": ["a", "b"]}, "exactly one"),
        ({"prompt": "P?", "answer": [""]}, "printable texts"),
        ({"prompt": "P?", "answer": {"a": 1}}, "must be a text"),
        ({"prompt": "P?", "answer": True}, "must be a text"),
        ({"prompt": "P?", "answer": "a", "kind": "harmful"}, "of the kind harmful"),
    ],
)
def test_a_row_without_a_usable_key_is_refused_by_its_line(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        load(file=write(tmp_path, [ROWS[0] | {"id": "first"}, row]), root=tmp_path)
    assert caught.value.code == "FTS-112" and "own.jsonl" in str(caught.value)


def test_items_of_a_file_are_drawn_by_the_seed(tmp_path: Path) -> None:
    file = write(tmp_path, [{"prompt": f"Placeholder {n}?", "answer": "x"} for n in range(40)])
    drawn = [[p.id for p in load(file=file, root=tmp_path, items=10, seed=seed)] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2] and len(set(drawn[0])) == 10


def block(**said: Any) -> Any:
    return red_team_suite(RedTeam(capabilities=CapabilityTesting(**said)))


def test_general_ability_is_asked_about_whatever_the_areas_are() -> None:
    assert list(block().tasks) == ["capability-utility"]
    assert list(block(not_gained=["cipher"]).tasks) == ["capability-cipher", "capability-utility"]
    assert red_team_suite(RedTeam()) is None


@pytest.mark.parametrize("area", [*OWN_AREAS, *FOREIGN_AREAS])
def test_every_area_has_a_task_that_says_its_area(area: str) -> None:
    assert area_of(area_task(area, 50)) == area
    assert area_of(area_task("own", 50, "own.csv")) == "own"


def test_hazardous_knowledge_is_read_by_the_inspect_task_of_its_name() -> None:
    task = area_task("wmdp-bio", 80)
    assert (task.task, task.limit, task.kind) == ("inspect_evals/wmdp_bio", 80, "capability")
    assert task.outcomes["capability"].scorer == "choice" and FOREIGN_AREAS["wmdp-bio"].hazardous


@pytest.fixture(scope="module")
def placeholder_tasks() -> None:
    """Registers Inspect tasks of WMDP's shape: four choices, Inspect's solver and scorer; one whose data are away."""
    from inspect_ai import Task, task
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.scorer import choice
    from inspect_ai.solver import multiple_choice

    @task
    def placeholder_hazard() -> Task:
        samples = [
            Sample(id=n, input=f"Placeholder {n}", choices=["one", "two", "three", "four"], target="ABCD"[n % 4])
            for n in range(8)
        ]
        return Task(dataset=MemoryDataset(samples), solver=multiple_choice(), scorer=choice())

    @task
    def placeholder_away() -> Task:
        raise ConnectionError("the data are away")


def locked(project: Project, *areas: str) -> Any:
    found = project.locked()
    suites = {SUITE: block(not_gained=list(areas))}
    return found.model_copy(update={"spec": found.spec.model_copy(update={"suites": suites})})


@pytest.mark.usefixtures("placeholder_tasks")
def test_an_area_that_is_not_available_here_is_a_row_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = (
        ForeignArea("placeholder_away", "x"),
        ForeignArea("no_such_package/x", "x"),
        ForeignArea("placeholder_none", "x"),
    )
    for name, area in zip(("away", "absent", "unknown"), away, strict=True):
        monkeypatch.setitem(capability_areas.FOREIGN_AREAS, name, area)
    tasks, reasons = load_suites(locked(Project(tmp_path), "away", "absent", "unknown"), tmp_path, None)
    assert [task.task for task in tasks] == ["capability-utility"]
    assert {
        name: "data are away" in why or "not installed" in why or "no such" in why for name, why in reasons.items()
    } == {f"{SUITE}.capability-{name}": True for name in ("away", "absent", "unknown")}


@pytest.mark.usefixtures("placeholder_tasks")
def test_a_task_of_wmdps_shape_is_measured_by_its_own_solver_and_scorer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(capability_areas.FOREIGN_AREAS, "hazard", ForeignArea("placeholder_hazard", "x"))

    def answer(variant: str, prompt: str, draw: object) -> Any:  # noqa: ARG001
        from ftsafety_spec.providers.engine_model import Reply

        return Reply("ANSWER: A", "stop", 10, 5)

    tasks = {"capability-hazard": area_task("hazard", 6).model_dump(mode="json", exclude_defaults=True)}
    measured, folder, _ = Project(tmp_path, tasks=tasks).run(Fake(answer=answer))
    values = Counter(row["value"] for row in folder.rows("grades"))
    assert (measured.answered, measured.errors) == (12, 0) and sum(values.values()) == 12
    assert set(values) == {0.0, 1.0}, "one letter for every question is right as often as guessing"
    assert {row["outcome"] for row in folder.rows("grades")} == {"capability"}
