"""Fine-tunes of one base, side by side (R-54): figures and digests, no texts, so that a file of it can be handed on.
Pure records; `pipeline.cohort` fills them."""

from __future__ import annotations

from typing import ClassVar, Literal

from ftsafety_spec.records.base import Digest, Moment, Part, Record
from ftsafety_spec.records.comparison import Moments
from ftsafety_spec.spec.common import Action, Safer


class Ground(Part):
    """What members of a cohort have in common: the same base, asked the same prompts in the same way, read by the same
    graders. `base`, `prompts`: label (or "suite.task") to digest, labels being for people; `asked`: base's generation
    keys (identity, settings, engine, seed); `graders`: outcome to the identities of its primary graders."""

    base: dict[str, Digest]
    prompts: dict[str, Digest]
    asked: tuple[Digest, ...]
    graders: dict[str, tuple[Digest, ...]]
    repeats: int

    def parts(self) -> dict[str, object]:
        """What must be equal, by name; labels are not."""
        return {
            "base model": sorted(self.base.values()),
            "prompts": sorted(self.prompts.values()),
            "settings or engine": sorted(self.asked),
            "graders": {outcome: sorted(found) for outcome, found in self.graders.items()},
            "repeats": self.repeats,
        }


class CohortCell(Part):
    """One outcome of one member: the six moments over prompts, over all of them or one area."""

    outcome: str
    safer: Safer
    by: Literal["all", "area"]
    of: str
    moments: Moments


class Member(Part):
    """One fine-tune. `id`: digest of the comparison and the variant; `title`, `tuned`: null where they were left out of
    a summary on purpose; `shared`: it came out of a summary that somebody handed on: a report, not a measurement."""

    id: Digest
    title: str | None
    tuned: str | None
    action: Action | None = None
    measured_to: Moment | None = None
    cells: tuple[CohortCell, ...]
    shared: bool = False


class Cohort(Record):
    """Fine-tunes that may be compared with each other."""

    KIND: ClassVar[str] = "cohort"

    ground: Ground
    members: tuple[Member, ...]
