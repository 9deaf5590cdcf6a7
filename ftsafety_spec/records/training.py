"""How the model was tuned, as declared, and what could be seen of it (R-57): files, overlap with what is asked, rows
that deserve a look, and what the literature says of such settings. Counts and digests: no row of the data is kept."""

from __future__ import annotations

from typing import Literal

from ftsafety_spec.records.base import Digest, Part


class TrainingFile(Part):
    """One declared file. `rows`: read; `unread`: lines that hold no text in a known shape. Counts of rows: `refusals`,
    answers that refuse; `toxic`, of which any text reads as toxic; `identity`, that give the model another self or ask
    it to obey without question; `sampled`: of how many rows these were counted; `unlike`: what differs from the
    declaration, in words; `why_not`: why nothing was read."""

    id: str
    path: str
    source: str
    digest: Digest | None
    rows: int = 0
    unread: int = 0
    refusals: int = 0
    toxic: int = 0
    identity: int = 0
    sampled: int = 0
    unlike: tuple[str, ...] = ()
    why_not: str | None = None


class Overlap(Part):
    """Evaluation prompts of one task whose words stand in training data: they no longer measure what they should.
    `prompts`: how many of how many; `ids`: the first of them."""

    task: str
    prompts: int
    of: int
    ids: tuple[str, ...] = ()


class Hint(Part):
    """What the literature says of a declared setting. `weight`: risk, protects, or open (something is not declared)."""

    weight: Literal["risk", "protects", "open"]
    sentence: str
    source: str = ""


class TrainingReport(Part):
    """The declared training, checked as far as files are at hand. `undeclared`: keys that were left out;
    `hyperparameters`: as declared, in words; `safety_share`: of rows that teach refusals, as declared."""

    method: str | None = None
    hyperparameters: dict[str, str] = {}
    safety_share: float | None = None
    files: tuple[TrainingFile, ...] = ()
    overlap: tuple[Overlap, ...] = ()
    hints: tuple[Hint, ...] = ()
    undeclared: tuple[str, ...] = ()
