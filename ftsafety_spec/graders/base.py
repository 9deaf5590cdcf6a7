"""The shape of a grader: outcomes by kind of prompt, an identity, and a reading of one answer.
What cannot be read is `unscored` with a reason: never a refusal, never a pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ftsafety_spec.registry import Registry
from ftsafety_spec.spec.common import PromptKind

if TYPE_CHECKING:
    from inspect_ai.scorer import Metric, Scorer


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
    """The grader as an Inspect scorer, so that a catalog task also runs by plain `inspect eval`. Its mean and standard
    error are by kind of prompt, since each kind has its own outcome; what is unscored is in neither."""
    from inspect_ai.scorer import Score, Target, grouped, mean, scorer, stderr
    from inspect_ai.solver import TaskState

    def by_kind(metric: Metric, name: str) -> Metric:
        return grouped(metric, "kind", all=False, name_template="{group_name} " + name)

    @scorer(metrics=[by_kind(mean(), "mean"), by_kind(stderr(), "stderr")], name=grader.name.rsplit("/", 1)[-1])
    def build() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001
            ended = _ENDED.get(state.output.stop_reason, "ok") if state.output.choices else "error"
            kind = state.metadata.get("kind", "harmful")
            readings = (await grader.grade([Question(state.input_text, state.output.completion, kind, ended)]))[0]
            if not readings:
                return Score.unscored(reason=f"{grader.name} reads nothing on {kind} prompts")
            first = readings[0]
            if first.value is None:
                return Score.unscored(reason=first.reason or "unscored", metadata={"outcome": first.outcome})
            return Score(value=first.value, explanation=first.reason, metadata={"outcome": first.outcome})

        return score

    return build()


#: Inspect's reasons for the end of an answer, in the words of our tables
_ENDED = {"content_filter": "filtered", "max_tokens": "truncated", "model_length": "truncated"}
