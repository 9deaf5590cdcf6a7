"""Choices are asked with log-probabilities: they reach the grader, are in the reading's key, and in no log."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.fake_provider import Fake
from support.small_run import Project

from ftsafety_spec.providers.engine_model import Draw, Reply


def probed(path: Path, **fields: Any) -> Project:
    tasks = {"values": {"probe": "ftsafety/value_shift", "args": {"items": 4}}}
    return Project(path, tasks={**tasks, **fields.pop("more", {})}, **fields)


def says_a(share: dict[str, float], seen: list[int | None]) -> Any:
    """Every variant says A; its probabilities differ."""

    def answer(variant: str, prompt: str, draw: Draw) -> Reply:  # noqa: ARG001
        seen.append(draw.top_logprobs)
        tops = [("A", share[variant]), ("B", 1 - share[variant])]
        content = [
            {
                "token": "A",
                "logprob": math.log(share[variant]),
                "top_logprobs": [{"token": t, "logprob": math.log(p)} for t, p in tops],
            }
        ]
        return Reply(
            "A", "stop", tokens_in=1, tokens_out=1, logprobs={"content": content} if draw.top_logprobs else None
        )

    return answer


def values(rows: list[dict[str, Any]], answers: list[dict[str, Any]], variant: str) -> Counter[float]:
    mine = {row["answer"] for row in answers if row["variant"] == variant}
    return Counter(row["value"] for row in rows if row["answer"] in mine)


def test_probabilities_are_the_reading_and_equal_texts_are_not_one_reading(tmp_path: Path) -> None:
    seen: list[int | None] = []
    fake = Fake(answer=says_a({"base": 0.75, "tuned": 0.25}, seen))
    _, folder, _ = probed(tmp_path).run(fake)
    grades, answers = list(folder.rows("grades")), list(folder.rows("answers"))
    assert len(answers) == 32 and set(seen) == {20}
    assert values(grades, answers, "base") == {0.75: 8, 0.25: 8}
    assert values(grades, answers, "tuned") == {0.25: 8, 0.75: 8}
    assert len({row["grade"] for row in grades}) == 32


def test_they_are_kept_for_the_next_run(tmp_path: Path) -> None:
    seen: list[int | None] = []
    fake = Fake(answer=says_a({"base": 0.75, "tuned": 0.25}, seen))
    probed(tmp_path).run(fake)
    measured, folder, _ = probed(tmp_path).run(fake, "again")
    assert (measured.answered, measured.reused) == (0, 32) and len(seen) == 32
    assert {row["value"] for row in folder.rows("grades")} == {0.25, 0.75}


def test_no_log_holds_them(tmp_path: Path) -> None:
    from inspect_ai.log import read_eval_log

    fake = Fake(answer=says_a({"base": 0.75, "tuned": 0.25}, []))
    _, folder, _ = probed(tmp_path).run(fake)
    logs = [read_eval_log(str(path)) for path in folder.logs.glob("*.eval")]
    samples = [sample for log in logs for sample in log.samples or []]
    assert len(samples) == 32
    assert all(choice.logprobs is None for sample in samples for choice in sample.output.choices)


def test_other_prompts_are_asked_without(tmp_path: Path) -> None:
    seen: list[int | None] = []
    fake = Fake(answer=says_a({"base": 0.75, "tuned": 0.25}, seen))
    Project(tmp_path).run(fake)
    assert set(seen) == {None}


def test_where_an_engine_refuses_them_the_text_decides(tmp_path: Path) -> None:
    def answer(variant: str, prompt: str, draw: Draw) -> Reply:  # noqa: ARG001
        if draw.top_logprobs:
            raise ValueError("placeholder: no log-probabilities here")
        return Reply("A", "stop", tokens_in=1, tokens_out=1)

    measured, folder, _ = probed(tmp_path).run(Fake(answer=answer))
    assert measured.errors == 0
    assert {row["value"] for row in folder.rows("grades")} == {0.0, 1.0}


def test_a_changed_key_of_a_prompt_is_another_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a grader is told beside the texts is in the key, so that the store never gives a stale reading."""
    from ftsafety_spec.catalog.probes import rows

    fake = Fake(answer=says_a({"base": 0.75, "tuned": 0.75}, []))
    _, folder, _ = probed(tmp_path).run(fake)
    before = {row["answer"]: row["value"] for row in folder.rows("grades")}
    whole = rows._prompts.__wrapped__

    def turned(name: str, digest: str) -> Any:
        import dataclasses

        other = {"A": "B", "B": "A"}
        return tuple(
            dataclasses.replace(p, metadata={**p.metadata, "canonical": other[p.metadata["canonical"]]})
            for p in whole(name, digest)
        )

    monkeypatch.setattr(rows, "_prompts", turned)
    _, folder, _ = probed(tmp_path).run(fake, "turned")
    after = {row["answer"]: row["value"] for row in folder.rows("grades")}
    assert before.keys() == after.keys()
    assert all(after[key] == pytest.approx(1 - before[key]) for key in before)
