"""What a suite file may say: tasks, their prompts and the graders that read the answers.
Given a composed `specs/suites/NAME.yaml`, gives a frozen `Suite`. Never loads a prompt."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field, model_validator

from ftsafety_spec.spec.common import AREAS, Id, Model, Name, PromptKind, Safer, Text


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


class GraderChoice(Model):
    """Which grader decides an outcome, and which one checks it."""

    primary: Name
    second: Name | None = None


class Task(Model):
    """One task of a suite: exactly one of `benchmark`, `prompts`, `probe` or `task`."""

    benchmark: Name | None = Field(None, description="A benchmark of the catalog, for example ftsafety/harmbench")
    prompts: str | None = Field(None, description="Own prompts: a JSONL or CSV file, relative to the project")
    probe: Name | None = Field(None, description="A red-team probe, for example ftsafety/triggers")
    task: Name | None = Field(None, description="Any installed Inspect task, for example inspect_evals/sycophancy")
    args: dict[str, Any] = Field(default_factory=dict, description="Arguments of the benchmark, probe or task")
    kind: PromptKind | None = Field(None, description="Kind of prompt, where the rows do not say it themselves")
    area: str | None = Field(None, description="Area of harm, where the rows do not say it themselves")
    limit: int | None = Field(None, ge=1, description="At most so many prompts, stratified by area, seeded")
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
