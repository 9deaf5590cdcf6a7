"""Measuring in two levels: who reads which answer, that the draw repeats, and people's labels as grades."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.fake_provider import Fake
from support.small_run import Project, digests

from ftsafety_spec.errors import InputError, SpecError
from ftsafety_spec.graders.base import Question, Reading
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.measure.label_export import export_labels
from ftsafety_spec.measure.label_file import read_label_file
from ftsafety_spec.measure.labels import append_labels, rebuild_grades
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.cascade import PEOPLE, WAITING, Cascade, draw
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.spec.common import PromptKind

Row = dict[str, Any]


@dataclass
class Stub:
    """Reads an answer by the digest of prompt and answer: its value from one digit, how sure it is from another."""

    name: str
    level: float | None = None
    reads: tuple[str, ...] = ("refusal",)
    version: str = "1"
    seen: list[str] = field(default_factory=list)

    def outcomes(self, kind: PromptKind) -> tuple[str, ...]:
        return self.reads if kind == "harmful" else ()

    def identity(self) -> str:
        return digest_text(self.name)

    async def grade(self, questions: Sequence[Question]) -> list[list[Reading]]:
        return [self._read(question) for question in questions]

    def _read(self, question: Question) -> list[Reading]:
        mark = digest_text(question.prompt + question.answer)
        self.seen.append(mark)
        sure = self.level if self.level is not None else int(mark[-1], 16) / 15
        return [Reading(name, float(int(mark[-2], 16) > 7), sure) for name in self.reads]


def project(tmp_path: Path, to: str = "own/strong", below: float = 0.5, audit: float = 0.2, **fields: Any) -> Project:
    cheap, strong = Stub("own/cheap", fields.pop("sure", None)), Stub("own/strong")
    choice = {"primary": "own/cheap", "escalate": {"to": to, "below": below, "audit": audit}}
    panel = Panel(bound={"own/cheap": cheap, "own/strong": strong})
    return Project(tmp_path, prompts=40, graders={"refusal": choice}, panel=panel, **fields)


def rows(folder: RunFolder, role: str) -> list[Row]:
    return [row for row in folder.rows("grades") if row["outcome"] == "refusal" and row["role"] == role]


def whys(folder: RunFolder) -> dict[str, str | None]:
    """Answer to why the stronger level is asked."""
    plan = folder.read(Plan)
    (level,) = {use.cascade for use in plan.graders if use.cascade is not None}
    return {row["answer"]: level.why(row, row["answer"], plan.order_seed) for row in rows(folder, "primary")}


def test_the_stronger_grader_reads_what_is_unsure_and_the_drawn_share_and_nothing_else(tmp_path: Path) -> None:
    own = project(tmp_path)
    _, folder, _ = own.run(Fake())
    why = whys(folder)
    passed_on = {answer for answer, reason in why.items() if reason is not None}
    assert {row["answer"] for row in rows(folder, "adjudication")} == passed_on
    assert {"escalated", "audit", None} == set(why.values())
    assert 0 < len(passed_on) < len(why)
    strong = own.panel.bound["own/strong"]
    assert isinstance(strong, Stub) and 0 < len(strong.seen) <= len(passed_on)
    assert all(row["state"] == "scored" for row in rows(folder, "adjudication"))


def test_a_second_run_and_a_repeated_one_draw_the_same(tmp_path: Path) -> None:
    own = project(tmp_path)
    _, first, _ = own.run(Fake(), "a")
    before = digests(first)
    seen = len(own.panel.bound["own/strong"].seen)  # type: ignore[attr-defined]
    _, second, _ = own.run(Fake(), "b")
    _, again, _ = own.run(Fake(), "a")
    assert digests(second) == digests(again) == before
    assert len(own.panel.bound["own/strong"].seen) == seen, "nothing is read twice"  # type: ignore[attr-defined]


@pytest.mark.parametrize("audit", [0.05, 0.5])
def test_chance_draws_the_share_that_was_asked_whoever_answered(audit: float) -> None:
    level = Cascade(grader="g", identity=digest_text("g"), below=0.9, audit=audit)
    for who in ("base", "tuned"):
        drawn = sum(level.audited(digest_text(f"{who} {n}"), 7) for n in range(4000))
        assert abs(drawn / 4000 - audit) < 4 * (audit * (1 - audit) / 4000) ** 0.5
    assert abs(level.share - audit) < 1e-12


def test_with_an_audit_of_nothing_and_a_sure_grader_nobody_is_asked(tmp_path: Path) -> None:
    _, folder, _ = project(tmp_path, sure=1.0, audit=0.0).run(Fake())
    assert rows(folder, "adjudication") == []


def test_a_stronger_grader_that_cannot_read_the_outcome_is_refused(tmp_path: Path) -> None:
    own = project(tmp_path)
    own.panel.bound["own/strong"].reads = ("not_harmful",)  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="does not read refusal") as caught:
        own.run(Fake())
    assert caught.value.code == "FTS-110"


@pytest.mark.parametrize(
    "wrong",
    [{"below": 1.5}, {"audit": 0.0001}, {"audit": 1.1}, {"to": "own/cheap"}, {"below": "certified"}],
)
def test_a_cascade_that_makes_no_sense_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    own = project(tmp_path)
    own.graders["refusal"]["escalate"] |= wrong
    with pytest.raises(ValueError, match="refusal"):
        own.run(Fake())


# ---- people ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose audit waits for people; copied by `waiting`, never changed."""
    home = tmp_path_factory.mktemp("waiting")
    project(home, to=PEOPLE, sure=1.0, audit=0.5).run(Fake())
    return home


@pytest.fixture
def waiting(measured: Path, tmp_path: Path) -> tuple[Project, RunFolder]:
    shutil.copytree(measured, tmp_path / "own")
    return project(tmp_path / "own", to=PEOPLE, sure=1.0, audit=0.5), RunFolder(tmp_path / "own" / "runs" / "run")


def exported(folder: RunFolder, what: str, by: str | None = None) -> list[Row]:
    path = folder.root.parent / "todo.jsonl"
    count = export_labels(folder, path, what, by)
    found = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(found) == count
    return found


def take(folder: RunFolder, given: list[Row], by: str = "ines", role: Any = "adjudication") -> None:
    path = folder.root.parent / "done.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in given))
    append_labels(folder, read_label_file(path, folder, by, role))
    rebuild_grades(folder)


def labelled(todo: list[Row]) -> list[Row]:
    return [{**row, "label": "refusal" if n % 2 else "compliance"} for n, row in enumerate(todo)]


def test_what_nobody_has_labelled_waits(waiting: tuple[Project, RunFolder]) -> None:
    _, folder = waiting
    found = rows(folder, "adjudication")
    assert found and {(row["state"], row["reason"], row["grader"], row["person"]) for row in found} == {
        ("unscored", WAITING, PEOPLE, None)
    }


def test_labels_become_grades_and_survive_another_measurement(waiting: tuple[Project, RunFolder]) -> None:
    own, folder = waiting
    asked = {row["answer"] for row in rows(folder, "adjudication")}
    todo = exported(folder, "audit")
    take(folder, labelled(todo))
    found = rows(folder, "adjudication")
    assert {row["answer"] for row in found} >= asked, "equal texts in answer to one prompt share their label"
    assert {row["person"] for row in found} == {"ines"} and {row["value"] for row in found} == {0.0, 1.0}
    before = digests(folder)
    own.run(Fake())
    assert digests(folder) == before


def test_the_export_names_no_variant_and_is_in_no_order_of_theirs(waiting: tuple[Project, RunFolder]) -> None:
    _, folder = waiting
    todo = exported(folder, "audit")
    assert all(set(row) & {"variant", "generation_key", "suite"} == set() for row in todo)
    who = {row["answer"]: row["variant"] for row in folder.rows("answers")}
    order = [who[row["answer"]] for row in todo]
    assert order != sorted(order) and order != sorted(order, reverse=True)
    assert todo == exported(folder, "audit"), "the order is drawn, and drawn alike"
    assert {(row["text"], digest_text(row["response"])) for row in todo} == {(row["text"],) * 2 for row in todo}


def test_two_people_on_one_answer_are_both_kept(waiting: tuple[Project, RunFolder]) -> None:
    _, folder = waiting
    todo = exported(folder, "audit")
    take(folder, labelled(todo), "ines")
    assert exported(folder, "audit", "ines") == [] and exported(folder, "audit", "joel") == todo
    take(folder, labelled(todo[:5]), "joel")
    people = [row["person"] for row in rows(folder, "adjudication")]
    assert set(people) == {"ines", "joel"} and people.count("joel") >= 5


def test_a_later_label_of_the_same_person_replaces_the_earlier(waiting: tuple[Project, RunFolder]) -> None:
    _, folder = waiting
    first = exported(folder, "audit")[0]
    take(folder, [{**first, "label": "refusal"}])
    take(folder, [{**first, "label": "partial"}])
    found = [row["value"] for row in rows(folder, "adjudication") if row["answer"] == first["answer"]]
    assert found == [0.5]
    assert len((folder.journal / "labels.jsonl").read_text().splitlines()) == 2, "the journal only grows"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": digest_text("another")}, "another text"),
        ({"text": None, "response": "Placeholder that was changed."}, "another text"),
        ({"label": "refusla"}, "label"),
        ({"label": None, "value": 1.5}, "value"),
        ({"outcome": "over_refusal"}, "no grader"),
        ({"answer": digest_text("nothing")}, "no such answer"),
        ({"labell": "refusal"}, "labell"),
    ],
)
def test_a_row_that_cannot_be_used_changes_nothing(
    waiting: tuple[Project, RunFolder], change: Row, message: str
) -> None:
    _, folder = waiting
    before = digests(folder)
    good, other = exported(folder, "audit")[:2]
    with pytest.raises(SpecError) as caught:
        take(folder, [{**good, "label": "refusal"}, {**other, "label": "refusal", **change}])
    assert [(p.code, p.where.line) for p in caught.value.problems] == [("FTS-128", 2)]
    assert message in str(caught.value)
    assert digests(folder) == before and not (folder.journal / "labels.jsonl").exists()


def test_an_answer_may_be_named_by_prompt_and_variant(waiting: tuple[Project, RunFolder]) -> None:
    _, folder = waiting
    take(folder, [{"prompt_id": "p0", "variant": "tuned", "outcome": "refusal", "value": 0.25}], role="second")
    who = {row["answer"]: row["variant"] for row in folder.rows("answers") if row["prompt_id"] == "p0"}
    found = {who[row["answer"]]: row["value"] for row in rows(folder, "second")}
    assert found["tuned"] == 0.25


def test_labels_of_borderline_prompts_are_turned_to_the_outcome(waiting: tuple[Project, RunFolder]) -> None:
    _, folder = waiting
    take(folder, [{"prompt_id": "p2", "variant": "base", "outcome": "edge_compliance", "label": "refusal"}])
    (row,) = [row for row in folder.rows("grades") if row["person"] is not None]
    assert row["value"] == 0.0


def test_a_random_sample_is_of_the_size_that_was_asked(waiting: tuple[Project, RunFolder]) -> None:
    _, folder = waiting
    found = [row["outcome"] for row in exported(folder, "random:20")]
    assert all(15 < found.count(outcome) <= 20 for outcome in ("refusal", "over_refusal")), "of each outcome so many"
    with pytest.raises(InputError, match="random"):
        export_labels(folder, folder.root / "x", "random:many")


def test_a_random_sample_is_the_first_answers_by_their_draw(waiting: tuple[Project, RunFolder]) -> None:
    """In the order in which the comparison looks for labels, so that a part of the file is a smaller sample."""
    _, folder = waiting
    seed = folder.read(Plan).order_seed
    every = sorted({row["answer"] for row in rows(folder, "primary")}, key=lambda answer: draw(answer, seed))
    small, large = (
        [row for row in exported(folder, what) if row["outcome"] == "refusal"] for what in ("random:12", "random:20")
    )
    assert [row["answer"] for row in large][: len(small)] == [row["answer"] for row in small]
    order = [draw(row["answer"], seed) for row in large]
    assert order == sorted(order) and order[-1] <= draw(every[19], seed)


def test_disagreements_are_where_two_graders_differ(tmp_path: Path) -> None:
    own = project(tmp_path, below=1.0, audit=0.0)
    own.panel.bound["own/strong"].name = "own/strong2"  # type: ignore[attr-defined]
    _, folder, _ = own.run(Fake())
    assert exported(folder, "disagreements") == [], "both stubs read alike"
