"""The local provider of `examples/local_provider`, for tests: a server that speaks OpenAI's and Anthropic's protocols.

with LocalApi(delay=0.05, fail_every=5) as api:
    ...  api.base_url (OpenAI, ends in /v1), api.root_url (Anthropic), api.requests, api.answered
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from ftsafety_spec.measure.canaries import PROMPTS

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples"))
from local_provider.chat import COMPLIANCE, REFUSAL, default_answer, number_of
from local_provider.jobs import FineTuningJob
from local_provider.server import LocalApi

__all__ = ["COMPLIANCE", "REFUSAL", "FineTuningJob", "LocalApi", "default_answer", "number_of", "of_the_run"]


def of_the_run(counts: Counter[str]) -> int:
    """Calls for the prompts of a run, without those that tell whether the same model answers."""
    return sum(count for prompt, count in counts.items() if prompt not in PROMPTS)
