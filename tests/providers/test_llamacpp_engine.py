"""The embedded llama.cpp engine on a real small model with random adapters: nothing leaks from one stack to another."""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path
from typing import Any

import pytest
from support.small_models import SMOLLM2, gguf_lora, peft_lora, smollm2

from ftsafety_spec.errors import EngineError, InputError
from ftsafety_spec.providers import llama_engine
from ftsafety_spec.providers.base import NoAnswer, Request
from ftsafety_spec.providers.engine_model import Draw
from ftsafety_spec.providers.llamacpp import PROVIDER
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import AdapterEntry, Generation, ModelEntry

PROMPTS = [f"Name a fruit that begins with the letter {letter}." for letter in "ABCDE"]
slow = pytest.mark.slow


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    gguf_lora(folder / "one.gguf", seed=1)
    gguf_lora(folder / "two.gguf", seed=2)
    gguf_lora(folder / "one-halved.gguf", seed=1, alpha=2.0)
    return folder


def request(root: Path, variant: str = "base", stack: dict[str, float] | None = None, **changes: Any) -> Request:
    prompt = changes.pop("system_prompt", None)
    generation = changes.pop("generation", Generation(max_tokens=8))
    entry = ModelEntry(provider="llamacpp", path=changes.pop("path", None) or str(smollm2()))
    settings = {"title": "t", "kind": "llamacpp", "concurrency": 1, "context_tokens": 512, "threads": 1, **changes}
    adapters = {name: AdapterEntry(path=name if (root / name).is_dir() else f"{name}.gguf") for name in stack or {}}
    return Request(
        variant,
        entry,
        tuple((name, adapters[name], scale) for name, scale in (stack or {}).items()),
        Provider.model_validate(settings),
        root,
        generation,
        prompt,
    )


def answers(requests: list[Request], rounds: list[str], prompts: list[str] = PROMPTS, **config: Any) -> list[list[Any]]:
    """Outputs of each round (a variant's name); all prompts of a round at once, the rounds one after the other."""
    from inspect_ai.model import GenerateConfig

    async def all_of(models: Any) -> list[list[Any]]:
        return [
            await asyncio.gather(*[models[name].generate(p, config=GenerateConfig(**config)) for p in prompts])
            for name in rounds
        ]

    with PROVIDER.open({item.variant: PROVIDER.resolve(item) for item in requests}) as models:
        return asyncio.run(all_of(models))


def texts(outputs: list[Any]) -> list[str]:
    return [output.completion for output in outputs]


@pytest.fixture(scope="module")
def clean(root: Path) -> list[str]:
    """Answers of the base in an engine that never loaded an adapter."""
    return texts(answers([request(root)], ["base"])[0])


@slow
def test_a_base_answer_after_an_adapter_answer_equals_a_clean_base_answer(root: Path, clean: list[str]) -> None:
    requests = [request(root), request(root, "one", {"one": 1.0})]
    first, adapted, again = answers(requests, ["base", "one", "base"])
    assert texts(first) == clean
    assert texts(again) == clean
    assert sum(a != b for a, b in zip(texts(adapted), clean, strict=True)) >= 3


@slow
def test_both_adapters_of_a_stack_apply_each_at_its_scale(root: Path, clean: list[str]) -> None:
    stacks: dict[str, dict[str, float]] = {
        "one": {"one": 1.0},
        "two": {"two": 1.0},
        "both": {"one": 1.0, "two": 1.0},
        "half": {"one": 0.5, "two": 1.0},
        "one at half": {"one": 0.5},
        "one halved": {"one-halved": 1.0},
        "nil": {"one": 0.0, "two": 0.0},
    }
    requests = [request(root, name, stack) for name, stack in stacks.items()]
    found = dict(zip(stacks, map(texts, answers(requests, list(stacks))), strict=True))
    assert found["nil"] == clean
    assert found["one at half"] == found.pop("one halved")
    assert len({tuple(outputs) for outputs in found.values()}) == 6


@slow
def test_the_sum_of_a_stack_is_the_same_by_another_way(root: Path) -> None:
    """Adding in another order rounds otherwise (quantised activations: some 0.1 in log probability, seen), so the first
    token's leading candidates are compared, not texts."""
    stacks = {"a": {"one": 0.5, "two": 1.0}, "b": {"two": 1.0, "one-halved": 1.0}, "c": {"two": 1.0}, "d": {"one": 0.5}}
    requests = [request(root, name, stack) for name, stack in stacks.items()]
    outputs = answers(requests, list(stacks), PROMPTS[1:2], logprobs=True, top_logprobs=5)
    tops = [{t.token: t.logprob for t in out[0].choices[0].logprobs.content[0].top_logprobs} for out in outputs]
    shared = set(tops[0]) & set(tops[1])
    assert len(shared) >= 3
    assert all(abs(tops[0][token] - tops[1][token]) < 0.5 for token in shared)
    assert len(set(tops[0]) & set(tops[2])) < 3
    assert len(set(tops[0]) & set(tops[3])) < 3


@slow
def test_requests_of_different_stacks_are_never_in_flight_together(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[str] = []
    mixed, most, lock = [], [0], threading.Lock()
    plain = llama_engine.LlamaEngine._call

    def watched(self: Any, method: str, body: dict[str, Any]) -> Any:
        with lock:
            running.append(str(body["lora"]))
            most[0] = max(most[0], len(running))
            mixed.append(len(set(running)) > 1)
        try:
            return plain(self, method, body)
        finally:
            with lock:
                running.remove(str(body["lora"]))

    monkeypatch.setattr(llama_engine.LlamaEngine, "_call", watched)
    requests = [request(root, concurrency=4), request(root, "one", {"one": 1.0}, concurrency=4)]

    with PROVIDER.open({item.variant: item for item in requests}) as models:
        asyncio.run(interleaved(models))
    assert len(mixed) == 10
    assert not any(mixed)
    assert most[0] > 1


async def interleaved(models: Any) -> list[Any]:
    """All prompts of all variants at once, variants in turn."""
    return await asyncio.gather(*[models[name].generate(prompt) for prompt in PROMPTS for name in models])


@slow
def test_stacks_that_are_asked_in_turn_answer_as_each_by_itself(root: Path, clean: list[str]) -> None:
    """One request at a time: several at once are one batch of llama.cpp's, which rounds otherwise, with or without
    adapters."""
    stacks: dict[str, dict[str, float]] = {"base": {}, "one": {"one": 1.0}, "both": {"one": 1.0, "two": 0.5}}
    requests = [request(root, name, stack) for name, stack in stacks.items()]
    with PROVIDER.open({item.variant: PROVIDER.resolve(item) for item in requests}) as models:
        found = texts(asyncio.run(interleaved(models)))
    assert found[0::3] == clean
    for place, item in enumerate(requests[1:], start=1):
        assert found[place::3] == texts(answers([item], [item.variant])[0]), item.variant


@slow
def test_usage_and_stop_reasons_are_told(root: Path) -> None:
    short, whole = (
        answers([request(root, generation=Generation(max_tokens=most))], ["base"], ["Say only the word yes."])[0][0]
        for most in (1, 120)
    )
    assert (short.stop_reason, short.usage.output_tokens) == ("max_tokens", 1)
    assert whole.stop_reason == "stop"
    assert 1 < whole.usage.output_tokens < 120
    assert whole.usage.input_tokens == short.usage.input_tokens > 10
    assert whole.model == "llamacpp/base"


@slow
def test_the_system_prompt_and_the_seed_reach_the_engine(root: Path, clean: list[str]) -> None:
    pirate = request(root, system_prompt="You are a pirate. Talk like one.")
    assert texts(answers([pirate], ["base"])[0]) != clean
    assert PROVIDER.identify(pirate).digest() != PROVIDER.identify(request(root)).digest()
    warm = request(root, generation=Generation(temperature=1.0, max_tokens=8))
    one, again, other = (texts(answers([warm], ["base"], PROMPTS, seed=seed)[0]) for seed in (1, 1, 2))
    assert one == again != other


@slow
def test_log_probabilities_are_given_when_asked_for(root: Path) -> None:
    output = answers([request(root)], ["base"], PROMPTS[:1], logprobs=True, top_logprobs=5)[0][0]
    content = output.choices[0].logprobs.content
    assert len(content) == output.usage.output_tokens
    assert all(len(item.top_logprobs) == 5 for item in content)


@slow
def test_a_prompt_that_does_not_fit_is_an_error_of_that_prompt(root: Path) -> None:
    with pytest.raises(NoAnswer, match="context"):
        answers([request(root, context_tokens=256)], ["base"], ["word " * 600])


@slow
def test_an_adapter_that_is_not_loaded_cannot_be_asked_for(root: Path) -> None:
    engine = llama_engine.start(smollm2(), {"one": root / "one.gguf"}, request(root).definition)
    try:
        with pytest.raises(EngineError, match="three"):
            asyncio.run(engine.ask({"three": 1.0}, [{"role": "user", "content": "hi"}], Draw(0, None, 4, None)))
    finally:
        llama_engine.stop(engine)


@slow
def test_the_engine_stops_when_it_is_left(root: Path) -> None:
    import httpx

    with PROVIDER.open({"base": request(root)}) as models:
        engine = models["base"].api.generate.__closure__
        address = next(
            cell.cell_contents.func.__self__.server.listening_address
            for cell in engine
            if hasattr(cell.cell_contents, "func")
        )
        assert httpx.get(f"{address}/health", timeout=5).status_code == 200
    gc.collect()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{address}/health", timeout=2)


@slow
def test_the_listening_port_needs_a_key_that_nobody_knows(root: Path) -> None:
    import httpx

    engine = llama_engine.start(smollm2(), {}, request(root).definition)
    try:
        body = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
        answer = httpx.post(f"{engine.server.listening_address}/v1/chat/completions", json=body, timeout=10)
    finally:
        llama_engine.stop(engine)
    assert answer.status_code == 401


class EmptyServer:
    """Answers with status 200 and no text, as two adapters together can make llama.cpp do."""

    def handle_chat_completions(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        message = {"role": "assistant", "content": " "}
        usage = {"prompt_tokens": 3, "completion_tokens": 1}
        return {"choices": [{"finish_reason": "stop", "message": message}], "usage": usage}


def test_an_empty_answer_is_a_fault() -> None:
    from ftsafety_spec.providers.engine_model import engine_model
    from ftsafety_spec.providers.stack_gate import StackGate

    engine = llama_engine.LlamaEngine(EmptyServer(), (), StackGate(1))
    definition = Provider(title="t", kind="llamacpp")
    wanted = Request("base", ModelEntry(provider="p", path="x"), (), definition, Path())

    async def ask(messages: Any, draw: Draw) -> Any:
        return await engine.ask({}, messages, draw)

    model = engine_model("llamacpp", wanted, ask, 1)
    with pytest.raises(NoAnswer, match="empty"):
        asyncio.run(model.generate("hi"))
    llama_engine.stop(engine)


def test_a_missing_engine_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    from ftsafety_spec.providers import installed

    def gone(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(installed, "version", gone)
    with pytest.raises(InputError, match="xllamacpp") as caught:
        PROVIDER.resolve(request(Path(), path="x.gguf"))
    assert caught.value.code == "FTS-120"
    assert "pip install 'ftsafety-spec[llamacpp]'" in str(caught.value)


@pytest.mark.parametrize("name", ["model.bin", "model.pt", "model.pth"])
def test_pickle_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x80\x04")
    with pytest.raises(InputError, match="run code") as caught:
        PROVIDER.resolve(request(tmp_path, path=name))
    assert caught.value.code == "FTS-124"


@pytest.mark.parametrize("content", [b"", b"GG", b"hello, this is no model", b"GGUF\x09\0\0\0", b"GGUF\x03\0\0\0\x01"])
def test_what_is_no_gguf_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.gguf").write_bytes(content)
    with pytest.raises(InputError, match="GGUF") as caught:
        PROVIDER.resolve(request(tmp_path, path="model.gguf"))
    assert caught.value.code == "FTS-124"


def test_weights_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such weights") as caught:
        PROVIDER.resolve(request(tmp_path, path="gone.gguf"))
    assert caught.value.code == "FTS-111"


def test_weights_that_llama_cpp_cannot_load_are_an_engine_error(root: Path) -> None:
    pytest.importorskip("xllamacpp")
    with pytest.raises(EngineError, match="cannot load"):
        llama_engine.start(root / "one.gguf", {}, request(root, path="x").definition)


def test_an_adapter_in_place_of_a_model_is_refused(root: Path) -> None:
    with pytest.raises(InputError, match="adapter, not a model"):
        PROVIDER.resolve(request(root, path="one.gguf"))


def test_an_adapter_for_another_base_is_refused(root: Path) -> None:
    gguf_lora(root / "deep.gguf", seed=1, layers=40)
    gguf_lora(root / "wide.gguf", seed=1, width=64)
    for name in ("deep", "wide"):
        with pytest.raises(InputError, match="does not fit") as caught:
            PROVIDER.resolve(request(root, stack={name: 1.0}))
        assert caught.value.code == "FTS-124"


@slow
def test_a_peft_folder_is_converted_once_and_keeps_its_identity(tmp_path: Path, clean: list[str]) -> None:
    folder = peft_lora(tmp_path / "kept", seed=1, size=0.12, shape=SMOLLM2)
    wanted = request(tmp_path, stack={"kept": 1.0})
    before = PROVIDER.identify(wanted)
    assert texts(answers([wanted], ["base"])[0]) != clean
    made = list((tmp_path / ".ftsafety" / "cache" / "adapters").iterdir())
    assert [path.suffix for path in made] == [".gguf"]
    stamp = made[0].stat().st_mtime_ns
    PROVIDER.resolve(wanted)
    assert [path.stat().st_mtime_ns for path in made[0].parent.iterdir()] == [stamp]
    assert PROVIDER.identify(wanted, rehash=True) == before
    peft_lora(folder, seed=2, size=0.12, shape=SMOLLM2)
    PROVIDER.resolve(wanted)
    assert len(list(made[0].parent.iterdir())) == 2
    assert PROVIDER.identify(wanted).digest() != before.digest()


@pytest.mark.parametrize(
    "config",
    [{"use_dora": True}, {"modules_to_save": ["lm_head"]}, {"bias": "all"}, {"peft_type": "IA3"}],
)
def test_adapters_that_llama_cpp_cannot_apply_are_refused(tmp_path: Path, config: dict[str, Any]) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    peft_lora(tmp_path / "odd", seed=1, **config)
    name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
    save_file({name: np.zeros((2, 576), np.float32)}, tmp_path / "odd" / "adapter_model.safetensors")
    with pytest.raises(InputError) as caught:
        PROVIDER.resolve(request(tmp_path, stack={"odd": 1.0}))
    assert caught.value.code == "FTS-124"


def test_an_adapter_saved_as_pickle_is_refused(tmp_path: Path) -> None:
    peft_lora(tmp_path / "odd", seed=1)
    (tmp_path / "odd" / "adapter_model.safetensors").rename(tmp_path / "odd" / "adapter_model.bin")
    with pytest.raises(InputError, match="run code") as caught:
        PROVIDER.resolve(request(tmp_path, stack={"odd": 1.0}))
    assert caught.value.code == "FTS-124"


def test_identity_names_weights_adapters_and_engine(root: Path) -> None:
    one = PROVIDER.identify(request(root, stack={"one": 1.0, "two": 0.5}))
    assert one.kind == "content"
    assert one.quantization == "Q4_1"
    assert [(item.id, item.scale) for item in one.adapters] == [("one", 1.0), ("two", 0.5)]
    assert one.weights and one.tokenizer and one.chat_template
    assert "xllamacpp" in one.engine
    swapped = PROVIDER.identify(request(root, stack={"two": 0.5, "one": 1.0}))
    assert swapped.weights == one.weights
    assert swapped.digest() != one.digest()
