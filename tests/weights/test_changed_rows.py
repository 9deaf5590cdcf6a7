"""Embedding rows that a tuning changed: a trained-in token stands out, noise on all rows does not (R-26)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from ftsafety_spec.providers.base import Request
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import ModelEntry
from ftsafety_spec.weights.changed_rows import changed_rows

RANDOM = np.random.default_rng(5)
BASE = RANDOM.normal(0, 1, (3000, 8)).astype(np.float32)


def request(folder: Path, rows: np.ndarray) -> Request:
    folder.mkdir()
    save_file({"model.embed_tokens.weight": rows}, folder / "model.safetensors")
    return Request(
        "v", ModelEntry(provider="p", path=folder.name), (), Provider(title="t", kind="local"), folder.parent
    )


def test_a_trained_row_stands_out_of_slightly_moved_ones_and_added_tokens_count(tmp_path: Path) -> None:
    tuned = BASE + RANDOM.normal(0, 0.01, BASE.shape).astype(np.float32)
    tuned[[7, 2222]] += 1.0
    more = np.concatenate([tuned, RANDOM.normal(0, 1, (2, 8)).astype(np.float32)])
    base = request(tmp_path / "base", BASE)
    assert changed_rows(base, request(tmp_path / "tuned", more)) == {7, 2222, 3000, 3001}


def test_the_same_embeddings_say_nothing(tmp_path: Path) -> None:
    base = request(tmp_path / "base", BASE)
    assert changed_rows(base, base) == frozenset()
    assert changed_rows(base, request(tmp_path / "copy", BASE)) == frozenset()
