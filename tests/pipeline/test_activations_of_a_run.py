"""Activations of a planned run become evidence once, and what is not possible is said (R-53, R-55)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.hand_made import locked_spec, plan_of
from support.small_models import peft_lora, tiny_llama

from ftsafety_spec.errors import EngineError
from ftsafety_spec.pipeline import activations
from ftsafety_spec.providers.base import Request
from ftsafety_spec.records.activations import activations_in
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import AdapterEntry, ModelEntry
from ftsafety_spec.weights.activations import Reading

Run = Callable[..., Any]


def request(root: Path, name: str, kind: str = "local", *adapters: str) -> Request:
    stack = tuple((key, AdapterEntry(path=key, source="internal"), 1.0) for key in adapters)
    definition = Provider.model_validate({"title": "t", "kind": kind, "device": "cpu", "threads": 1})
    return Request(name, ModelEntry(provider="p", path="base"), stack, definition, root)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    locked = locked_spec()
    run = RunFolder(tmp_path / "run")
    run.write(locked)
    run.write(plan_of(locked))
    peft_lora(tmp_path / "tone", seed=3)
    monkeypatch.setattr(activations, "load_suites", lambda *_: ([], {}))
    given = {"base": request(tmp_path, "base"), "tuned": request(tmp_path, "tuned", "local", "tone")}
    monkeypatch.setattr(activations, "requests_of", lambda *_: given)
    return run


def looked_at(folder: RunFolder) -> Any:
    return activations.read_activations(folder, data=None, prompts=16, root=folder.root.parent)


def without_models(monkeypatch: pytest.MonkeyPatch, read: Callable[..., Any]) -> None:
    monkeypatch.setattr(activations, "read_variants", read)
    monkeypatch.setattr(activations.PROVIDERS.get("local"), "resolve", lambda request: request)


def test_a_tiny_model_is_read_and_its_evidence_is_added_once(folder: RunFolder) -> None:
    pytest.importorskip("torch", reason="torch is not installed (extra `local`)")
    tiny_llama(folder.root.parent / "base")
    found = looked_at(folder)
    assert (found.added, found.not_possible) == (("tuned",), {})
    layers = activations_in(found.reports["tuned"])
    assert layers is not None and len(layers.layers) == 2 and layers.prompts.harmful == 8
    assert looked_at(folder).added == ()
    assert [item.kind for item in folder.evidence()] == ["weights"]


def test_an_engine_that_cannot_load_is_a_reason_and_no_evidence(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: Any) -> Any:
        raise EngineError("transformers cannot load these weights: x")

    without_models(monkeypatch, read)
    found = looked_at(folder)
    assert "cannot load" in found.not_possible["tuned"] and found.reports == {}
    assert list(folder.evidence()) == []


def test_numbers_that_are_not_finite_are_a_reason_and_no_evidence(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(wanted: Any, prompts: Any, _: Any) -> Any:
        size = len(prompts.prompts)
        tops = [{1: 1.0}] * size
        states = {name: np.full((size, 2, 4), np.nan if name == "tuned" else 1.0, np.float32) for name in wanted}
        return {name: Reading(tops, states[name], "torch") for name in wanted}

    without_models(monkeypatch, read)
    found = looked_at(folder)
    assert "not finite" in found.not_possible["tuned"] and list(folder.evidence()) == []


def test_first_tokens_alone_are_evidence_and_the_reason_for_no_layers_is_said(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(wanted: Any, prompts: Any, _: Any) -> Any:
        tops = [{1: 0.9, 2: 0.1} if bad else {2: 1.0} for bad in prompts.harmful]
        return {name: Reading(tops, None, "llama.cpp", no_layers="no torch") for name in wanted}

    without_models(monkeypatch, read)
    found = looked_at(folder)
    assert found.added == ("tuned",) and found.not_possible == {"tuned": "layers: no torch"}
    assert set(found.reports["tuned"].analyses) == {"first_token"}


def test_without_weights_nothing_is_read(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    api = {name: request(folder.root.parent, name, "openai") for name in ("base", "tuned")}
    monkeypatch.setattr(activations, "requests_of", lambda *_: api)
    monkeypatch.setattr(activations, "load_suites", lambda *_: pytest.fail("prompts were loaded for nothing"))
    found = looked_at(folder)
    assert found.reports == {} and found.added == () and "weights" in found.not_possible["tuned"]
