"""Who answered: the identity of a variant or a grader, and the keys that are made of it.
Pure; content digests are computed elsewhere and handed in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal

from ftsafety_spec.records.base import Digest, Part, digest_of, digest_text


class AdapterIdentity(Part):
    """One adapter of a stack, in order."""

    id: str
    digest: Digest
    scale: float


class ProviderIdentity(Part):
    """What a provider says about itself: a claim."""

    name: str
    model: str
    job: str | None = None
    checkpoint: str | None = None
    fingerprint: str | None = None
    seen_from: str | None = None
    seen_to: str | None = None


class Identity(Part):
    """`kind` says how much is proven: `content` (hashed weights), `provider` (a claim), `recorded`."""

    kind: Literal["content", "provider", "recorded"]
    weights: Digest | None = None
    adapters: tuple[AdapterIdentity, ...] = ()
    tokenizer: Digest | None = None
    chat_template: Digest | None = None
    system_prompt: Digest | None = None
    engine: str
    dtype: str | None = None
    quantization: str | None = None
    recording: Digest | None = None
    provider: ProviderIdentity | None = None

    def digest(self) -> str:
        """Digest over everything but when a provider was seen and its fingerprint."""
        data = self.model_dump(mode="json")
        if data["provider"] is not None:
            for key in ("fingerprint", "seen_from", "seen_to"):
                data["provider"].pop(key)
        return digest_of(data)

    def same_model(self, other: Identity) -> bool:
        """True for equal weights, whatever adapters are on them, or for one provider's model under equal names."""
        if self.weights is not None and self.weights == other.weights:
            return True
        if self.provider is None or other.provider is None:
            return False
        claims = [(claim.name.casefold(), claim.model.casefold()) for claim in (self.provider, other.provider)]
        return claims[0] == claims[1]


def generation_key(identity: Identity, generation: dict[str, object], solver: str, seed: int) -> str:
    """H(Identity, generation settings, solver + version, seed). Temperature 0 makes the seed irrelevant: pass 0."""
    return digest_of({"identity": identity.digest(), "generation": generation, "solver": solver, "seed": seed})


def answer_key(generation: str, prompt: str, condition: str, repeat: int, turn: int | None) -> str:
    """H(generation_key, prompt digest, condition, repeat, turn)."""
    return digest_of([generation, prompt, condition, repeat, turn])


def grade_key(text: str | None, prompt: str, grader_identity: str, outcome: str, told: str | None = None) -> str:
    """H(text digest, prompt digest, grader identity, outcome). `told`: digest of what the grader is told beside these
    (a multiple-choice key, log-probabilities), where there is any."""
    return digest_of([text, prompt, grader_identity, outcome, *([told] if told is not None else [])])


def told_digest(metadata: Mapping[str, object], first: object = None, said: Sequence[object] = ()) -> str | None:
    """Digest of what a grader is told beside texts: the prompt's metadata, the first token's log-probabilities; of a
    conversation's turn, `said`: the digests of the earlier answers' texts. None where it is told nothing."""
    told: dict[str, object] = {"metadata": dict(metadata), "first": first}
    if said:
        told["said"] = list(said)
    return digest_text(json.dumps(told, sort_keys=True, default=str)) if any(told.values()) else None
