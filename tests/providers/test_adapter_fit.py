"""An adapter says which base it was made for, and its factors have to fit it: everything else is refused (R-58)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from support.small_models import peft_lora

from ftsafety_spec.errors import InputError
from ftsafety_spec.providers.adapter_fit import names_of, plain_name
from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.hf_folder import fits_folder
from ftsafety_spec.providers.weights import base_notes, read_adapter
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import AdapterEntry, ModelEntry

Shape = tuple[int, ...]


def request(root: Path, config: Mapping[str, Any] | None = None, **entry: Any) -> Request:
    """A folder that looks like a base of two layers, 32 wide, and the adapter `tone` for it."""
    base = root / "weights"
    base.mkdir(exist_ok=True)
    shapes = {f"model.layers.{n}.self_attn.{m}_proj.weight": (32, 32) for n in range(2) for m in "qv"}
    save_file({name: np.zeros(shape, np.float32) for name, shape in shapes.items()}, base / "model.safetensors")
    settings = {"num_hidden_layers": 2, "hidden_size": 32, **(config or {})}
    (base / "config.json").write_text(json.dumps(settings))
    definition = Provider.model_validate({"title": "t", "kind": "local"})
    stack = (("tone", AdapterEntry(path="tone", **entry), 1.0),)
    return Request("tuned", ModelEntry(provider="p", path="weights"), stack, definition, root)


def fit(wanted: Request) -> None:
    name, entry, _ = wanted.stack[0]
    fits_folder(read_adapter(name, entry, wanted.root), wanted)


def refusal(wanted: Request) -> str:
    with pytest.raises(InputError, match="does not fit the base") as caught:
        fit(wanted)
    assert caught.value.code == "FTS-124"
    return str(caught.value)


def reshaped(folder: Path, change: Mapping[str, Shape | None]) -> None:
    """Factors whose name ends so get another shape, or go."""
    weights = folder / "adapter_model.safetensors"
    found = {}
    for name, tensor in load_file(weights).items():
        end = next((end for end in change if name.endswith(end)), None)
        shape = tensor.shape if end is None else change[end]
        if shape is not None:
            found[name] = np.zeros(shape, np.float32)
    save_file(found, weights)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("org/Tiny-1B-Instruct", "tiny-1b-instruct.Q4_K_M.gguf"),
        ("Tiny 1B Instruct", "other/tiny-1b-instruct-bnb-4bit"),
        ("/home/x/models/Tiny-1B-Instruct/", "Tiny-1B-Instruct-GGUF"),
        ("Tiny-1B-Instruct-BF16", "tiny_1b_instruct"),
    ],
)
def test_number_formats_and_places_are_no_part_of_a_name(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other) == "tiny1binstruct"


@pytest.mark.parametrize("other", ["Tiny-1B", "Tiny-7B-Instruct", "Tiny-1B-Instruct-v2", "Tiny-1.5-B-Instruct"])
def test_another_size_version_or_training_is_another_name(other: str) -> None:
    assert plain_name("Tiny-1B-Instruct") != plain_name(other)


def test_a_model_cache_tells_the_name() -> None:
    path = Path("/cache/models--org--Tiny-1B/snapshots/0a1b")
    assert names_of(path, [None]) == ("Tiny-1B", "0a1b")


def test_an_adapter_of_another_base_is_refused_and_the_way_out_is_named(tmp_path: Path) -> None:
    peft_lora(tmp_path / "tone", seed=1, base_model_name_or_path="org/tiny-7b")
    said = refusal(request(tmp_path, {"_name_or_path": "org/Tiny-1B"}))
    assert "made for tiny-7b" in said and "calls itself org/Tiny-1B" in said and "made_for: tiny-7b" in said
    fit(request(tmp_path, {"_name_or_path": "org/Tiny-1B"}, made_for="tiny-7b"))
    assert "does not fit" in refusal(request(tmp_path, {"_name_or_path": "org/Tiny-1B"}, made_for="tiny-13b"))


@pytest.mark.parametrize("said", ["org/tiny-1b", "/tmp/models/Tiny-1B", "weights", "", None])
def test_its_own_base_by_any_of_its_names_is_taken(tmp_path: Path, said: str | None) -> None:
    peft_lora(tmp_path / "tone", seed=1, base_model_name_or_path=said)
    fit(request(tmp_path, {"_name_or_path": "org/Tiny-1B"}))


def test_a_base_without_a_name_of_its_own_makes_another_name_a_note(tmp_path: Path) -> None:
    peft_lora(tmp_path / "tone", seed=1, base_model_name_or_path="org/tiny-7b")
    wanted = request(tmp_path)
    fit(wanted)
    assert "names the base tiny-7b" in base_notes(wanted)["adapter tone"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"layers.0.self_attn.q_proj.lora_B.weight": (32, 3)}, "factors of rank 2 and 3, its config says 2"),
        ({".lora_A.weight": (4, 32), ".lora_B.weight": (32, 4)}, "factors of rank 4 and 4, its config says 2"),
        ({"layers.1.self_attn.v_proj.lora_B.weight": None}, "one factor without the other"),
        ({"layers.1.self_attn.v_proj.lora_B.weight": (16, 2)}, "is 16 x 32, the base's tensor 32 x 32"),
    ],
)
def test_factors_that_do_not_fit_are_refused(tmp_path: Path, change: dict[str, Shape | None], why: str) -> None:
    reshaped(peft_lora(tmp_path / "tone", seed=1), change)
    assert why in refusal(request(tmp_path))


def test_ranks_of_a_pattern_are_stated(tmp_path: Path) -> None:
    folder = peft_lora(tmp_path / "tone", seed=1, rank_pattern={"layers.0.self_attn.q_proj": 4})
    stem = "layers.0.self_attn.q_proj"
    reshaped(folder, {f"{stem}.lora_A.weight": (4, 32), f"{stem}.lora_B.weight": (32, 4)})
    fit(request(tmp_path))


def test_a_packed_base_is_held_by_names_and_width_only(tmp_path: Path) -> None:
    reshaped(peft_lora(tmp_path / "tone", seed=1), {"layers.1.self_attn.v_proj.lora_B.weight": (16, 2)})
    fit(request(tmp_path, {"quantization_config": {"quant_method": "bitsandbytes"}}))
