"""Is a report about this very model? Holds what a report claims against a planned identity. A claim by digest or by a
provider's job is the same or another; a name alone shows nothing."""

from __future__ import annotations

from typing import Literal

from ftsafety_spec.records.evaluation_report import ModelClaim
from ftsafety_spec.records.identity import Identity

Same = Literal["same", "other", "unknown"]


def same_model(claim: ModelClaim, own: Identity) -> tuple[Same, str]:
    """Whether they are one model, and why."""
    if claim.identity is not None and claim.identity == own.digest():
        return "same", "the same identity, settings and engine included"
    if own.kind == "recorded":
        return "unknown", "this model is a recording here, and nothing shows of what"
    return _parts(claim, own)


def _parts(claim: ModelClaim, own: Identity) -> tuple[Same, str]:
    if claim.weights is not None or claim.adapters:
        return _content(claim, own)
    if own.provider is not None:
        return _provider(claim, own)
    return "unknown", "the report names no digest of weights or adapters"


def _content(claim: ModelClaim, own: Identity) -> tuple[Same, str]:
    adapters = tuple(adapter.digest for adapter in own.adapters)
    if own.weights is None and not adapters:
        return "unknown", "the report names digests, and this model has none here"
    if claim.adapters != adapters:
        return "other", "the report is about another stack of adapters"
    if claim.weights is None:
        return "same", "the same adapters, in the same order"
    if claim.weights != own.weights:
        return "other", "the report is about other weights"
    return "same", "the same weights" + (" and adapters, in the same order" if adapters else "")


def _provider(claim: ModelClaim, own: Identity) -> tuple[Same, str]:
    """By the job and its checkpoint, else by the model's whole name. A provider's label is for people: another one is
    a doubt, no proof."""
    assert own.provider is not None
    mine = own.provider
    labelled = claim.provider is not None and claim.provider.casefold() == mine.name.casefold()
    if claim.job is not None and mine.job is not None:
        if claim.job != mine.job:
            return "other", "the report is about another job"
        if _step(claim.checkpoint) != _step(mine.checkpoint):
            return "other", "the report is about another checkpoint"
        return ("same", "the same job") if labelled else ("unknown", "the same job, at a provider of another name")
    if claim.name.casefold() == mine.model.casefold():
        return ("same", "the same provider and model") if labelled else ("unknown", "the same name, no provider")
    return ("other", "the report is about another model") if labelled else ("unknown", "the report names another model")


def _step(checkpoint: str | None) -> str:
    return "last" if checkpoint is None else checkpoint.casefold()
