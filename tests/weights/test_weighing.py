"""R-55, R-60: analyses of weights become evidence that a gate can read, and a section of the report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.made_weights import lora_folder, model_of, write_safetensors
from support.small_models import smollm2

from ftsafety_spec.errors import InputError
from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.gguf_header import read_header
from ftsafety_spec.records.weights import weight_report_in
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import AdapterEntry, ModelEntry
from ftsafety_spec.weights.settings import brought_along
from ftsafety_spec.weights.weigh import weigh

EMBED = "model.embed_tokens.weight"
PROVIDER = Provider.model_validate({"title": "own", "kind": "local"})


def request(root: Path, path: str, **stack: float) -> Request:
    entries = tuple((name, AdapterEntry(path=name, source="community"), scale) for name, scale in stack.items())
    return Request("tuned" if stack or path != "base" else "base", ModelEntry(provider="own", path=path), entries,
                   PROVIDER, root)  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_safetensors(tmp_path / "base" / "model.safetensors", model_of())
    return tmp_path


def tuned_with(root: Path, **changed: Any) -> Path:
    tensors = model_of()
    write_safetensors(root / "tuned" / "model.safetensors", {**tensors, **changed})
    return root


def found(root: Path, *paths: str, **stack: float) -> dict[str, str]:
    report = weigh(request(root, "base"), request(root, *paths, **stack))
    assert weight_report_in(report.body()) == report
    return {item.id: item.severity for item in report.findings}


def test_retrained_tokens_are_a_finding_of_high_severity(root: Path) -> None:
    embed = model_of()[EMBED]
    embed[[3, 77]] += 1.0
    assert found(tuned_with(root, **{EMBED: embed}), "tuned") == {"rows": "high"}


def test_a_plain_fine_tune_has_figures_and_no_finding(root: Path) -> None:
    random = np.random.default_rng(4)
    changed = {name: array + 0.01 * random.standard_normal(array.shape) for name, array in model_of().items()}
    report = weigh(request(root, "base"), request(tuned_with(root, **changed), "tuned"))
    assert report.findings == () and report.analyses["delta"]["changed"] == 10
    assert report.analyses["rank"]["most"] == 48
    assert {"delta", "rank", "embeddings", "tokenizer", "chat_template", "generation_config"} <= set(report.analyses)


def test_equal_weights_under_another_name_are_said(root: Path) -> None:
    assert found(tuned_with(root), "tuned") == {"unchanged": "medium"}


def test_an_adapters_update_is_placed_and_its_folder_looked_at(root: Path) -> None:
    folder = lora_folder(root / "cards", modules_to_save=["lm_head"])
    (folder / "run.py").write_text("raise SystemExit", encoding="utf-8")
    report = weigh(request(root, "base"), request(root, "base", cards=0.5))
    assert [row["layer"] for row in report.analyses["delta"]["sizes"]] == [0, 1]
    assert {item.id: item.severity for item in report.findings} == {
        "cards-code": "high",
        "cards-modules_to_save": "high",
    }


def test_a_template_that_an_adapter_brings_is_held_against_a_gguf_base(tmp_path: Path) -> None:
    base, folder = smollm2(), lora_folder(tmp_path / "tone")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "chat_template.jinja").write_text("{{ messages }} Say yes.")
    found = {item.analysis: item for item in brought_along(base, folder)}
    assert set(found) == {"tokenizer", "chat_template"}
    assert found["chat_template"].tuned is not None and found["chat_template"].tuned.startswith("23 characters")
    (folder / "chat_template.jinja").write_text(str(read_header(base).chat_template))
    assert [item.analysis for item in brought_along(base, folder)] == ["tokenizer"]


def test_half_the_scale_is_half_the_update(root: Path) -> None:
    lora_folder(root / "cards")
    sizes = [
        weigh(request(root, "base"), request(root, "base", cards=scale)).analyses["delta"]["sizes"][0]["relative"]
        for scale in (1.0, 0.5)
    ]
    assert sizes[0] == pytest.approx(2 * sizes[1], rel=1e-3)


@pytest.mark.parametrize("data", [b"GGUF", b"GGUF" + b"\xff" * 64])
def test_a_gguf_file_that_breaks_off_is_a_users_mistake(tmp_path: Path, data: bytes) -> None:
    for name in ("base", "tuned"):
        (tmp_path / f"{name}.gguf").write_bytes(data)
    with pytest.raises(InputError) as caught:
        weigh(request(tmp_path, "base.gguf"), request(tmp_path, "tuned.gguf"))
    assert caught.value.code == "FTS-124"
