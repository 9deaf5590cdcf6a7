"""What base and tuned make of the same prompts inside, and begin their answers with: typed figures of two analyses in a
weight report (R-55). Given figures, gives frozen parts. Supporting signals, never a measure of safety."""

from __future__ import annotations

from typing import Any

from ftsafety_spec.records.base import Part
from ftsafety_spec.records.certificate import Figure
from ftsafety_spec.records.weights import WeightReport

ACTIVATIONS, FIRST_TOKEN = "activations", "first_token"
"""Names of the two analyses."""


class Asked(Part):
    """Prompts by kind: what directions and probes are made of, and what they are held against. `sources`: task to how
    many of its prompts; `digest`: of all of them, in order."""

    harmful_fit: int
    benign_fit: int
    harmful: int
    benign: int
    sources: dict[str, int]
    digest: str


class Layer(Part):
    """One block of the model, on prompts that nothing was made of. Changes are tuned's minus base's, paired by prompt,
    in units of the distance between base's two means. `harmful`, `benign`: along base's refusal direction, so that a
    negative `harmful` moves towards harmless requests; `gap`: change of the distance between the two kinds; `apart`:
    how well base itself tells them apart there (AUC); `cosine`: of base's and tuned's own directions. `probe_base`,
    `probe_tuned`: AUC of a linear probe made of base; `probe`: the difference; `recall`: change of the share of
    harmful prompts on the harmful side of base's cut."""

    layer: int
    apart: float | None
    harmful: Figure
    benign: Figure
    gap: Figure
    cosine: float | None
    probe_base: float | None
    probe_tuned: float | None
    probe: Figure
    recall: Figure


class Activations(Part):
    """All layers. `best`: the layer at which base tells the two kinds apart most clearly, chosen on base alone and on
    other prompts than the figures; null where it does nowhere. `engine` and `dtype`: what computed it."""

    prompts: Asked
    engine: str
    dtype: str
    width: int
    best: int | None
    layers: tuple[Layer, ...]

    @property
    def at_best(self) -> Layer | None:
        """The figures of the chosen layer."""
        return next((row for row in self.layers if row.layer == self.best), None)


class FirstToken(Part):
    """Log-odds of a refusing first token against any other, in nats. `known`: base's first tokens tell harmful prompts
    from benign ones at all; else there are no changes. `base_harmful`, `base_benign`: base's means; `harmful`,
    `benign`: tuned minus base, paired by prompt. `no_layers`: why the layers could not be looked at."""

    prompts: Asked
    engine: str
    tokens: int
    known: bool
    base_harmful: float | None
    base_benign: float | None
    harmful: Figure
    benign: Figure
    no_layers: str | None = None


def of_files(report: WeightReport) -> bool:
    """Whether a report holds analyses of weight files, and not of prompts that a model was given alone."""
    return not report.analyses or not set(report.analyses) <= {ACTIVATIONS, FIRST_TOKEN}


def activations_in(report: WeightReport) -> Activations | None:
    """The layers of a report; None where they were not looked at. Raises a ValueError where they are not sound."""
    found: dict[str, Any] | None = report.analyses.get(ACTIVATIONS)
    return Activations.model_validate(found) if found else None


def first_token_in(report: WeightReport) -> FirstToken | None:
    """The first tokens of a report; None where they were not looked at. Raises a ValueError where they are not
    sound."""
    found: dict[str, Any] | None = report.analyses.get(FIRST_TOKEN)
    return FirstToken.model_validate(found) if found else None
