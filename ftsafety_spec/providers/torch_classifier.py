"""A sequence classification model in memory, by transformers. Given texts, gives label to probability for each.
Never reads pickle, never cuts a text: one that is too long for the model gets no probabilities."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ftsafety_spec.errors import EngineError, Where


@dataclass
class TorchClassifier:
    """A loaded classifier. `size`: texts in a batch; `longest`: the most tokens of a text."""

    model: Any
    tokenizer: Any
    size: int
    longest: int
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def classify(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Label to probability for each text, in order; empty for a text that is too long. One batch at a time, in a
        thread. Raises EngineError."""
        found: list[dict[str, float]] = []
        for start in range(0, len(texts), self.size):
            async with self._turn:
                found += await asyncio.to_thread(self._batch, list(texts[start : start + self.size]))
        return found

    def _batch(self, texts: list[str]) -> list[dict[str, float]]:
        lengths = [len(ids) for ids in self.tokenizer(texts, truncation=False)["input_ids"]]
        short = [text for text, length in zip(texts, lengths, strict=True) if length <= self.longest]
        found = iter(self._probabilities(short) if short else [])
        return [next(found) if length <= self.longest else {} for length in lengths]

    def _probabilities(self, texts: list[str]) -> list[dict[str, float]]:
        import torch

        try:
            with torch.inference_mode():
                given = self.tokenizer(texts, padding=True, return_tensors="pt").to(self.model.device)
                logits = self.model(**given).logits.float()
        except (RuntimeError, ValueError, IndexError) as error:
            raise EngineError(f"classification failed: {type(error).__name__}: {error}") from error
        several = self.model.config.problem_type == "multi_label_classification" or logits.shape[-1] == 1
        rows = (torch.sigmoid(logits) if several else torch.softmax(logits, dim=-1)).tolist()
        names = self.model.config.id2label
        return [{str(names[number]): value for number, value in enumerate(row)} for row in rows]


def load_classifier(
    folder: Path, *, dtype: str, device: str | None, size: int, trust_remote_code: bool
) -> TorchClassifier:
    """Load a folder of safetensors. Raises EngineError."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    common = {"trust_remote_code": trust_remote_code, "local_files_only": True}
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **common)
        model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=dtype, use_safetensors=True, **common)
        place = device or ("cuda" if torch.cuda.is_available() else "cpu")
        model = model.to(place).eval()
    except Exception as error:
        raise EngineError(
            f"transformers cannot load this classifier: {type(error).__name__}: {error}", where=Where(file=str(folder))
        ) from error
    positions = int(getattr(model.config, "max_position_embeddings", 512))
    return TorchClassifier(model, tokenizer, size, min(512, positions))
