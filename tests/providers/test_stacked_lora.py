"""A stack of adapters as one adapter of the same effect, and vLLM's LoRA route through Inspect (R-58, R-59)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from support.small_models import peft_lora
from support.vllm_server import VllmServer

from ftsafety_spec.errors import EngineError, InputError
from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.inspect import PROVIDER
from ftsafety_spec.providers.stacked_lora import RANKS, write_stack
from ftsafety_spec.providers.vllm_lora import server_args
from ftsafety_spec.providers.weights import read_adapter
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import AdapterEntry, ModelEntry

STACKS: dict[str, dict[str, float]] = {
    "base": {},
    "tone": {"tone": 1.0},
    "cards": {"cards": 0.5},
    "both": {"tone": 1.0, "cards": 0.5},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that looks like weights (two layers, 32 wide) and two adapters for it."""
    from safetensors.numpy import save_file

    (tmp_path / "weights").mkdir()
    save_file({"x": np.zeros(2, np.float32)}, tmp_path / "weights" / "model.safetensors")
    (tmp_path / "weights" / "config.json").write_text(json.dumps({"num_hidden_layers": 2, "hidden_size": 32}))
    (tmp_path / "weights" / "tokenizer_config.json").write_text(json.dumps({"chat_template": "{{ messages }}"}))
    peft_lora(tmp_path / "tone", seed=1)
    peft_lora(tmp_path / "cards", seed=2, rank=5, use_rslora=True)
    return tmp_path


def effects(folder: Path, scale: float = 1.0) -> dict[str, Any]:
    """s B A of each module, by PEFT's definition."""
    config, tensors = (
        json.loads((folder / "adapter_config.json").read_text()),
        load_file(folder / "adapter_model.safetensors"),
    )
    size = config["lora_alpha"] / (config["r"] ** 0.5 if config.get("use_rslora") else config["r"])
    return {
        name: scale * size * tensors[name.replace("lora_A", "lora_B")].astype(float) @ tensors[name]
        for name in tensors
        if "lora_A" in name
    }


def stacked(root: Path, stack: dict[str, float], out: str = "out") -> Path:
    write_stack([(read_adapter(n, AdapterEntry(path=n), root), scale) for n, scale in stack.items()], root / out)
    return root / out


def test_a_stack_as_one_adapter_has_the_sum_of_the_effects(root: Path) -> None:
    one, other = effects(root / "tone", 0.7), effects(root / "cards", -0.4)
    found = effects(stacked(root, {"tone": 0.7, "cards": -0.4}))
    assert found.keys() == one.keys() == other.keys()
    for name, effect in found.items():
        np.testing.assert_allclose(effect, one[name] + other[name], rtol=1e-5, atol=1e-5)


def test_its_rank_is_one_that_vllm_takes_and_its_config_states_it(root: Path) -> None:
    folder = stacked(root, {"tone": 1.0, "cards": 1.0})
    config = json.loads((folder / "adapter_config.json").read_text())
    shapes = {tensor.shape for tensor in load_file(folder / "adapter_model.safetensors").values()}
    assert config["r"] == config["lora_alpha"] == 8 and 8 in RANKS, "2 + 5, padded"
    assert shapes == {(8, 32), (32, 8)}
    assert config["target_modules"] == ["q_proj", "v_proj"]


def test_modules_of_one_adapter_only_are_kept(root: Path) -> None:
    peft_lora(root / "short", seed=3, shape=(1, 32, 32))
    found = effects(stacked(root, {"tone": 1.0, "short": 1.0}))
    alone = effects(root / "tone")
    later = [name for name in found if ".layers.1." in name]
    assert later
    for name in later:
        np.testing.assert_allclose(found[name], alone[name], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("more", [{"use_dora": True}, {"modules_to_save": ["lm_head"]}, {"bias": "all"},
                                  {"init_lora_weights": "pissa"}])  # fmt: skip
def test_what_is_more_than_a_lora_is_not_stacked(root: Path, more: dict[str, Any]) -> None:
    peft_lora(root / "tone", seed=1, **more)
    with pytest.raises(InputError, match="cannot be stacked") as caught:
        stacked(root, {"tone": 1.0, "cards": 1.0})
    assert caught.value.code == "FTS-124"


def test_too_many_ranks_are_refused(root: Path) -> None:
    peft_lora(root / "tone", seed=1, rank=510)
    with pytest.raises(InputError, match="more than 512"):
        stacked(root, {"tone": 1.0, "cards": 1.0})


def requests(root: Path, url: str) -> dict[str, Request]:
    definition = Provider.model_validate(
        {"title": "t", "kind": "inspect", "inspect_name": "vllm", "base_url": url, "retries": 0, "timeout": 20}
    )
    entry = ModelEntry(provider="p", path="weights")
    return {
        name: Request(name, entry, tuple((key, AdapterEntry(path=key), scale) for key, scale in stack.items()),
                      definition, root)
        for name, stack in STACKS.items()
    }  # fmt: skip


def asked(wanted: dict[str, Request]) -> dict[str, str]:
    """One answer of each variant, all at once, in turns."""

    async def all_of(models: Any) -> list[Any]:
        return await asyncio.gather(*[models[name].generate("hi") for _ in range(3) for name in models])

    with PROVIDER.open({name: PROVIDER.resolve(item) for name, item in wanted.items()}) as models:
        outputs = asyncio.run(all_of(models))
    return {name: output.completion.removeprefix("answered by ") for name, output in zip(models, outputs, strict=False)}


@pytest.fixture
def forgotten() -> Any:
    """Inspect keeps what it knows of servers for the whole process."""
    from inspect_ai.model._providers._vllm_lora import _vllm_servers

    yield _vllm_servers.clear()
    _vllm_servers.clear()


@pytest.mark.usefixtures("forgotten")
def test_each_stack_is_loaded_once_beside_one_base_and_answers_for_itself(root: Path) -> None:
    base = str((root / "weights").resolve())
    with VllmServer(base) as server:
        answered = asked(requests(root, server.base_url))
    assert answered["base"] == base and answered["tone"] == str((root / "tone").resolve())
    assert len(set(answered.values())) == 4 and len(server.loaded) == 3
    assert set(server.asked.values()) == {3}
    both = effects(Path(server.loaded[answered["both"]]))
    for name, effect in effects(root / "tone").items():
        np.testing.assert_allclose(both[name], effect + effects(root / "cards", 0.5)[name], rtol=1e-5, atol=1e-5)


def test_the_server_takes_the_largest_rank_and_all_adapters_in_one_batch(root: Path) -> None:
    wanted = requests(root, "http://127.0.0.1:1/v1").values()
    found = server_args(wanted)
    assert (found["enable_lora"], found["max_lora_rank"], found["max_loras"]) == (True, 8, 3)
    assert server_args(item for item in wanted if not item.stack) == {}


@pytest.mark.usefixtures("forgotten")
def test_a_server_that_was_started_without_lora_says_what_to_do(root: Path) -> None:
    with VllmServer(str((root / "weights").resolve()), lora=False) as server, pytest.raises(EngineError) as caught:
        asked({"tone": requests(root, server.base_url)["tone"]})
    assert "--enable-lora" in str(caught.value)


@pytest.mark.usefixtures("forgotten")
def test_adapters_that_the_server_was_started_with_are_model_names(root: Path) -> None:
    with VllmServer("org/base", modules={"tone": "/adapters/tone"}) as server:
        plain = requests(root, server.base_url)["base"].definition
        named = {
            name: Request(name, ModelEntry(provider="p", model=model), (), plain, root)
            for name, model in (("base", "org/base"), ("tone", "org/base:tone"))
        }
        assert asked(named) == {"base": "org/base", "tone": "tone"}


def test_the_same_stack_is_written_once_and_another_scale_anew(root: Path) -> None:
    wanted = requests(root, "http://127.0.0.1:1/v1")
    PROVIDER.resolve(wanted["both"])
    folder = next((root / ".ftsafety" / "cache" / "stacks").iterdir())
    before = (folder / "adapter_model.safetensors").stat().st_mtime_ns
    PROVIDER.resolve(wanted["both"])
    assert (folder / "adapter_model.safetensors").stat().st_mtime_ns == before
    PROVIDER.resolve(wanted["cards"])
    assert len(list(folder.parent.iterdir())) == 2
