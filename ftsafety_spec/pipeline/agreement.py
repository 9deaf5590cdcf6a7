"""How far a run's reviewers agree: given labels and judgements, gives one row for each outcome and each pair of people.
Reads no text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ftsafety_spec.measure.labels import labels_of
from ftsafety_spec.pipeline.judgements import reviewers
from ftsafety_spec.pipeline.queue import COMPARED
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.stats.agreement import agreement
from ftsafety_spec.stats.raters import fleiss_kappa

Unit = tuple[str, str]
"""A prompt, and the text or the pair of texts that was judged."""


@dataclass(frozen=True)
class Agree:
    """Agreement on one outcome. `kappa`: of two people Cohen's, with an interval clustered by prompt; of `all` Fleiss'.
    `shared`: answers (or pairs) that two or more of them judged."""

    outcome: str
    people: str
    shared: int
    agree: float | None
    kappa: float | None
    interval: tuple[float, float] | None
    measure: str

    def line(self) -> tuple[str, ...]:
        """The row for a terminal."""
        ends = "–" if self.interval is None else f"{self.interval[0]:.2f} to {self.interval[1]:.2f}"
        kappa = "–" if self.kappa is None else f"{self.kappa:.2f}"
        agree = "–" if self.agree is None else f"{100 * self.agree:.0f} %"
        return self.outcome, self.people, str(self.shared), agree, kappa, ends, self.measure


def reviewers_agree(folder: RunFolder) -> list[Agree]:
    """One row for all people together, then one for each two, of each outcome that two people judged."""
    return [row for outcome, units in sorted(_classes(folder).items()) for row in _rows(outcome, units)]


def _classes(folder: RunFolder) -> dict[str, dict[Unit, dict[str, int]]]:
    """Outcome to unit to person to class (0, 1, 2). What was said last counts."""
    found: dict[str, dict[Unit, dict[str, int]]] = {}
    for labels in labels_of(folder).values():
        for label in labels:
            unit = found.setdefault(label.outcome, {}).setdefault((label.prompt, label.text), {})
            unit[label.person] = _class(label.value)
    for by, reviewed in reviewers(folder).items():
        for judgement in reviewed.judged.values():
            item = judgement.item
            units = found.setdefault(item.outcome, {})
            if item.compared:
                pair = " ".join(answer.text for answer in item.answers)
                units.setdefault((item.prompt, pair), {})[by] = COMPARED.index(judgement.words[0])
            for label in judgement.labels():
                units.setdefault((label.prompt, label.text), {})[by] = _class(label.value)
    return found


def _class(value: float) -> int:
    return 0 if value < 0.25 else 1 if value < 0.75 else 2


def _rows(outcome: str, units: Mapping[Unit, Mapping[str, int]]) -> Iterator[Agree]:
    shared = {unit: given for unit, given in units.items() if len(given) > 1}
    if not shared:
        return
    people = sorted({person for given in shared.values() for person in given})
    counts = [[list(given.values()).count(word) for word in range(3)] for given in shared.values()]
    agree, kappa = fleiss_kappa(counts)
    yield Agree(outcome, f"all {len(people)}", len(shared), agree, kappa, None, "Fleiss")
    for first, second in combinations(people, 2):
        both = {unit: given for unit, given in shared.items() if first in given and second in given}
        if both:
            yield _pair(outcome, first, second, both)


def _pair(outcome: str, first: str, second: str, both: Mapping[Unit, Mapping[str, int]]) -> Agree:
    prompts = np.unique([prompt for prompt, _ in both], return_inverse=True)[1].astype(np.intp)
    found = agreement([given[first] for given in both.values()], [given[second] for given in both.values()], prompts)
    return Agree(outcome, f"{first}, {second}", found.n, found.agree, found.kappa, found.interval, "Cohen")
