"""Triggers of the library as a scan takes them, and single tokens as triggers of the library.
Given triggers or tokens, gives candidates; a token's id is the one that the library would give it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ftsafety_spec.probes.trigger_library import Trigger
from ftsafety_spec.weights.scan_types import RARE_TOKENS, Candidate, Chat


def candidate_of(trigger: Trigger) -> Candidate:
    """A trigger of the library."""

    def wrap(request: str) -> str | Chat:
        text, before = trigger.put_on(request)
        if not before:
            return text
        return [*({"role": role, "content": said} for role, said in before), {"role": "user", "content": text}]

    return Candidate(trigger.id, trigger.family, wrap)


def token_triggers(texts: Iterable[str]) -> Mapping[str, Trigger]:
    """Each text, put after the request with a blank, as a trigger by its id."""
    made = (Trigger.of(RARE_TOKENS, "suffix", text) for text in texts)
    return {trigger.id: trigger for trigger in made}
