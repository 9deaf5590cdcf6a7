"""R-53: what an API keeps from us is a row with its reason, for each analysis that would need it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.plan.limits import Wanted, limits
from ftsafety_spec.providers.base import Request
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import ModelEntry

ALL = Wanted(hunted=True, choices=True, sampled=True)
BY_WEIGHTS = {
    "weights of tuned",
    "digest of tuned",
    "activations of tuned",
    "tokenizer and chat template of tuned against those of base",
    "scrutiny of adapter files of tuned (R-60)",
    "scan of tuned for triggers",
}
BY_LOGPROBS = {"logprobs of tuned", "choices of tuned by their probabilities"}
BY_SEED = {"seed of tuned", "the same sampled answers of tuned once more"}
SAMPLING = {"sampling settings of tuned as deployed"}
LACKING = [
    ("openai", "gpt-4.1-mini-2025-04-14", {}, BY_WEIGHTS),
    ("openai_compatible", "m-2025-01-01", {"base_url": "http://127.0.0.1:1/v1"}, BY_WEIGHTS),
    ("anthropic", "claude-x-20250101", {}, BY_WEIGHTS | BY_LOGPROBS | BY_SEED | SAMPLING),
    ("inspect", "m-2025-01-01", {"inspect_name": "bedrock"}, BY_WEIGHTS | BY_LOGPROBS | BY_SEED),
]


def request(kind: str, model: str, **more: Any) -> Request:
    definition = Provider.model_validate({"title": "t", "kind": kind, **more})
    return Request("tuned", ModelEntry(provider="p", model=model), (), definition, Path())


@pytest.mark.parametrize(("kind", "model", "more", "lacking"), LACKING, ids=[row[0] for row in LACKING])
def test_each_analysis_that_an_api_rules_out_is_a_row(
    kind: str, model: str, more: dict[str, Any], lacking: set[str]
) -> None:
    rows = limits(request(kind, model, **more), ALL)
    assert rows.keys() == lacking and all(rows.values())


def test_what_the_spec_does_not_ask_for_has_no_row() -> None:
    rows = limits(request("anthropic", "claude-x-20250101"), Wanted(compared=False))
    assert rows.keys() == {f"{what} of tuned" for what in ("weights", "digest", "activations", "logprobs", "seed")} | (
        SAMPLING
    )


def test_an_alias_is_said_to_be_one() -> None:
    rows = limits(request("openai", "gpt-4.1-mini"), ALL)
    assert "is an alias" in rows["digest of tuned"] and "alias" not in rows["weights of tuned"]
