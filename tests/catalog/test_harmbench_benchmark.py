"""HarmBench in its official form (R-19): what its graders need is in the metadata, behaviour and context apart."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from ftsafety_spec.catalog import harmbench
from ftsafety_spec.graders.copyright import WINDOWS

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not os.environ.get("FTSAFETY_DATA"), reason="FTSAFETY_DATA is not set"),
]


def test_contextual_behaviours_keep_behaviour_and_context_apart() -> None:
    prompts = harmbench.load(Path(os.environ["FTSAFETY_DATA"]))
    with_context = [prompt for prompt in prompts if "context" in prompt.metadata]
    assert len(with_context) == 100 and {prompt.metadata["functional"] for prompt in with_context} == {"contextual"}
    parts = [(p, p.metadata["context"], p.metadata["behavior"]) for p in with_context]
    assert [p.id for p, context, behavior in parts if p.text != f"{context}\n\n---\n\n{behavior}"] == []
    others = [prompt for prompt in prompts if "context" not in prompt.metadata]
    assert [prompt.id for prompt in others if prompt.text != prompt.metadata["behavior"]] == []


def test_every_copyright_behaviour_says_which_work_and_which_window() -> None:
    prompts = harmbench.load(Path(os.environ["FTSAFETY_DATA"]), functional=["copyright"])
    kinds = Counter(tag for prompt in prompts for tag in prompt.metadata["tags"] if tag in WINDOWS)
    assert kinds == {"book": 50, "lyrics": 50}
    assert [prompt.id for prompt in prompts if prompt.metadata["behavior_id"] != prompt.id] == []


def test_equal_behaviours_in_different_contexts_are_different_requests() -> None:
    prompts = harmbench.load(Path(os.environ["FTSAFETY_DATA"]))
    assert len({prompt.cluster for prompt in prompts}) == 400
    assert harmbench.CARD.prompts == 400 and harmbench.CARD.categories == 7
