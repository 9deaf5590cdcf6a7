"""Batches of a provider that are kept on disk: whatever ends a process or a batch, nothing is asked or paid twice."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import APIError, AsyncOpenAI
from support.local_api import LocalApi, default_answer

from ftsafety_spec.providers import kept_batches
from ftsafety_spec.providers.base import REPEAT, NoAnswer
from ftsafety_spec.providers.kept_batches import KeptBatches
from ftsafety_spec.providers.openai_batches import OpenAIDoor

PROMPTS = [f"prompt number {number}" for number in range(20)]
MODEL = "gpt-4.1-mini-2025-04-14"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalApi]:
    monkeypatch.setattr(kept_batches, "QUIET", 0.05)
    monkeypatch.setattr(kept_batches, "TICK", 0.01)
    with LocalApi() as server:
        yield server


class Process:
    """One process's life: what it asks, how it ends."""

    def __init__(self, folder: Path, api: LocalApi, model: str = MODEL) -> None:
        self.stop = False
        self.notes: list[str] = []
        self._folder, self._api, self._model = folder, api, model

    def ask(self, prompts: list[str] = PROMPTS, repeats: int = 1, stop_after: float | None = None) -> list[Any]:
        """Answers' texts, or what was raised, all asked at once."""
        return asyncio.run(self._ask(prompts, repeats, stop_after))

    async def _ask(self, prompts: list[str], repeats: int, stop_after: float | None) -> list[Any]:
        async with AsyncOpenAI(api_key="placeholder", base_url=self._api.base_url) as client:
            door = OpenAIDoor(lambda: client, self._model, "/v1/chat/completions")
            kept = KeptBatches(self._folder, door, lambda: self.stop, self.notes.append)
            if stop_after is not None:
                asyncio.get_running_loop().call_later(stop_after, setattr, self, "stop", True)
            calls = [self._one(kept, prompt, repeat) for prompt in prompts for repeat in range(repeats)]
            return await asyncio.gather(*calls, return_exceptions=True)

    async def _one(self, kept: KeptBatches, prompt: str, repeat: int) -> str:
        REPEAT.set(repeat)
        messages = [{"role": "user", "content": prompt}]
        headers = {"x-request": str(time.time())}
        answer = await kept.generate_for_request({"model": self._model, "messages": messages, "extra_headers": headers})
        return str(answer.choices[0].message.content)


def answered(found: list[Any]) -> int:
    """How many are texts; everything else has to be a stated reason."""
    assert all(isinstance(one, str | NoAnswer) for one in found)
    return sum(isinstance(one, str) for one in found)


def test_every_answer_goes_to_the_one_who_asked(tmp_path: Path, api: LocalApi) -> None:
    process = Process(tmp_path, api)
    assert process.ask() == [default_answer(MODEL, prompt) for prompt in PROMPTS]
    assert len(api.batches.made) == 1 and api.batched == dict.fromkeys(PROMPTS, 1)
    assert not any(prompt in path.read_text() for path in tmp_path.iterdir() for prompt in PROMPTS), "ids only"
    assert len(process.notes) == 2


def test_a_stop_leaves_at_once_and_the_next_process_waits_for_the_same_batch(tmp_path: Path, api: LocalApi) -> None:
    api.batches.held = True
    left = Process(tmp_path, api).ask(stop_after=0.5)
    assert answered(left) == 0 and {one.state for one in left} == {"not_run"}
    api.batches.held = False
    assert answered(Process(tmp_path, api).ask()) == len(PROMPTS)
    assert len(api.batches.made) == 1 and set(api.batched.values()) == {1}


@pytest.mark.parametrize(("ending", "there"), [("expired", 8), ("cancelled", 8), ("failed", 0)])
def test_a_batch_that_ends_early_keeps_its_answers_and_the_rest_can_be_asked_again(
    tmp_path: Path, api: LocalApi, ending: str, there: int
) -> None:
    api.batches.ends_as, api.batches.only = ending, 8
    first = Process(tmp_path, api).ask()
    assert answered(first) == there
    assert all(ending in str(one) and one.state == "error" for one in first if isinstance(one, NoAnswer))
    api.batches.ends_as = "completed"
    assert answered(Process(tmp_path, api).ask()) == len(PROMPTS)
    assert [batch.total for batch in api.batches.made.values()] == [len(PROMPTS), len(PROMPTS) - there]
    assert api.batched == dict.fromkeys(PROMPTS, 1)


def test_a_batch_whose_creation_was_answered_into_a_cut_line_is_found(tmp_path: Path, api: LocalApi) -> None:
    api.batches.cut_after_create = True
    assert answered(Process(tmp_path, api).ask()) == len(PROMPTS)
    assert len(api.batches.made) == 1


def test_a_process_that_died_before_it_knew_the_id_finds_the_batch(tmp_path: Path, api: LocalApi) -> None:
    api.batches.held = True
    Process(tmp_path, api).ask(stop_after=0.5)
    (path,) = tmp_path.iterdir()
    path.write_text(json.dumps({**json.loads(path.read_text()), "batch": None}))
    api.batches.held = False
    assert answered(Process(tmp_path, api).ask()) == len(PROMPTS)
    assert len(api.batches.made) == 1


def test_a_server_that_fails_a_third_of_its_calls_makes_one_batch(tmp_path: Path, api: LocalApi) -> None:
    api.fail_every = 3
    assert answered(Process(tmp_path, api).ask()) == len(PROMPTS)
    assert api.failed >= 2 and len(api.batches.made) == 1


def test_repeats_and_equal_prompts_are_rows_of_their_own(tmp_path: Path, api: LocalApi) -> None:
    assert answered(Process(tmp_path, api).ask([PROMPTS[0], PROMPTS[0]], repeats=3)) == 6
    assert api.batched == {PROMPTS[0]: 6}
    answered(Process(tmp_path, api).ask([PROMPTS[0], PROMPTS[0]], repeats=3))
    assert api.batched == {PROMPTS[0]: 6}, "they are known by name in the next process too"


def test_another_model_is_another_batch(tmp_path: Path, api: LocalApi) -> None:
    Process(tmp_path, api).ask()
    Process(tmp_path, api, "tuned-2025-01-01").ask()
    assert len(api.batches.made) == 2


def test_a_batch_that_the_provider_forgot_is_an_error_then_asked_anew(tmp_path: Path, api: LocalApi) -> None:
    api.batches.held = True
    Process(tmp_path, api).ask(stop_after=0.5)
    api.batches.held = False
    api.batches.made.clear()
    assert answered(Process(tmp_path, api).ask()) == 0
    assert answered(Process(tmp_path, api).ask()) == len(PROMPTS)


def test_a_batch_of_last_week_is_not_taken_over(tmp_path: Path, api: LocalApi) -> None:
    Process(tmp_path, api).ask()
    (path,) = tmp_path.iterdir()
    old = json.loads(path.read_text())
    path.write_text(json.dumps({**old, "made": old["made"] - kept_batches.KEEP_SECONDS - 1}))
    Process(tmp_path, api).ask()
    assert len(api.batches.made) == 2 and not path.exists()


def test_a_filters_word_stays_one_and_an_empty_answer_is_none(tmp_path: Path, api: LocalApi) -> None:
    filtered: dict[str, Any] = {"message": "content policy", "type": "invalid_request_error", "code": "content_filter"}
    row = {"response": {"status_code": 400, "body": {"error": filtered}}, "error": None}
    door = OpenAIDoor(lambda: AsyncOpenAI(api_key="placeholder", base_url=api.base_url), MODEL, "/v1/chat/completions")
    assert isinstance(door._answer(row), APIError)
    api.answer = lambda _model, _prompt: ""
    assert answered(Process(tmp_path, api).ask(PROMPTS[:2])) == 0
