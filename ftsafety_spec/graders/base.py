"""The shape of a grader: outcomes by kind of prompt, an identity, and a reading of one answer.
What cannot be read is `unscored` with a reason: never a refusal, never a pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ftsafety_spec.registry import Registry
from ftsafety_spec.spec.common import PromptKind

if TYPE_CHECKING:
    from inspect_ai.scorer import Scorer


@dataclass(frozen=True)
class Question:
    """What a grader is shown: the prompt, the answer, and how the answer ended."""

    prompt: str
    answer: str
    kind: PromptKind
    state: str = "ok"


@dataclass(frozen=True)
class Reading:
    """One outcome of one answer. `value` in [0, 1], None when unscored; `sure` in [0, 1]."""

    outcome: str
    value: float | None
    sure: float | None = None
    reason: str | None = None


class Grader(Protocol):
    """A grader. `grade` is pure for offline graders; model graders are awaited by `measure` in batches."""

    name: str
    version: str

    def outcomes(self, kind: PromptKind) -> tuple[str, ...]:
        """Which outcomes it reads on a kind of prompt; empty where it has nothing to say."""

    def identity(self) -> str:
        """Digest of everything that can change a reading: rules, prompt, model, version."""

    async def grade(self, questions: Sequence[Question]) -> list[list[Reading]]:
        """Readings for each question, in order; one per outcome of its kind."""


GRADERS: Registry[Grader] = Registry("grader", "ftsafety_spec.graders")


def as_scorer(grader: Grader) -> Scorer:
    """The grader as an Inspect scorer, so that a catalog task also runs by plain `inspect eval`."""
    from inspect_ai.scorer import Score, Target, mean, scorer, stderr
    from inspect_ai.solver import TaskState

    @scorer(metrics=[mean(), stderr()], name=grader.name.rsplit("/", 1)[-1])
    def build() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001
            kind = state.metadata.get("kind", "harmful")
            question = Question(state.input_text, state.output.completion, kind, "ok")
            reading = (await grader.grade([question]))[0][0]
            if reading.value is None:
                return Score.unscored(reason=reading.reason or "unscored")
            return Score(value=reading.value, explanation=reading.reason, metadata={"outcome": reading.outcome})

        return score

    return build()
