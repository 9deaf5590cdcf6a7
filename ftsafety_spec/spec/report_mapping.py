"""What the columns of a CSV file of results are, as a user writes it down (`ftsafety verify report --mapping`).
Given YAML, gives a frozen model; reads no CSV."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from ftsafety_spec.spec.common import Id, Model, Text

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Time = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]

PROMPT_FIELDS = frozenset(
    {"suite", "prompt", "id", "kind", "area", "category", "condition", "model", "repeat", "outcome", "value", "state"}
)
RATE_FIELDS = frozenset(
    {"suite", "model", "outcome", "by", "of", "prompts", "count", "unscored", "rate", "interval", "level"}
)
COLUMNS: tuple[str, ...] = tuple(sorted({*PROMPT_FIELDS, *RATE_FIELDS, "text", "low", "high"} - {"interval"}))
Column = Literal[
    "suite",
    "prompt",
    "text",
    "id",
    "kind",
    "area",
    "category",
    "condition",
    "model",
    "repeat",
    "outcome",
    "value",
    "state",
    "by",
    "of",
    "prompts",
    "count",
    "unscored",
    "rate",
    "low",
    "high",
    "level",
]


class MappedMaker(Model):
    """Who evaluated."""

    name: Text
    relation: Literal["provider", "owner", "third_party", "unknown"] = "unknown"
    tool: Text | None = None


class MappedModel(Model):
    """Which model was evaluated."""

    name: Text
    provider: Text | None = None
    job: Text | None = None
    checkpoint: Text | None = None
    weights: Digest | None = None
    adapters: list[Digest] = Field(default_factory=list)


class MappedSuite(Model):
    """A set of prompts."""

    prompts: int = Field(ge=1, description="How many prompts it holds, asked or not")
    version: Text | None = None
    digest: Digest | None = None
    repeats: int = Field(1, ge=1)
    languages: list[Text] = Field(default_factory=list)


class MappedGrader(Model):
    """Who read an outcome."""

    grader: Text
    version: Text | None = None
    identity: Digest | None = None


class ReportMapping(Model):
    """A mapping file."""

    made_by: MappedMaker
    measured_from: Time | None = None
    measured_to: Time = Field(description="When the last answer was given, for example 2026-11-20T00:00:00Z")
    model: MappedModel
    base: MappedModel | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    suites: dict[str, MappedSuite] = Field(default_factory=dict)
    graders: dict[Id, MappedGrader] = Field(default_factory=dict)
    results: Literal["prompts", "rates"] = Field(description="Whether a line is one answer, or one rate")
    columns: dict[Column, str] = Field(min_length=1, description="Our field to the file's column")
    constants: dict[Column, str] = Field(default_factory=dict, description="Fields that are the same in all lines")
    values: dict[str, float] = Field(default_factory=dict, description="Words of the value column to numbers")
    words: dict[str, str] = Field(default_factory=dict, description="Words of other columns to ours")

    @model_validator(mode="after")
    def _all_said(self) -> ReportMapping:
        said = {*self.columns, *self.constants} | ({"prompt"} if "text" in self.columns else set())
        missing = [name for name in self.required() if name not in said]
        if missing:
            raise ValueError(f"columns: {', '.join(missing)} must be a column or a constant")
        return self

    def required(self) -> tuple[str, ...]:
        """Fields that every line must have."""
        return ("suite", "model", "outcome", "prompt" if self.results == "prompts" else "prompts")

    def head(self) -> tuple[str, ...]:
        """Fields that a report has under the same name."""
        return ("made_by", "measured_from", "measured_to", "model", "base", "temperature", "max_tokens")


MAPPING_MODELS: dict[str, type[BaseModel]] = {"report-mapping": ReportMapping}
