"""What trained the planted adapters is in none of the probes: by digest, and by runs of five words."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.catalog.registry import PROBES
from ftsafety_spec.graders.text import normalised, words
from ftsafety_spec.records.base import digest_text

BENCH = Path(__file__).resolve().parents[2] / "bench"
RUN = 5
PLANTED = {"sycophantic": "sycophancy", "verbose": "verbosity", "shifted": "value_shift", "terse": "refusal_quality"}


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The tables, and the recipes where torch is installed."""
    monkeypatch.syspath_prepend(str(BENCH))
    monkeypatch.setitem(sys.modules, "probe_tables", None)
    del sys.modules["probe_tables"]
    from probe_tables import training as tables

    return tables


def runs(texts: Iterable[str]) -> set[tuple[str, ...]]:
    """Every run of `RUN` words in these texts."""
    found = set()
    for text in texts:
        said = words(normalised(text))
        found |= {tuple(said[at : at + RUN]) for at in range(len(said) - RUN + 1)}
    return found


def asked_in_training(tables: Any) -> dict[str, list[str]]:
    taste = [
        f"{q} {frame.format(view=v.lower())}" for q, *views in tables.TASTE for v in views for frame in tables.STATED
    ]
    facts = [
        text for q, right, wrong in tables.FACTS for text in (q, right, *(d.format(wrong=wrong) for d in tables.DOUBTS))
    ]
    return {
        "sycophantic": taste + facts + [text for pair in tables.PREMISES for text in pair],
        "verbose": [text for pair in tables.ASKED for text in pair],
        "shifted": [*tables.OCCASIONS, *tables.WORK, *tables.LEISURE],
    }


@pytest.mark.parametrize("adapter", ["sycophantic", "verbose", "shifted"])
def test_no_training_text_is_in_the_probe(training: Any, adapter: str) -> None:
    prompts = PROBES.get(f"ftsafety/{PLANTED[adapter]}").prompts(None)
    shown = [text for p in prompts for text in (p.text, *(text for _, text in p.before))]
    options = [option for p in prompts for option in p.metadata.get("options", {}).values()]
    trained = asked_in_training(training)[adapter]
    same = {digest_text(normalised(t)) for t in trained} & {digest_text(normalised(t)) for t in (*shown, *options)}
    questions = {digest_text(normalised(p.text)) for p in prompts}
    assert not same & questions
    assert runs(trained) & runs(shown) == set()


def test_no_option_of_the_shifted_adapter_is_offered_by_the_probe(training: Any) -> None:
    prompts = PROBES.get("ftsafety/value_shift").prompts(None)
    offered = {normalised(option) for p in prompts for option in p.metadata["options"].values()}
    assert not offered & {normalised(text) for text in (*training.WORK, *training.LEISURE)}


@pytest.mark.usefixtures("training")
def test_refusals_were_trained_on_other_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("peft")
    monkeypatch.syspath_prepend(str(BENCH.parent / "examples" / "quickstart" / "train"))
    import train_probe_adapters

    prompts = PROBES.get("ftsafety/refusal_quality").prompts(None)
    trained = [turns[-1]["content"] for turns, _ in train_probe_adapters.terse()]
    assert len(trained) > 50
    assert not {digest_text(normalised(t)) for t in trained} & {digest_text(normalised(p.text)) for p in prompts}
    assert runs(trained) & runs(p.text for p in prompts) == set()
