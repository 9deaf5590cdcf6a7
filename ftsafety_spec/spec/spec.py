"""What a spec may say: models, deployment, risk context, suites, budget, waivers.
Given the composed mapping, gives a frozen `Spec` whose parts agree. A spec names its policy, never contains one."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field, model_validator

from ftsafety_spec.errors import suggest
from ftsafety_spec.spec.common import AdapterSource, Context, Id, Model, Name, Text
from ftsafety_spec.spec.red_team import Domain, RedTeam
from ftsafety_spec.spec.suite import Suite


class ModelEntry(Model):
    """One model: where it is, or of which other model it is made."""

    of: Id | None = Field(None, description="The model that this one is made of, by its adapters")
    provider: Name | None = Field(None, description="A provider file's name, for example local or openai")
    path: str | None = Field(None, description="Weights: a folder of safetensors or a GGUF file")
    model: str | None = Field(None, min_length=1, description="A provider's model id; a snapshot, not an alias")
    job: str | None = Field(None, min_length=1, description="A provider's fine-tuning job")
    checkpoint: str | int | None = Field(None, description="Which checkpoint of the job: last, or a step")
    deployment: str | None = Field(None, min_length=1, description="Azure OpenAI: under which name it is deployed")
    answers: str | None = Field(None, description="provider recorded: JSONL of recorded answers")
    adapters: dict[Id, float] = Field(default_factory=dict, description="Adapter to scale, in order")
    deploy: bool = Field(False, description="This is what is to be deployed: it gets a verdict")
    trust_remote_code: bool = Field(False, description="Allow code that the model's repository brings (dangerous)")

    @model_validator(mode="after")
    def _place(self) -> ModelEntry:
        places = [name for name in ("path", "model", "job", "answers") if getattr(self, name) is not None]
        if self.of is None:
            if self.provider is None:
                raise ValueError("a model needs a provider, or `of:` another model")
            if len(places) != 1:
                raise ValueError(
                    f"a model names exactly one of path, model, job, answers; found {' and '.join(places) or 'none'}"
                )
        elif places or self.provider is not None:
            raise ValueError("a model that is `of:` another one has no provider, path, model, job or answers")
        elif not self.adapters:
            raise ValueError("a model that is `of:` another one needs adapters")
        if self.checkpoint is not None and self.job is None:
            raise ValueError("checkpoint goes with job")
        if self.deployment is not None and self.job is None and self.model is None:
            raise ValueError("deployment goes with model or job")
        return self


class GraderModelEntry(Model):
    """A model behind graders. It is opened after the models under test are closed, and asked at temperature 0."""

    serves: list[Name] = Field(min_length=1, description="Graders that it is the model of, such as ftsafety/wildguard")
    provider: Name = Field(description="A provider file's name, for example llamacpp, local or openai")
    path: str | None = Field(None, description="Weights: a folder of safetensors or a GGUF file")
    model: str | None = Field(None, min_length=1, description="A provider's model id; a snapshot, not an alias")
    may_grade_itself: bool = Field(False, description="Allow that it is one of the models under test")
    max_tokens: int | None = Field(
        None, ge=1, le=100_000, description="Tokens that a verdict may take, for a judge that thinks before it answers"
    )
    trust_remote_code: bool = Field(False, description="Allow code that the model's repository brings (dangerous)")

    @model_validator(mode="after")
    def _place(self) -> GraderModelEntry:
        places = [name for name in ("path", "model") if getattr(self, name) is not None]
        if len(places) != 1:
            raise ValueError(
                f"a grader's model names exactly one of path, model; found {' and '.join(places) or 'none'}"
            )
        return self

    def entry(self) -> ModelEntry:
        """The same model as providers take it."""
        return ModelEntry(
            provider=self.provider, path=self.path, model=self.model, trust_remote_code=self.trust_remote_code
        )


class AdapterEntry(Model):
    """One adapter: where it is and where it came from."""

    path: str = Field(description="A PEFT folder (safetensors) or a GGUF adapter file")
    source: AdapterSource = Field("unknown", description="Where it came from; unknown counts as community")
    url: str | None = Field(None, max_length=500)
    made_for: str | None = Field(
        None, max_length=300, description="What the adapter calls its base, where that is this base under another name"
    )


class Generation(Model):
    """How answers are drawn; the same for base and tuned."""

    temperature: float = Field(0.0, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    max_tokens: int = Field(256, ge=1, le=100_000)


class Deployment(Model):
    """The model is evaluated as it will be served."""

    system_prompt: str | None = Field(None, description="A text file, relative to the project")
    generation: Generation = Generation()


class Risk(Model):
    """The risk context; a factor left out counts at its highest level."""

    exposure: Literal["public", "partner", "internal"] | None = None
    population: Literal["vulnerable", "general", "expert"] | None = None
    autonomy: Literal["acts", "text"] | None = None
    scale: Literal["high", "limited"] | None = None
    tuning_data: Literal["untrusted", "external", "curated"] | None = None


class TrainingData(Model):
    """One file of training data, as declared. `rows` and `digest` (`sha256:…` of the file) are held against the file
    where it is at hand."""

    path: str
    source: AdapterSource = "unknown"
    rows: int | None = Field(None, ge=0)
    digest: str | None = Field(None, pattern=r"^sha256:[0-9a-f]{64}$")


class Training(Model):
    """How the model was tuned, as declared. `safety_share`: of training rows that teach refusals, 0 to 1."""

    method: str | None = Field(None, max_length=200)
    safety_share: float | None = Field(None, ge=0, le=1)
    data: dict[Id, TrainingData] = Field(default_factory=dict)
    hyperparameters: dict[str, Any] = Field(default_factory=dict)


class Budget(Model):
    """Where the run stops itself, keeping what it has."""

    hours: float | None = Field(None, gt=0, le=10_000)
    usd: float | None = Field(None, ge=0, le=10_000_000)
    machine_usd_per_hour: float = Field(0.0, ge=0, le=100_000, description="What this machine costs an hour")


class Waiver(Model):
    """A request to set a rule aside; it counts once a role that the policy names has approved it."""

    reason: Text
    owner: Text
    expires: date


class Spec(Model):
    """One model's evaluation, composed."""

    title: Text
    owner: Text
    policy: Name = Field(description="A policy's name; a spec never contains a policy")
    context: Context | None = Field(None, description="Left out: adapter, open_weight or api by the models")
    models: dict[Id, ModelEntry] = Field(min_length=1)
    adapters: dict[Id, AdapterEntry] = Field(default_factory=dict)
    grader_models: dict[Id, GraderModelEntry] = Field(default_factory=dict)
    deployment: Deployment = Deployment()
    risk: Risk = Risk()
    training: Training = Training()
    domain: Domain | None = Field(None, description="What the model was tuned for (R-25, R-33)")
    red_team: RedTeam = Field(RedTeam(), description="Automated red team, base and tuned side by side (R-25 to R-28)")
    suites: dict[Id, Suite] = Field(min_length=1)
    repeats: int = Field(1, ge=1, le=100, description="Answers to each prompt")
    seed: int = Field(0, ge=0, le=2**31 - 1)
    budget: Budget = Budget()
    batch: bool = Field(False, description="Ask by the provider's batch API: half the price, an answer within a day")
    waivers: dict[Id, Waiver] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _agrees(self) -> Spec:
        data = self.domain.training_data if self.domain is not None else None
        if data is not None and data not in self.training.data:
            raise ValueError(
                f"domain.training_data: no such training data: {data!r}. {suggest(data, self.training.data)}"
            )
        if self.domain is None and self.red_team.domain is not None:
            raise ValueError("red_team.domain needs `domain:`, which says what the model was tuned for")
        return self
