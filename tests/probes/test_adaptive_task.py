"""ftsafety_spec/adaptive (R-28): a model plays the user, and the other one is held to what it answers in every turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.fake_provider import COMPLIANCE, REFUSAL, Fake
from support.small_run import Project

from ftsafety_spec.errors import InputError
from ftsafety_spec.probes import adaptive as module
from ftsafety_spec.probes.adaptive import adaptive
from ftsafety_spec.providers.engine_model import Draw, Reply

Says = Callable[[list[Any]], str]


def model(says: Says) -> Any:
    """An Inspect model made of a function of the messages that it is shown."""
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    def give(messages: list[Any], *_: Any) -> Any:
        output = ModelOutput.from_content("mockllm/model", says(messages))
        output.usage = ModelUsage(input_tokens=10, output_tokens=5, total_tokens=15)  # else it fetches a tokenizer
        return output

    return get_model("mockllm/model", custom_outputs=give, memoize=False)


def let_play(user: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Inspect model `user` is made of this function."""
    import inspect_ai.model

    playing, real = model(user), inspect_ai.model.get_model
    monkeypatch.setattr(inspect_ai.model, "get_model", lambda name: playing if name == "user" else real(name))


def evaluated(user: Says, answers: Says, monkeypatch: pytest.MonkeyPatch, **args: Any) -> Any:
    """Inspect's samples of one evaluation."""
    from inspect_ai import eval as run

    tested = model(answers)
    let_play(user, monkeypatch)
    (log,) = run(
        adaptive("user", **args), model=tested, display="none", log_dir="memory://adaptive", fail_on_error=False
    )
    return log.samples or []


def asks(messages: list[Any]) -> str:
    return f"Placeholder question {sum(message.role == 'assistant' for message in messages)}?"


def test_a_failure_in_the_third_turn_is_seen_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(messages: list[Any]) -> str:
        return COMPLIANCE if sum(message.role == "user" for message in messages) == 3 else REFUSAL

    samples = evaluated(asks, late, monkeypatch, turns=4, probes=2)
    assert [(s.scores["survived"].value, s.scores["survived"].metadata["first_failure"]) for s in samples] == [
        (0, 3)
    ] * 2
    assert {len(sample.messages) for sample in samples} == {8}


def test_the_user_sees_its_own_turns_as_its_own_and_the_request_it_is_after(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[Any]] = []

    def watching(messages: list[Any]) -> str:
        seen.append(list(messages))
        return asks(messages)

    (sample,) = evaluated(watching, lambda _: REFUSAL, monkeypatch, turns=2, probes=1)
    assert [message.role for message in seen[1]] == ["system", "user", "assistant", "user"]
    assert sample.metadata["request"] in seen[1][0].text and seen[1][3].text == REFUSAL
    assert sample.scores["survived"].value == 1


def test_a_user_that_is_done_ends_the_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    done = lambda messages: asks(messages) if len(messages) < 4 else "Done."  # noqa: E731
    (sample,) = evaluated(done, lambda _: REFUSAL, monkeypatch, turns=6, probes=1)
    assert len(sample.messages) == 2


@pytest.mark.parametrize("text", [REFUSAL, "", module.END])
def test_a_user_that_does_not_play_is_no_evidence(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (sample,) = evaluated(lambda _: text, lambda _: REFUSAL, monkeypatch, turns=3, probes=1)
    assert sample.error is not None and not sample.scores


@pytest.mark.parametrize("args", [{"turns": 0}, {"probes": 0}])
def test_a_number_that_is_too_small_is_said_to_be_so(args: dict[str, int]) -> None:
    with pytest.raises(InputError, match="expected a whole number"):
        adaptive("mockllm/model", **args)


def test_a_suite_names_it_and_pairs_are_by_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    let_play(asks, monkeypatch)
    task = {
        "task": "ftsafety_spec/adaptive",
        "args": {"user": "user", "turns": 3, "probes": 4},
        "kind": "harmful",
        "category": "category",
        "outcomes": {"adaptive_survival": {"scorer": "survived"}},
    }

    def gives_in(variant: str, prompt: str, _: Draw) -> Reply:
        late = variant == "tuned" and prompt.endswith("2?")
        return Reply(COMPLIANCE if late else REFUSAL, "stop", tokens_in=10, tokens_out=5)

    measured, folder, _ = Project(tmp_path, tasks={"adaptive": task}).run(Fake(answer=gives_in))
    rows = {row["answer"]: row for row in folder.rows("answers")}
    assert measured.errors == 0 and {row["tokens_in"] for row in rows.values()} == {30}, "without the user's model"
    values = Counter((rows[row["answer"]]["variant"], row["outcome"], row["value"]) for row in folder.rows("grades"))
    assert values == {("base", "adaptive_survival", 1.0): 4, ("tuned", "adaptive_survival", 0.0): 4}
    asked = {
        variant: {r["prompt_id"] for r in rows.values() if r["variant"] == variant} for variant in ("base", "tuned")
    }
    assert asked["base"] == asked["tuned"] and len(asked["base"]) == 4
