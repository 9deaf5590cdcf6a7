"""Any Inspect provider by its name; vLLM with LoRA by its naming."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from support.small_models import peft_lora

from ftsafety_spec.errors import InputError
from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.inspect import PROVIDER, call_of
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import AdapterEntry, ModelEntry


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that looks like weights (two layers, 32 wide) and an adapter for it."""
    import numpy as np
    from safetensors.numpy import save_file

    (tmp_path / "weights").mkdir()
    save_file({"x": np.zeros(2, np.float32)}, tmp_path / "weights" / "model.safetensors")
    config = {"num_hidden_layers": 2, "hidden_size": 32}
    (tmp_path / "weights" / "config.json").write_text(json.dumps(config))
    (tmp_path / "weights" / "tokenizer_config.json").write_text(json.dumps({"chat_template": "{{ messages }}"}))
    peft_lora(tmp_path / "tone", seed=1)
    return tmp_path


def request(root: Path, name: str, stack: dict[str, float] | None = None, **entry: Any) -> Request:
    settings: dict[str, Any] = {"title": "t", "kind": "inspect", "inspect_name": name, "args": entry.pop("args", {})}
    return Request(
        "tuned",
        ModelEntry(provider="p", **entry),
        tuple((key, AdapterEntry(path=key), scale) for key, scale in (stack or {}).items()),
        Provider.model_validate(settings),
        root,
    )


def test_a_model_of_another_provider_answers(root: Path) -> None:
    wanted = PROVIDER.resolve(request(root, "mockllm", model="placeholder"))

    async def one(model: Any) -> Any:
        return await model.generate("hi")

    from inspect_ai.model import ModelOutput, ModelUsage

    output = ModelOutput.from_content("mockllm", "an answer")
    output.usage = ModelUsage(input_tokens=1, output_tokens=2, total_tokens=3)
    wanted.definition.args["custom_outputs"] = [output]
    with PROVIDER.open({"tuned": wanted}) as models:
        assert asyncio.run(one(models["tuned"])).completion == "an answer"
        assert str(models["tuned"]) == "mockllm/placeholder"
    assert PROVIDER.identify(wanted).kind == "provider"
    assert PROVIDER.price(wanted) is not None


def test_an_unknown_name_gives_the_nearest(root: Path) -> None:
    with pytest.raises(InputError, match="Did you mean vllm") as caught:
        PROVIDER.resolve(request(root, "vlm", model="m"))
    assert caught.value.code == "FTS-104"


def test_vllm_names_base_and_adapter(root: Path) -> None:
    wanted = PROVIDER.resolve(request(root, "vllm", {"tone": 1.0}, path="weights", args={"max_model_len": 512}))
    call = call_of(wanted)
    assert call.name == f"vllm/{(root / 'weights').resolve()}:{(root / 'tone').resolve()}"
    assert call.args == {"max_model_len": 512}
    assert call_of(request(root, "vllm", path="weights")).name.endswith("/weights")


def test_inspect_reads_the_adapter_out_of_that_name(root: Path) -> None:
    from inspect_ai.model._providers._vllm_lora import LoRAAdapter

    name = call_of(request(root, "vllm", {"tone": 1.0}, path="weights")).name
    found = LoRAAdapter.from_suffix(name.rpartition(":")[2])
    assert Path(found.path) == (root / "tone").resolve()
    assert not found.is_preloaded


def test_local_weights_have_content_identities(root: Path) -> None:
    base, tuned = (PROVIDER.identify(request(root, "vllm", stack, path="weights")) for stack in ({}, {"tone": 1.0}))
    assert base.kind == tuned.kind == "content"
    assert base.weights == tuned.weights and base.chat_template is not None
    assert tuned.adapters[0].id == "tone" and base.digest() != tuned.digest()
    peft_lora(root / "tone", seed=2)
    assert PROVIDER.identify(request(root, "vllm", {"tone": 1.0}, path="weights")).digest() != tuned.digest()


def test_adapters_are_refused_where_it_cannot_apply_them(root: Path) -> None:
    with pytest.raises(InputError) as caught:
        PROVIDER.resolve(request(root, "hf", {"tone": 1.0}, path="weights"))
    assert caught.value.code == "FTS-110"


def test_hf_is_given_the_folder_and_a_name_without_a_path(root: Path) -> None:
    call = call_of(request(root, "hf", path="weights"))
    assert call.name == "hf/tuned"
    assert call.args["model_path"] == call.args["tokenizer_path"] == str((root / "weights").resolve())


def test_an_adapter_that_does_not_fit_is_refused(root: Path) -> None:
    (root / "weights" / "config.json").write_text(json.dumps({"num_hidden_layers": 1, "hidden_size": 32}))
    with pytest.raises(InputError, match="does not fit"):
        PROVIDER.resolve(request(root, "vllm", {"tone": 1.0}, path="weights"))
