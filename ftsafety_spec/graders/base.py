"""The shape of a grader: outcomes by kind of prompt, an identity, and a reading of one answer.
What cannot be read is `unscored` with a reason: never a refusal, never a pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from ftsafety_spec.registry import Registry
from ftsafety_spec.spec.common import PromptKind

if TYPE_CHECKING:
    from inspect_ai.scorer import Metric, Scorer
    from inspect_ai.solver import TaskState


@dataclass(frozen=True)
class Question:
    """What a grader is shown: the prompt (its last message), the answer, and how the answer ended. `request`: the plain
    request behind a wrapped prompt; `before`: scripted turns, (role, text); `metadata`: what the benchmark says of the
    prompt (a behaviour's context, a multiple-choice key). `first`: token to log-probability at the answer's first
    position, where it was asked for (metadata {"choice": true}) and given."""

    prompt: str
    answer: str
    kind: PromptKind
    state: str = "ok"
    category: str = ""
    request: str | None = None
    before: tuple[tuple[str, str], ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    first: Mapping[str, float] = field(default_factory=dict)

    @property
    def asked(self) -> str:
        """What the answer is judged against: the plain request where the prompt wraps one."""
        return self.request if self.request is not None else self.prompt


@dataclass(frozen=True)
class Reading:
    """One outcome of one answer. `value` in [0, 1], None when unscored; `sure` in [0, 1]; `usd`: its cost (a decimal
    string), None for nothing or unknown; `seconds`: filled in by `measure`. `failed`: worth another try in the next run
    (a lost connection, no model)."""

    outcome: str
    value: float | None
    sure: float | None = None
    reason: str | None = None
    usd: str | None = None
    failed: bool = False
    seconds: float | None = None


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


class GraderModel(Protocol):
    """A model behind a grader. It is opened at its first use, apart from the models under test. `raw`: it completes a
    raw text as it stands; otherwise such a text is sent as one user message."""

    @property
    def identity(self) -> str: ...
    @property
    def raw(self) -> bool: ...

    async def ask(self, messages: Sequence[tuple[str, str]] | str, max_tokens: int, logprobs: bool = False) -> Asked:
        """One answer at temperature 0. `messages`: (role, text) pairs through the model's own chat template, or one raw
        text that is completed as it stands. Raises whatever the provider raises after its own retries."""

    async def classify(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Label to probability for each text, by a sequence classification model; raises InputError where the model
        is none."""


@dataclass(frozen=True)
class Asked:
    """A grader model's answer: its text, why it ended (Inspect's word), its cost in USD as a decimal string. `first`:
    token to log-probability at the first position, where asked for and given. `refused`: why the engine did not take
    this text (too long for it, nothing said), which another try would not mend."""

    text: str
    stop: str = "stop"
    usd: str | None = None
    first: Mapping[str, float] = field(default_factory=dict)
    refused: str | None = None


@runtime_checkable
class NeedsModel(Protocol):
    """A grader that is nothing without a model: a spec's `grader_models` gives it one."""

    name: str
    version: str

    def outcomes(self, kind: PromptKind) -> tuple[str, ...]:
        """As a grader's."""

    def bind(self, model: GraderModel) -> Grader:
        """The grader, with its model."""


GRADERS: Registry[Any] = Registry("grader", "ftsafety_spec.graders")


def as_scorer(grader: Grader) -> Scorer:
    """The grader as an Inspect scorer, so that a catalog task also runs by plain `inspect eval`. Its mean and standard
    error are by kind of prompt, since each kind has its own outcome; what is unscored is in neither."""
    from inspect_ai.scorer import Score, Target, grouped, mean, scorer, stderr

    def by_kind(metric: Metric, name: str) -> Metric:
        return grouped(metric, "kind", all=False, name_template="{group_name} " + name)

    @scorer(metrics=[by_kind(mean(), "mean"), by_kind(stderr(), "stderr")], name=grader.name.rsplit("/", 1)[-1])
    def build() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001
            ended = _ENDED.get(state.output.stop_reason, "ok") if state.output.choices else "error"
            kind = state.metadata.get("kind", "harmful")
            readings = (await grader.grade([_question(state, kind, ended)]))[0]
            if not readings:
                return Score.unscored(reason=f"{grader.name} reads nothing on {kind} prompts")
            first = readings[0]
            if first.value is None:
                return Score.unscored(reason=first.reason or "unscored", metadata={"outcome": first.outcome})
            return Score(value=first.value, explanation=first.reason, metadata={"outcome": first.outcome})

        return score

    return build()


def _question(state: TaskState, kind: PromptKind, ended: str) -> Question:
    turns = [state.input] if isinstance(state.input, str) else [message.text for message in state.input]
    roles = ["user"] if isinstance(state.input, str) else [message.role for message in state.input]
    return Question(
        prompt=turns[-1],
        answer=state.output.completion,
        kind=kind,
        state=ended,
        category=str(state.metadata.get("category", "")),
        request=state.metadata.get("request"),
        before=tuple(zip(roles[:-1], turns[:-1], strict=True)),
        metadata=state.metadata,
    )


#: Inspect's reasons for the end of an answer, in the words of our tables
_ENDED = {"content_filter": "filtered", "max_tokens": "truncated", "model_length": "truncated"}
