"""Conversations by script (R-28): one answer a turn, each to what was said before it; a conversation is never a mixture
of two tries."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.fake_provider import COMPLIANCE, REFUSAL, Fake
from support.small_run import Project, digests

from ftsafety_spec.catalog.base import Prompt, UserTurn
from ftsafety_spec.graders.base import GRADERS, Question, Reading
from ftsafety_spec.measure.talk import WITHHELD
from ftsafety_spec.providers.engine_model import Draw, Reply
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.identity import answer_key
from ftsafety_spec.records.journal import read_journal

TURNS = [{"text": "Second placeholder.", "asks": False}, "Third placeholder."]


class Talker(Fake):
    """A provider that keeps what each call was shown: roles and texts, by variant."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self.shown: list[tuple[str, list[tuple[str, str]]]] = []

    async def _ask(self, variant: str, messages: Any, draw: Draw) -> Reply:
        self.shown.append((variant, [(message["role"], message["content"]) for message in messages]))
        return await super()._ask(variant, messages, draw)


def said(text: str, stop: str = "stop") -> Reply:
    return Reply(text, stop, tokens_in=10, tokens_out=5)  # type: ignore[arg-type]


def numbered(variant: str, prompt: str, _: Draw) -> Reply:
    """An answer that tells who gave it to what."""
    return said(f"{variant} answers: {prompt}")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return talking(tmp_path)


def talking(root: Path, rows: int = 3, **options: Any) -> Project:
    project = Project(root, tasks={"talk": {"prompts": "talk.jsonl"}}, **options)
    root.mkdir(parents=True, exist_ok=True)
    lines = [{"id": f"c{n}", "prompt": f"First placeholder {n}.", "area": "fraud", "turns": TURNS} for n in range(rows)]
    (root / "talk.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return project


def test_a_prompt_without_turns_keeps_its_key_and_one_with_turns_has_another() -> None:
    plain = Prompt("a", "Placeholder.", "harmful", "c", "fraud")
    assert plain.digest == digest_text("Placeholder.") and plain.turn_numbers == (None,)
    talk = Prompt("a", "Placeholder.", "conversation", "c", "fraud", turns=(UserTurn("More."),))
    assert talk.digest != plain.digest and talk.turn_numbers == (0, 1)
    scripted = Prompt("a", "More.", "harmful", "c", "fraud", before=(("user", "Placeholder."),))
    assert scripted.digest != talk.digest, "two messages in a row are not a conversation"
    keys = {answer_key("g", talk.digest, "plain", 0, turn) for turn in (None, 0, 1)}
    assert len(keys) == 3


def test_each_turn_is_an_answer_to_what_this_variant_said_before(project: Project) -> None:
    fake = Talker(answer=numbered)
    measured, folder, _ = project.run(fake)
    assert (measured.complete, measured.answered, measured.errors) == (True, 18, 0)
    longest = [(variant, shown) for variant, shown in fake.shown if len(shown) == 5]
    assert len(longest) == 6
    for variant, shown in longest:
        assert [role for role, _ in shown] == ["user", "assistant", "user", "assistant", "user"]
        assert shown[1][1] == f"{variant} answers: {shown[0][1]}" and shown[3][1] == f"{variant} answers: {shown[2][1]}"
    rows = list(folder.rows("answers"))
    assert Counter((row["variant"], row["turn"], row["asks"]) for row in rows) == {
        (variant, turn, asks): 3 for variant in ("base", "tuned") for turn, asks in ((0, True), (1, False), (2, True))
    }
    assert len({row["answer"] for row in rows}) == 18 and {row["kind"] for row in rows} == {"conversation"}


def test_base_and_tuned_hear_the_same_user(project: Project) -> None:
    fake = Talker(answer=numbered)
    project.run(fake)
    heard = {
        variant: sorted(
            tuple(text for role, text in shown if role == "user") for who, shown in fake.shown if who == variant
        )
        for variant in ("base", "tuned")
    }
    assert heard["base"] == heard["tuned"] and len(heard["base"]) == 9


def test_only_turns_that_ask_are_graded_and_with_all_that_was_said(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Question] = []

    class Listening:
        name, version = "ftsafety/refusal_classifier", "test"

        def outcomes(self, kind: str) -> tuple[str, ...]:
            return ("refusal",) if kind == "conversation" else ()

        def identity(self) -> str:
            return "sha256:" + "1" * 64

        async def grade(self, questions: list[Question]) -> list[list[Reading]]:
            seen.extend(questions)
            return [[Reading("refusal", 1.0)] for _ in questions]

    monkeypatch.setattr(GRADERS, "_loaded", {**GRADERS._loaded, "ftsafety/refusal_classifier": Listening()})
    _, folder, _ = project.run(Talker(answer=numbered))
    assert Counter(len(question.before) for question in seen) == {0: 6, 4: 6}
    for question in seen:
        assert question.kind == "conversation"
        if question.before:
            assert question.prompt == "Third placeholder." and question.before[2] == ("user", "Second placeholder.")
            who = question.answer.split()[0]
            assert question.before[1] == ("assistant", f"{who} answers: {question.before[0][1]}")
    graded = {row["answer"] for row in folder.rows("grades")}
    assert graded == {row["answer"] for row in folder.rows("answers") if row["asks"]}


def test_equal_answers_after_different_conversations_are_read_apart(project: Project) -> None:
    def last_alike(variant: str, prompt: str, _: Draw) -> Reply:
        return said(REFUSAL if prompt.startswith("Third") else f"{variant}: {prompt}")

    _, folder, _ = project.run(Talker(answer=last_alike))
    last = {row["answer"] for row in folder.rows("answers") if row["turn"] == 2}
    assert len({row["grade"] for row in folder.rows("grades") if row["answer"] in last}) == 6


def test_a_turn_that_fails_ends_its_conversation_and_the_next_run_goes_on_from_there(project: Project) -> None:
    def dead_second(fake: Fake) -> None:
        if fake.shown[-1][0] == "tuned" and len(fake.shown[-1][1]) == 3:  # type: ignore[attr-defined]
            raise ConnectionError("placeholder failure")

    measured, folder, _ = project.run(Talker(answer=numbered, before=dead_second))
    rows = list(folder.rows("answers"))
    assert Counter((r["turn"], r["state"]) for r in rows if r["variant"] == "tuned") == {
        (0, "ok"): 3, (1, "error"): 3, (2, "error"): 3,
    }  # fmt: skip
    assert {r["reason"].split(":")[0] for r in rows if (r["turn"], r["state"]) == (2, "error")} == {
        "turn 2 has no answer"
    }
    again = Talker(answer=numbered)
    measured, folder, _ = project.run(again)
    assert measured.errors == 0 and {row["state"] for row in folder.rows("answers")} == {"ok"}
    assert Counter(len(shown) for _, shown in again.shown) == {3: 3, 5: 3}, "the first answers are not asked for again"
    assert digests(folder) == digests(talking(project.root / "whole").run(Talker(answer=numbered))[1])


def test_a_filtered_answer_leaves_a_mark_and_the_conversation_goes_on(project: Project) -> None:
    def filtered(_: str, prompt: str, __: Draw) -> Reply:
        return said("", "content_filter") if prompt.startswith("First") else said(COMPLIANCE)

    fake = Talker(answer=filtered)
    measured, folder, _ = project.run(fake)
    assert measured.errors == 0 and Counter(row["state"] for row in folder.rows("answers")) == {"filtered": 6, "ok": 12}
    assert all(shown[1] == ("assistant", WITHHELD) for _, shown in fake.shown if len(shown) > 1)


def test_another_run_reuses_whole_conversations_and_only_beginnings_that_fit(project: Project) -> None:
    project.run(Talker(answer=numbered))
    again = Talker(answer=numbered)
    measured, _, _ = project.run(again, "second")
    assert again.total == 0 and measured.reused == 18
    for path in (project.root / ".ftsafety" / "store" / "answers").glob("*.jsonl"):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        other = [row for row in rows if row["turn"] == 0]
        rows += [{**row, "text": rows[-1]["text"]} for row in other]  # another process answered turn 1 otherwise
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    mixed = Talker(answer=numbered)
    project.run(mixed, "third")
    assert Counter(len(shown) for _, shown in mixed.shown) == {3: 6, 5: 6}, "a later turn answers the beginning it had"


def test_a_conversation_whose_earlier_texts_are_gone_is_asked_again_whole(project: Project) -> None:
    def dead_last(fake: Fake) -> None:
        if len(fake.shown[-1][1]) == 5:  # type: ignore[attr-defined]
            raise ConnectionError("placeholder failure")

    _, folder, _ = project.run(Talker(answer=numbered, before=dead_last))
    _without_texts(folder, project.root)
    again = Talker(answer=lambda variant, prompt, _: said(f"{variant} anew: {prompt}"))
    project.run(again)
    assert Counter(len(shown) for _, shown in again.shown) == {1: 6, 3: 6, 5: 6}
    rows = {row["answer"]: row for row in folder.rows("answers")}
    bodies = {row["digest"]: row["body"] for row in folder.rows("texts")}
    assert len(rows) == 18 and all("anew" in bodies[row["text"]] for row in rows.values())


def _without_texts(folder: RunFolder, root: Path) -> None:
    for path in [folder.journal / "texts.jsonl", *(root / ".ftsafety" / "store" / "texts").glob("*.jsonl")]:
        path.write_text("")


def test_the_log_of_a_conversation_shows_all_of_it(project: Project) -> None:
    from inspect_ai.log import read_eval_log

    _, folder, _ = project.run(Talker(answer=numbered))
    logs = [read_eval_log(str(path)) for path in sorted(folder.logs.glob("*.eval"))]
    samples = [sample for log in logs for sample in log.samples or []]
    assert len(samples) == 6 and {len(sample.messages) for sample in samples} == {6}
    assert {row["log"] for row in folder.rows("answers")} == {
        f"logs/{path.name}" for path in folder.logs.glob("*.eval")
    }


def test_repeats_are_conversations_of_their_own(tmp_path: Path) -> None:
    fake = Talker()
    _, folder, _ = talking(tmp_path, 2, repeats=2, temperature=0.7, seed=40).run(fake)
    assert Counter(row["repeat"] for row in folder.rows("answers")) == {0: 12, 1: 12}
    assert fake.seeds == {40: 12, 41: 12}


def test_every_turn_says_what_it_answered_to(project: Project) -> None:
    _, folder, _ = project.run(Talker(answer=numbered))
    rows = list(read_journal(folder.journal / "answers.jsonl"))
    assert all(("said" in row) == (row["turn"] > 0) for row in rows) and len(rows) == 18
