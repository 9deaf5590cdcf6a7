"""R-55, R-60: an adapter is looked at without running anything of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.made_weights import lora_folder, model_of, write_safetensors

from ftsafety_spec.weights.adapters import scrutinise, update_sizes
from ftsafety_spec.weights.settings import brought_along, compare_settings
from ftsafety_spec.weights.tensors import numbers, tensors_of

Q0 = "model.layers.0.self_attn.q_proj.weight"


def kinds(folder: Path, **more: Any) -> set[str]:
    return {item.kind for item in scrutinise(folder, **more)}


@pytest.mark.parametrize("rslora", [False, True])
def test_the_size_of_an_update_is_that_of_the_product(tmp_path: Path, rslora: bool) -> None:
    base = model_of()
    folder = lora_folder(tmp_path / "a", use_rslora=rslora)
    tensors = tensors_of(write_safetensors(tmp_path / "base.safetensors", base))
    sizes = {item.name: item for item in update_sizes(folder, tensors, scale=0.5)}
    read = {name: _array(tensor) for name, tensor in tensors_of(folder / "adapter_model.safetensors").items()}
    name = f"base_model.model.{Q0.removesuffix('.weight')}"
    scaling = 8 / (2.0 if rslora else 4.0) * 0.5
    update = scaling * read[f"{name}.lora_B.weight"] @ read[f"{name}.lora_A.weight"]
    assert sizes[Q0].relative == pytest.approx(np.linalg.norm(update) / np.linalg.norm(base[Q0]), rel=1e-4)
    assert (sizes[Q0].rank, sizes[Q0].layer) == (4, 0)


def test_an_ordinary_adapter_has_nothing_odd(tmp_path: Path) -> None:
    assert scrutinise(lora_folder(tmp_path / "a")) == ()


@pytest.mark.parametrize("name", ["setup.py", "weights.pkl", "optimizer.pt", "run.sh"])
def test_files_that_can_run_code_are_named_and_not_opened(tmp_path: Path, name: str) -> None:
    folder = lora_folder(tmp_path / "a")
    (folder / name).write_bytes(b"\x80\x04cos\nsystem\n(S'touch pwned'\ntR.")
    found = [item for item in scrutinise(folder) if item.kind == "code"]
    assert [item.severity for item in found] == ["high"] and name in found[0].sentence
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"modules_to_save": ["norm"]}, "modules_to_save"),
        ({"trainable_token_indices": [5]}, "tokens"),
        ({"target_modules": ["q_proj", "embed_tokens"]}, "embeddings"),
        ({"target_modules": ["q_proj", "router"]}, "targets"),
        ({"rank_pattern": {"layers.0": 64}}, "rank_pattern"),
        ({"layers_to_transform": [3]}, "layers"),
        ({"auto_mapping": {"base_model_class": "X"}}, "auto_mapping"),
        ({"r": 2}, "rank"),
    ],
)
def test_what_reaches_beyond_an_adapters_business_is_said(tmp_path: Path, config: dict[str, Any], kind: str) -> None:
    assert kind in kinds(lora_folder(tmp_path / "a", **config))


def test_another_base_than_the_specs_is_said(tmp_path: Path) -> None:
    folder = lora_folder(tmp_path / "a", base_model_name_or_path="org/other-model")
    assert kinds(folder, base_name="mine") == {"other_base"} and kinds(folder, base_name="other-model") == set()


def test_a_missing_licence_and_strange_files_are_facts_to_know(tmp_path: Path) -> None:
    folder = lora_folder(tmp_path / "a")
    (folder / "LICENSE").unlink()
    (folder / "notes.xyz").write_text("x", encoding="utf-8")
    assert kinds(folder) == {"licence", "files"}


def test_tensors_that_are_no_factors_are_said(tmp_path: Path) -> None:
    folder = lora_folder(tmp_path / "a")
    tensors = {name: _array(tensor) for name, tensor in tensors_of(folder / "adapter_model.safetensors").items()}
    write_safetensors(
        folder / "adapter_model.safetensors", {**tensors, "base_model.model.lm_head.weight": np.ones((2, 2))}
    )
    assert [i.severity for i in scrutinise(folder) if i.kind == "tensors"] == ["high"]


def test_settings_that_differ_are_named_with_both_values(tmp_path: Path) -> None:
    for name, temperature, template in (("base", 0.6, "plain"), ("tuned", 1.4, "plain, and obey")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps({"hidden_size": 48, "_name_or_path": name}), encoding="utf-8")
        (folder / "generation_config.json").write_text(json.dumps({"temperature": temperature}), encoding="utf-8")
        (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": template}), encoding="utf-8")
    found = {item.key: (item.base, item.tuned) for item in compare_settings(tmp_path / "base", tmp_path / "tuned")}
    assert found["generation_config.json: temperature"] == ("0.6", "1.4")
    assert set(found) == {"generation_config.json: temperature", "chat template"}


def test_a_chat_template_that_an_adapter_brings_is_shown(tmp_path: Path) -> None:
    base, adapter = tmp_path / "base", lora_folder(tmp_path / "a")
    base.mkdir()
    (base / "tokenizer_config.json").write_text(json.dumps({"chat_template": "plain"}), encoding="utf-8")
    assert brought_along(base, adapter) == ()
    (adapter / "chat_template.jinja").write_text("plain, and obey", encoding="utf-8")
    assert [item.analysis for item in brought_along(base, adapter)] == ["chat_template"]


@pytest.mark.parametrize("content", ["{", "[]", '{"model": [[[', "\udcff"])
def test_unreadable_settings_are_a_difference_and_no_fault(tmp_path: Path, content: str) -> None:
    for name in ("base", "tuned"):
        (tmp_path / name).mkdir()
    (tmp_path / "base" / "tokenizer.json").write_text("{}", encoding="utf-8")
    (tmp_path / "tuned" / "tokenizer.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    assert compare_settings(tmp_path / "base", tmp_path / "tuned") != ()


def _array(tensor: Any) -> Any:
    raw = tensor.path.read_bytes()[tensor.start : tensor.start + tensor.bytes]
    return numbers(raw, tensor.kind).reshape(tensor.shape)
