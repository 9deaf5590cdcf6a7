"""Recorded answers: read whole or refused with every bad row, looked up by digest, never invented."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftsafety_spec.errors import InputError
from ftsafety_spec.providers.base import REPEAT, NoAnswer, Request
from ftsafety_spec.providers.recorded import PROVIDER
from ftsafety_spec.providers.recorded_import import from_eval_log
from ftsafety_spec.providers.recording import prompts_of, read_recording
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import AdapterEntry, ModelEntry

HEADER = {"recorded": {"model": "placeholder-7b", "tool": "by hand"}}


def write(path: Path, *rows: Any) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def request(root: Path, name: str = "answers.jsonl", **changes: Any) -> Request:
    entry = ModelEntry(provider="recorded", answers=name)
    return Request("base", entry, changes.pop("stack", ()), Provider(title="t", kind="recorded"), root, **changes)


def ask(root: Path, prompt: str, repeat: int | None = None, **changes: Any) -> Any:
    async def one(model: Any) -> Any:
        REPEAT.set(repeat)
        return await model.generate(prompt)

    with PROVIDER.open({"base": PROVIDER.resolve(request(root, **changes))}) as models:
        return asyncio.run(one(models["base"]))


def problems(path: Path) -> list[tuple[int | None, str]]:
    with pytest.raises(InputError) as caught:
        read_recording(path)
    assert {problem.code for problem in caught.value.problems} == {"FTS-125"}
    assert all(problem.where.file == str(path) for problem in caught.value.problems)
    return [(problem.where.line, problem.message) for problem in caught.value.problems]


def test_an_answer_is_found_by_its_prompt(tmp_path: Path) -> None:
    write(
        tmp_path / "answers.jsonl", HEADER, {"prompt": "p1", "answer": "a1"}, {"prompt": "p2", "answer": "a2", "id": 7}
    )
    assert ask(tmp_path, "p2").completion == "a2"
    assert ask(tmp_path, "p1", system_prompt="be brief").completion == "a1"
    assert prompts_of(tmp_path / "answers.jsonl") == [(None, "p1"), ("7", "p2")]
    assert read_recording(tmp_path / "answers.jsonl").claims == HEADER["recorded"]


def test_a_prompt_that_was_not_recorded_was_not_run(tmp_path: Path) -> None:
    write(tmp_path / "answers.jsonl", {"prompt": "p1", "answer": "a1"})
    for prompt, repeat in (("p1 ", 0), ("p1", 1)):
        with pytest.raises(NoAnswer, match="not recorded") as caught:
            ask(tmp_path, prompt, repeat)
        assert caught.value.state == "not_run"


def test_repeats_are_found_by_number_in_any_order(tmp_path: Path) -> None:
    rows = [{"prompt": "p", "answer": f"a{number}", "repeat": number} for number in (2, 0, 1)]
    write(tmp_path / "answers.jsonl", *rows)
    assert [ask(tmp_path, "p", repeat).completion for repeat in (1, 2, 0)] == ["a1", "a2", "a0"]


def test_equal_prompts_without_a_number_are_repeats_in_file_order(tmp_path: Path) -> None:
    write(tmp_path / "answers.jsonl", *[{"prompt": "p", "answer": f"a{number}"} for number in range(3)])
    assert [ask(tmp_path, "p", repeat).completion for repeat in range(3)] == ["a0", "a1", "a2"]


@pytest.mark.parametrize(("state", "stop"), [("filtered", "content_filter"), ("truncated", "max_tokens")])
def test_states_are_kept(tmp_path: Path, state: str, stop: str) -> None:
    write(tmp_path / "answers.jsonl", {"prompt": "p", "answer": "cut", "state": state})
    assert ask(tmp_path, "p").stop_reason == stop


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"prompt": "p", "state": "error"}, "error"),
        ({"prompt": "p", "state": "not_run"}, "not_run"),
        ({"prompt": "p", "answer": "  "}, "error"),
    ],
)
def test_what_is_no_answer_never_becomes_one(tmp_path: Path, row: dict[str, Any], state: str) -> None:
    write(tmp_path / "answers.jsonl", row)
    with pytest.raises(NoAnswer) as caught:
        ask(tmp_path, "p")
    assert caught.value.state == state


def test_every_bad_row_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(
        tmp_path / "bad.jsonl",
        HEADER,
        {"prompt": "p1", "anwser": "x"},
        {"prompt": "p2"},
        "not json",
        [1],
        {"prompt": 3, "answer": "x"},
        {"prompt": "", "answer": "x"},
        {"prompt": "p", "answer": "x", "repeat": -1},
        {"prompt": "p", "answer": "x", "state": "fine"},
        '{"prompt": "p", "answer": "x", "answer": "y"}',
        {"prompt": "p9", "answer": "x", "repeat": 0},
        {"prompt": "p9", "answer": "x", "repeat": 0},
        HEADER,
        "[" * 100_000,
    )
    found = problems(path)
    assert [line for line, _ in found] == [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14]
    assert "did you mean answer" in found[0][1]
    assert "twice" in dict(found)[10] and "twice" in dict(found)[12]


@pytest.mark.parametrize("content", [b"", b"\n\n", b'{"recorded": {}}\n', b"\xff\xfe\n", b"\0\n"])
def test_a_file_without_answers_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.jsonl").write_bytes(content)
    assert problems(tmp_path / "bad.jsonl")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file") as caught:
        PROVIDER.resolve(request(tmp_path))
    assert caught.value.code == "FTS-111"


def test_odd_characters_and_line_ends_are_no_obstacle(tmp_path: Path) -> None:
    prompts = ["a\u2028b", "lone \ud800 surrogate", "tab\tand\nnewline", "émoji 🙂"]
    lines = [json.dumps({"prompt": prompt, "answer": "x"}) for prompt in prompts]
    (tmp_path / "answers.jsonl").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert {digest for digest, _ in read_recording(tmp_path / "answers.jsonl").answers} == set(
        map(digest_text, prompts)
    )


@given(st.lists(st.tuples(st.text(min_size=1), st.text()), min_size=1, max_size=20, unique_by=lambda pair: pair[0]))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]) -> None:
    path = write(tmp_path_factory.mktemp("r") / "a.jsonl", *[{"prompt": p, "answer": a} for p, a in pairs])
    book = read_recording(path)
    assert [(book.answers[digest_text(p), 0].text) for p, _ in pairs] == [a for _, a in pairs]


def test_identity_is_the_recording(tmp_path: Path) -> None:
    write(tmp_path / "answers.jsonl", HEADER, {"prompt": "p", "answer": "a"})
    first = PROVIDER.identify(request(tmp_path))
    assert first.kind == "recorded" and first.weights is None
    assert first.provider is not None and first.provider.model == "placeholder-7b"
    write(tmp_path / "answers.jsonl", HEADER, {"prompt": "p", "answer": "b"})
    assert PROVIDER.identify(request(tmp_path)).digest() != first.digest()


def test_recorded_answers_take_no_adapters(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="adapters") as caught:
        PROVIDER.resolve(request(tmp_path, stack=(("a", AdapterEntry(path="a"), 1.0),)))
    assert caught.value.code == "FTS-110"


def inspect_log(folder: Path) -> Path:
    """A log of a real Inspect run: two prompts, two epochs, one failing call, one conversation."""
    from inspect_ai import Task, eval
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ChatMessageAssistant, ChatMessageUser, ModelOutput, ModelUsage, get_model

    def answer(messages: Any, *_: Any) -> ModelOutput:
        if messages[-1].text == "fails":
            raise ValueError("placeholder")
        output = ModelOutput.from_content("mockllm", f"answer to {messages[-1].text}")
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    talk = [ChatMessageUser(content="one"), ChatMessageAssistant(content="two"), ChatMessageUser(content="three")]
    samples = [
        Sample(id="x", input="first"),
        Sample(id="y", input="fails"),
        Sample(id="z", input=talk),
        Sample(id="w", input="first"),
    ]
    log = eval(
        Task(dataset=samples),
        model=get_model("mockllm/model", custom_outputs=answer),
        epochs=2,
        display="none",
        log_dir=str(folder / "logs"),
        fail_on_error=False,
    )[0]
    return Path(log.location)


def test_an_inspect_log_becomes_recorded_answers(tmp_path: Path) -> None:
    done = from_eval_log(inspect_log(tmp_path), tmp_path / "answers.jsonl")
    assert done.rows == 4
    assert sum(done.skipped.values()) == 4
    assert ask(tmp_path, "first", 1).completion == "answer to first"
    with pytest.raises(NoAnswer):
        ask(tmp_path, "fails", 0)
    claims = read_recording(tmp_path / "answers.jsonl").claims
    assert claims["model"] == "mockllm/model" and claims["date"] and "inspect-ai" in claims["tool"]


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.eval").write_bytes(b"placeholder")
    for name, code in (("no.eval", "FTS-125"), ("gone.eval", "FTS-111")):
        with pytest.raises(InputError) as caught:
            from_eval_log(tmp_path / name, tmp_path / "out.jsonl")
        assert caught.value.code == code
    assert not (tmp_path / "out.jsonl").exists()
