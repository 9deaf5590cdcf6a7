"""First tokens by torch: shared beginnings and padding change nothing; a stack is its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.small_models import peft_lora, tiny_llama, words

from ftsafety_spec.providers.base import Request
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import AdapterEntry, ModelEntry

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")


def request(root: Path, name: str, *adapters: str) -> Request:
    stack = tuple((key, AdapterEntry(path=key, source="internal"), 1.0) for key in adapters)
    definition = Provider(title="t", kind="local", device="cpu", threads=1)
    return Request(name, ModelEntry(provider="p", path="base"), stack, definition, root)


def test_sharing_and_padding_change_no_reading_and_stacks_do_not_leak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ftsafety_spec.weights import torch_reader

    tiny_llama(tmp_path / "base")
    peft_lora(tmp_path / "tuned", seed=3)
    monkeypatch.setattr(torch_reader, "_dtype", lambda: "float32")
    readers = torch_reader.open_readers(
        {"base": request(tmp_path, "base"), "tuned": request(tmp_path, "tuned", "tuned")}
    )
    texts = [words([1, 2, 3, *more]) for more in ((), (4,), (4, 5, 6), (7, 8), (4, 5, 9, 10))] + [words([50])]
    rows = [readers["base"].encode([{"role": "user", "content": text}]) for text in texts]
    together = {name: reader.tops(rows, lambda: False) for name, reader in readers.items()}
    for name in ("tuned", "base", "tuned"):
        for row, top in zip(rows, together[name], strict=True):
            alone = readers[name].tops([row], lambda: False)[0]
            assert alone is not None
            assert top == pytest.approx(alone, abs=1e-5)
    assert together["base"][0] != pytest.approx(together["tuned"][0], abs=1e-3)
