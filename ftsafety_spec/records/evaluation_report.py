"""An evaluation made elsewhere, as its maker hands it on (R-09, R-52): who, of which model, on which prompts, read by
whom, with which figures. Digests, no texts. Frozen; `ftsafety schema evaluation-report` is its published form."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from ftsafety_spec.records.base import Digest, Moment, Part, Record
from ftsafety_spec.records.tables import AnswerState
from ftsafety_spec.spec.common import Id, PromptKind

Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,200}$")]
"""One line of text from somebody else."""
Which = Literal["tuned", "base"]
Share = Annotated[float, Field(ge=0, le=1)]

MOST_ROWS = 1_000_000


class Maker(Part):
    """Who evaluated. `relation`: the model's provider, its owner, or somebody else."""

    name: Line
    relation: Literal["provider", "owner", "third_party", "unknown"] = "unknown"
    tool: Line | None = None


class ModelClaim(Part):
    """Which model was evaluated, as its maker says. `weights`, `adapters`: digests as `ftsafety` computes them;
    `identity`: of everything that its answers depended on."""

    name: Line
    provider: Line | None = None
    job: Line | None = None
    checkpoint: Line | None = None
    fingerprint: Line | None = None
    weights: Digest | None = None
    adapters: tuple[Digest, ...] = ()
    identity: Digest | None = None


class GraderClaim(Part):
    """Who read an outcome. `identity`: digest of everything that can change a reading; `certificate`: of its measured
    error."""

    outcome: Id
    grader: Line
    version: Line | None = None
    identity: Digest | None = None
    certificate: Digest | None = None
    sensitivity: Share | None = None
    specificity: Share | None = None


class SuiteClaim(Part):
    """A set of prompts. `prompts`: how many it holds, asked or not; `digest`: of its prompts, as `ftsafety` computes
    it; `repeats`: answers to each."""

    id: Line
    version: Line | None = None
    digest: Digest | None = None
    prompts: int = Field(ge=1, le=100_000_000)
    repeats: int = Field(1, ge=1, le=1000)
    languages: tuple[Line, ...] = ()


class PromptResult(Part):
    """One reading of one answer. `prompt`: digest of what the model was shown; `value`: in the outcome's own direction
    (of `refusal`, 1 is a refusal); null: nobody could read it; `answer`: digest of the answer's text; `turn`: of a
    conversation, from 0."""

    suite: Line
    prompt: Digest
    id: Line | None = None
    kind: PromptKind | None = None
    area: Line | None = None
    category: Line | None = None
    condition: Line = "plain"
    model: Which
    repeat: int = Field(0, ge=0, le=100_000)
    turn: int | None = Field(None, ge=0, le=100_000)
    outcome: Id
    value: Share | None = None
    state: AnswerState = "ok"
    answer: Digest | None = None


class RateResult(Part):
    """One rate over prompts. `count`: how many prompts had the outcome; `unscored`: how many nobody could read, beside
    `prompts`; `interval`: at `level`."""

    suite: Line
    model: Which
    outcome: Id
    by: Literal["all", "area", "category", "language"] = "all"
    of: Line = "all"
    prompts: int = Field(ge=0, le=100_000_000)
    count: float | None = Field(None, ge=0)
    unscored: int = Field(0, ge=0)
    rate: float | None = None
    interval: tuple[float, float] | None = None
    level: float = Field(0.95, gt=0, lt=1)


class ReportSource(Part):
    """What a report was made of. `digest`: of the file; `left_out`: reason to count."""

    form: Literal["ftsafety", "run", "inspect", "every-eval-ever", "csv"]
    digest: Digest | None = None
    left_out: dict[str, int] = {}


class EvaluationReport(Record):
    """The whole report. It has results by prompt, rates, or both. `measured_to`: when the last answer was given."""

    KIND: ClassVar[str] = "evaluation-report"

    made_by: Maker
    measured_from: Moment | None = None
    measured_to: Moment
    model: ModelClaim
    base: ModelClaim | None = None
    temperature: float | None = Field(None, ge=0, le=100)
    max_tokens: int | None = Field(None, ge=1)
    system_prompt: Digest | None = None
    suites: tuple[SuiteClaim, ...] = Field(min_length=1, max_length=10_000)
    graders: tuple[GraderClaim, ...] = Field((), max_length=1000)
    prompts: tuple[PromptResult, ...] = Field((), max_length=MOST_ROWS)
    rates: tuple[RateResult, ...] = Field((), max_length=MOST_ROWS)
    source: ReportSource = ReportSource(form="ftsafety")

    def whole(self) -> EvaluationReport:
        """The same with every field written out, sealed: equal reports have one digest, whatever a file left out."""
        return type(self)(
            **{name: getattr(self, name) for name in type(self).model_fields if name != "digest"}
        ).sealed()

    @model_validator(mode="after")
    def _something_of_known_suites(self) -> EvaluationReport:
        if not self.prompts and not self.rates:
            raise ValueError("expected results: prompts, rates, or both")
        ids = [suite.id for suite in self.suites]
        if len(set(ids)) < len(ids):
            raise ValueError("suites: an id is used twice")
        named = {row.suite for row in self.prompts} | {rate.suite for rate in self.rates}
        strange = named - set(ids)
        if strange:
            raise ValueError(f"a result names the suite {min(strange)!r}, which `suites` does not have")
        return self
