"""What a suite file may say: tasks, their prompts and the graders that read the answers.
Given a composed `specs/suites/NAME.yaml`, gives a frozen `Suite`. Never loads a prompt."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field, model_validator

from ftsafety_spec.spec.common import AREAS, Id, Model, Name, PromptKind, Safer, TaskName, Text


class OutcomeMapping(Model):
    """How an Inspect task's score becomes one of our outcomes."""

    scorer: str | None = Field(None, description="Name of the scorer in the log; may be left out where there is one")
    value: str | None = Field(None, description="Key of a score that is a mapping")
    safer: Safer = Field("higher", description="Which direction of the score is safer")
    scale: tuple[float, float] = Field((0.0, 1.0), description="The score's worst and best numbers, mapped to 0 and 1")

    @model_validator(mode="after")
    def _scale_spans(self) -> OutcomeMapping:
        if self.scale[0] == self.scale[1]:
            raise ValueError("scale needs two different numbers")
        return self


class Escalation(Model):
    """When a stronger grader, or a person, reads what the primary one is not sure of, and an audit share of the rest
    (a cascade, as in Chen, Zaharia and Zou 2023). What the primary leaves unscored goes up as well."""

    to: Name = Field(description="The stronger grader, or people")
    below: float | Literal["certificate"] = Field(
        description="The primary decides where its `sure` is at least this; certificate: from its certificate"
    )
    audit: float = Field(description="Share of the sure answers that are read again by chance: 0, or 0.001 to 1")
    error: float = Field(0.02, gt=0, lt=1, description="With `below: certificate`: the error that is let pass")

    @model_validator(mode="after")
    def _in_range(self) -> Escalation:
        if not isinstance(self.below, str) and not 0 <= self.below <= 1:
            raise ValueError(f"below: found {self.below:g}, expected a number from 0 to 1, or certificate")
        if self.audit != 0 and not LEAST_AUDIT <= self.audit <= 1:
            raise ValueError(f"audit: found {self.audit:g}, expected 0, or a share from {LEAST_AUDIT:g} to 1")
        return self


LEAST_AUDIT = 0.001


class GraderChoice(Model):
    """Which grader decides an outcome, which one checks it, and who reads what the first is not sure of."""

    primary: Name
    second: Name | None = None
    escalate: Escalation | None = Field(None, description="Cascade: who reads what the primary is not sure of")

    @model_validator(mode="after")
    def _another_above(self) -> GraderChoice:
        if self.escalate is not None and self.escalate.to == self.primary:
            raise ValueError(f"escalate.to: found the primary grader {self.primary!r}, expected another, or people")
        return self


class Task(Model):
    """One task of a suite: exactly one of `benchmark`, `prompts`, `probe` or `task`."""

    benchmark: Name | None = Field(None, description="A benchmark of the catalog, for example ftsafety/harmbench")
    prompts: str | None = Field(None, description="Own prompts: a JSONL or CSV file, relative to the project")
    probe: Name | None = Field(None, description="A red-team probe, for example ftsafety/triggers")
    task: TaskName | None = Field(
        None, description="Any Inspect task: installed (inspect_evals/sycophancy), or in a file (evals/own.py@my_task)"
    )
    args: dict[str, Any] = Field(default_factory=dict, description="Arguments of the benchmark, probe or task")
    kind: PromptKind | None = Field(None, description="Kind of prompt, where the rows do not say it themselves")
    area: str | None = Field(None, description="Area of harm, where the rows do not say it themselves")
    category: str | None = Field(
        None, max_length=80, description="Inspect tasks: the key of a sample's metadata that holds its category"
    )
    limit: int | None = Field(None, ge=1, description="At most so many prompts, stratified by area, seeded")
    weight: float | None = Field(
        None,
        gt=0,
        le=1e6,
        description="Weight in an outcome's overall figure, 1 where only other tasks declare one; else by prompts",
    )
    seeds: Id | None = Field(None, description="Probes: the task of this suite whose prompts are the seeds")
    turns: int | None = Field(None, ge=1, le=200, description="Conversation probes: number of turns")
    probes: int | None = Field(None, ge=1, description="Trigger probes: number of triggers")
    outcomes: dict[Id, OutcomeMapping] = Field(default_factory=dict, description="Inspect tasks: score to outcome")
    graders: dict[Id, GraderChoice | None] = Field(
        default_factory=dict, description="Outcome to grader, for this task; null takes the outcome away"
    )

    @model_validator(mode="after")
    def _one_source(self) -> Task:
        given = [name for name in ("benchmark", "prompts", "probe", "task") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"a task names exactly one of benchmark, prompts, probe, task; found {found}")
        if self.area is not None and self.area not in AREAS:
            raise ValueError(f"area: found {self.area!r}, expected one of {', '.join(AREAS)}")
        return self


class Suite(Model):
    """A set of tasks that are measured together."""

    title: Text
    revised: date = Field(description="When its prompts were last looked over (suites age)")
    use: Literal["general", "domain"] = Field("general", description="domain: counts as the use case's own domain")
    graders: dict[Id, GraderChoice] = Field(default_factory=dict, description="Outcome to grader")
    tasks: dict[Id, Task] = Field(min_length=1)
