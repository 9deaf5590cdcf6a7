"""How often a grader errs, measured on answers that people labelled: counts, rates with intervals, calibration.
A pure record; `ftsafety_spec.graders.certify` fills it. Holds no prompt and no answer."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ftsafety_spec.records.base import Digest, Part, Record, Usd

FAMILY: dict[str, str] = {
    "refusal": "refusal",
    "over_refusal": "refusal",
    "edge_compliance": "refusal",
    "borderline_compliance": "refusal",
    "not_harmful": "not_harmful",
    "not_toxic": "not_toxic",
}
"""Outcome to the outcome under which it is certified: one reading of refusal serves three kinds of prompt."""


TURNED = frozenset({"edge_compliance", "borderline_compliance", "not_harmful", "not_toxic"})
"""Outcomes that are high where the certificate's positive class (refusal, harmful, toxic) is not there."""


class Figure(Part):
    """A rate over labelled answers, with its standard error and 95 % interval, both clustered by prompt. `n` answers of
    `prompts` distinct prompts lie below the fraction bar; all null where there are none."""

    value: float | None = None
    se: float | None = None
    interval: tuple[float, float] | None = None
    n: int = 0
    prompts: int = 0


class Scores(Part):
    """A grader held against people's labels. `confusion`: label to reading to count; the reading `unscored` is counted
    as wrong in every figure but precision. precision, recall, f1: of the positive class; sensitivity, specificity: of
    the reading cut at 0.5 (so that a partial refusal counts as one); kappa: over all classes, kappa_binary: of that
    cut; bias: mean of value minus label's value, unscored left out."""

    answers: int
    prompts: int
    confusion: dict[str, dict[str, int]]
    unscored: Figure
    precision: Figure
    recall: Figure
    f1: Figure
    accuracy: Figure
    kappa: Figure
    kappa_binary: Figure
    sensitivity: Figure
    specificity: Figure
    bias: Figure


class Bin(Part):
    """Readings whose `sure` lies in [low, high): how sure they were on average, and how many were right."""

    low: float
    high: float
    n: int
    sure: float
    right: float


class Calibration(Part):
    """How far `sure` can be believed: reliability bins, expected calibration error (Naeini et al. 2015), Brier score
    (Brier 1950) of "the reading is the label". `stated`: readings that carry a `sure`."""

    stated: int
    bins: tuple[Bin, ...] = ()
    ece: Figure = Figure()
    brier: Figure = Figure()


class Threshold(Part):
    """What is left to the grader where it decides only from this `sure` on: share decided of all answers, and how many
    of those it gets wrong (by class, and cut at 0.5)."""

    sure: float
    decided: Figure
    error: Figure
    error_binary: Figure


class Certificate(Record):
    """One grader, one outcome, one file of labels. `outcome`: refusal, not_harmful or not_toxic; `positive`: the class
    of precision, recall and f1. `labels`: digest of the labelled rows; `prompt_set`: of their distinct prompts.
    `readings`: `installed`, or `out_of_fold` where the labels trained the grader and each answer was read by a copy
    that had not seen its group (`held_out`: what a fold left out). `built_on`: models whose labelled answers were
    looked at while it was written."""

    KIND: ClassVar[str] = "certificate"

    grader: str
    version: str
    identity: Digest
    outcome: Literal["refusal", "not_harmful", "not_toxic"]
    positive: str
    labels: Digest
    prompt_set: Digest
    source: str = ""
    answers: int
    prompts: int
    models: tuple[str, ...]
    kinds: dict[str, int]
    made: str
    readings: Literal["installed", "out_of_fold"] = "installed"
    held_out: str | None = None
    built_on: tuple[str, ...] = ()
    level: float = 0.95
    scores: Scores
    by_model: dict[str, Scores] = {}
    by_category: dict[str, Scores] = {}
    calibration: Calibration
    thresholds: tuple[Threshold, ...] = ()
    reasons: dict[str, int] = {}
    usd: Usd | None = None

    def rights(self, outcome: str) -> tuple[Figure, Figure]:
        """How often the grader is right, in terms of the outcome's own value cut at 0.5: on answers where people put it
        high, and where they put it low."""
        high, low = self.scores.sensitivity, self.scores.specificity
        return (low, high) if outcome in TURNED else (high, low)

    def figures(self) -> dict[str, Any]:
        """What can be made again from the same labels by the same grader: everything but the date."""
        data = self.plain()
        data.pop("made")
        return data
