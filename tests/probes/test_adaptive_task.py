"""ftsafety_spec/adaptive (R-28): a model plays the user, and the other one is held to what it answers in every turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.fake_provider import COMPLIANCE, REFUSAL

from ftsafety_spec.errors import InputError
from ftsafety_spec.probes import adaptive as module
from ftsafety_spec.probes.adaptive import adaptive

Says = Callable[[list[Any]], str]


def evaluated(user: Says, answers: Says, monkeypatch: pytest.MonkeyPatch, **args: Any) -> Any:
    """Inspect's samples, with two models made of functions of the messages that they are shown."""
    from inspect_ai import eval as run
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    def model(says: Says) -> Any:
        def give(messages: list[Any], *_: Any) -> Any:
            output = ModelOutput.from_content("mockllm/model", says(messages))
            output.usage = ModelUsage(input_tokens=10, output_tokens=5, total_tokens=15)  # else it fetches a tokenizer
            return output

        return get_model("mockllm/model", custom_outputs=give, memoize=False)

    import inspect_ai.model

    playing, real = model(user), inspect_ai.model.get_model
    monkeypatch.setattr(inspect_ai.model, "get_model", lambda name: playing if name == "user" else real(name))
    (log,) = run(adaptive("user", **args), model=model(answers), display="none", log_dir="memory://adaptive",
                 fail_on_error=False)  # fmt: skip
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
