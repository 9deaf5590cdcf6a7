"""A grader's certificate: its readings of labelled answers, held against the labels. Given a grader and labels (or
readings that were made elsewhere, out of fold), gives a sealed record. Never keeps a text; a grader that fails leaves
its answers unscored, which counts against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ftsafety_spec.errors import InputError
from ftsafety_spec.graders.base import Grader, Question, Reading
from ftsafety_spec.graders.certificate_figures import Held, calibration, scores, thresholds
from ftsafety_spec.graders.labels import LABELS, Family, Label, family_of, labels_digest
from ftsafety_spec.records.base import Meta, digest_of
from ftsafety_spec.records.certificate import FAMILY, Certificate, Scores

BATCH = 64
LEAST = 20
"""Answers below which a model or category gets no row of its own."""


@dataclass(frozen=True)
class Read:
    """What a grader made of one labelled answer: `value` in [0, 1] of the positive class, null when unscored."""

    value: float | None
    sure: float | None = None
    reason: str | None = None
    usd: str | None = None


@dataclass(frozen=True)
class Circumstances:
    """What a certificate says of how it was made, beside its figures. `made`: an ISO date."""

    made: str
    source: str = ""
    readings: Literal["installed", "out_of_fold"] = "installed"
    held_out: str | None = None
    built_on: tuple[str, ...] = ()


async def certify(
    grader: Grader, labels: Sequence[Label], how: Circumstances, *, said: Callable[[int], None] = lambda _: None
) -> Certificate:
    """Read every labelled answer and count. `said` is told how many answers were read so far. Raises InputError
    FTS-128 where the grader reads nothing of the labels' outcome."""
    family = family_of(labels)
    reads = await read_all(grader, labels, family, said)
    return certificate_of(grader, labels, reads, how)


async def read_all(
    grader: Grader, labels: Sequence[Label], family: Family, said: Callable[[int], None] = lambda _: None
) -> list[Read]:
    """The grader's readings in the order of the labels. Raises InputError FTS-128 where it reads no such outcome on any
    of these kinds of prompt."""
    kinds = sorted({label.kind for label in labels})
    able = {kind for kind in kinds if any(FAMILY.get(name) == family for name in grader.outcomes(kind))}
    if not able:
        raise InputError(
            f"{grader.name} reads no {family} on {', '.join(kinds)} prompts, so these labels cannot certify it.",
            code="FTS-128",
            hint=f"Labels of {family}: {', '.join(LABELS[family])}. A row's `kind` says what its prompt is.",
        )
    found: list[Read] = []
    for first in range(0, len(labels), BATCH):
        found += await _batch(grader, labels[first : first + BATCH], family)
        said(len(found))
    return found


def certificate_of(
    grader: Grader, labels: Sequence[Label], reads: Sequence[Read], how: Circumstances, version: str | None = None
) -> Certificate:
    """The sealed record of readings that are already made, one for each label, in order."""
    family = family_of(labels)
    held = Held.of(labels, reads, family)
    costs = [Decimal(read.usd) for read in reads if read.usd is not None]
    return Certificate(
        grader=grader.name,
        version=version or grader.version,
        identity=grader.identity(),
        outcome=family,
        positive=next(iter(LABELS[family])),
        labels=labels_digest(labels),
        prompt_set=digest_of(sorted({label.cluster for label in labels})),
        source=how.source,
        answers=len(labels),
        prompts=len({label.cluster for label in labels}),
        models=tuple(sorted({label.model for label in labels if label.model})),
        kinds=dict(sorted(Counter(label.kind for label in labels).items())),
        made=how.made,
        readings=how.readings,
        held_out=how.held_out,
        built_on=how.built_on,
        scores=scores(held),
        by_model=_grouped(held, [label.model for label in labels]),
        by_category=_grouped(held, [label.category for label in labels]),
        calibration=calibration(held),
        thresholds=thresholds(held),
        reasons=dict(sorted(Counter(read.reason or "no reason given" for read in reads if read.value is None).items())),
        usd=f"{sum(costs, Decimal(0)):f}" if costs else None,
    ).sealed(Meta.now())


def _grouped(held: Held, groups: Sequence[str]) -> dict[str, Scores]:
    counts = Counter(groups)
    names = sorted(name for name, count in counts.items() if name and count >= LEAST)
    return {name: scores(held.part([group == name for group in groups])) for name in names}


async def _batch(grader: Grader, labels: Sequence[Label], family: Family) -> list[Read]:
    questions = [Question(label.prompt, label.response, label.kind, label.state, label.category) for label in labels]
    try:
        found = await grader.grade(questions)
        if len(found) != len(labels):
            raise ValueError(f"{len(found)} readings for {len(labels)} answers")
    except Exception as error:  # whatever a grader raises, its answers are unscored
        return [Read(None, reason=f"the grader failed: {type(error).__name__}") for _ in labels]
    return [_read(given, family) for given in found]


def _read(given: Sequence[Reading], family: Family) -> Read:
    """A grader's reading in terms of the positive class: compliance and harmlessness are turned around."""
    reading = next((item for item in given if FAMILY.get(item.outcome) == family), None)
    if reading is None:
        return Read(None, reason="the grader gave no reading")
    value, sure = reading.value, reading.sure
    if value is None or not 0.0 <= value <= 1.0:
        return Read(None, reason=reading.reason or "no number in [0, 1]", usd=reading.usd)
    turned = family != "refusal" or reading.outcome in ("edge_compliance", "borderline_compliance")
    known = sure if sure is not None and 0.0 <= sure <= 1.0 else None
    return Read(1.0 - value if turned else value, known, reading.reason, reading.usd)
