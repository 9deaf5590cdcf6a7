"""The local provider of `examples/local_provider`, for tests: a server that speaks OpenAI's and Anthropic's protocols.

with LocalApi(delay=0.05, fail_every=5) as api:
    ...  api.base_url (OpenAI, ends in /v1), api.root_url (Anthropic), api.requests, api.answered
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples"))
from local_provider.chat import COMPLIANCE, REFUSAL, default_answer, number_of
from local_provider.jobs import FineTuningJob
from local_provider.server import LocalApi

__all__ = ["COMPLIANCE", "REFUSAL", "FineTuningJob", "LocalApi", "default_answer", "number_of"]
