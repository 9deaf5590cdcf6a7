"""What a provider's model said to fixed prompts, and what its provider called it then: one row for each time it was
asked, in the run's journal and in the project's store. Pure; texts are never in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ftsafety_spec.records.base import Digest, Moment, Part

LEVEL = 1e-3
"""How often a model that stayed the same is said to be another one, at most."""


class CanaryAnswers(Part):
    """`identity`: digest of whose model it is (its claim, without a fingerprint); `models`, `fingerprints`: what the
    provider named, each once; `answers`: digest of a prompt to the digests of the answers to it, asked twice."""

    identity: Digest
    at: Moment
    models: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    answers: dict[Digest, tuple[Digest, ...]] = {}

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> CanaryAnswers:
        """From a row of a journal. Raises ValidationError."""
        return cls.model_validate(dict(row))


def another_model(before: Sequence[CanaryAnswers], after: CanaryAnswers) -> tuple[str, ...]:
    """What says that another model answers than before; nothing where nothing does. Names and fingerprints: none in
    common with any earlier time. Answers: more prompts than chance allows have no answer in common with any earlier
    time, by a binomial test at `LEVEL` with the model's own share of prompts on which it contradicted itself, at one
    time or between two (one more added to it, so that a model that never did so yet may)."""
    found = [
        f"the provider {verb} {_words(now)} and {past} {_words(then)}"
        for verb, past, now, then in (
            ("names", "named", after.models, _all(row.models for row in before)),
            ("gives the fingerprint", "gave", after.fingerprints, _all(row.fingerprints for row in before)),
        )
        if now and then and set(now).isdisjoint(then)
    ]
    moved, asked, chance = _moved(before, after)
    if asked and _at_least(moved, asked, chance) < LEVEL:
        found.append(f"{moved} of {asked} fixed prompts are answered otherwise")
    return tuple(found)


def _all(rows: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for row in rows for one in row))


def _words(names: Sequence[str]) -> str:
    return ", ".join(names)


def _moved(before: Sequence[CanaryAnswers], after: CanaryAnswers) -> tuple[int, int, float]:
    """Prompts without an answer in common, prompts asked both times, and the chance of one by its own spread."""
    earlier: dict[str, set[str]] = {}
    for row in before:
        for prompt, said in row.answers.items():
            earlier.setdefault(prompt, set()).update(said)
    unsure = {prompt for prompt, said in earlier.items() if len(said) > 1}
    both = [prompt for prompt in after.answers if prompt in earlier]
    unsure |= {prompt for prompt in both if len(set(after.answers[prompt])) > 1}
    moved = sum(earlier[prompt].isdisjoint(after.answers[prompt]) for prompt in both)
    return moved, len(both), (len(unsure.intersection(both)) + 1) / (len(both) + 2)


def _at_least(moved: int, asked: int, chance: float) -> float:
    """P(X >= moved) of a binomial."""
    from scipy.stats import binom

    return float(binom.sf(moved - 1, asked, chance))
